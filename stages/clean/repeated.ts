import { createFirsts } from '../../ml/text/firsts.ts';

const NONE: ReadonlySet<number> = new Set();

/**
 * Rows of a collected file whose id comes again further down. Such a file is in the order of time, those without one first, so that
 * what is left of an id is its newest row: the one that the raw store keeps.
 */
export function repeatedBefore(ids: readonly string[]): ReadonlySet<number> {
  const firstOf = createFirsts(ids.length);
  const lastOf = new Map<number, number>();
  let repeated: Set<number> | undefined;
  for (let row = 0; row < ids.length; row++) {
    const first = firstOf(ids[row] as string, row);
    if (first === row) continue;
    repeated ??= new Set();
    repeated.add(lastOf.get(first) ?? first);
    lastOf.set(first, row);
  }
  return repeated ?? NONE;
}
