import { createFirsts } from './firsts.ts';

/**
 * Of reviews with the same id all but the newest, and of those with the same time all but the last: places in the order of the
 * file. It is the newest that the raw store keeps, so that whoever looks at the export keeps it as well. Where no times are given, as for
 * an export, which is in the order of time, it is the last. Without an id a review is one of its own.
 */
export function repeatedOf(ids: readonly string[], instants: readonly (string | null)[] = []): ReadonlySet<number> {
  // Nearly always none is there twice, which the engine's own set finds out soonest.
  if (new Set(ids).size === ids.length) return new Set();
  const firstOf = createFirsts(ids.length);
  const newest = new Map<number, number>();
  const repeated = new Set<number>();
  for (const [place, id] of ids.entries()) {
    const first = id === '' ? place : firstOf(id, place);
    if (first === place) continue;
    const before = newest.get(first) ?? first;
    const isLater = (instants[place] ?? '') >= (instants[before] ?? '');
    repeated.add(isLater ? before : place);
    newest.set(first, isLater ? place : before);
  }
  return repeated;
}
