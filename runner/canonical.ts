import type { Json } from './model.ts';

/** By code unit, so that two machines agree whatever their locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function number(value: number): string {
  // YAML can write .nan and .inf, JSON cannot; they must not collapse into null.
  return Number.isFinite(value) ? JSON.stringify(value) : `{"$number":"${value}"}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/**
 * One text for one value: keys sorted by code unit, no white space. `1`, `"1"` and `true` differ; `1` and `1.0` are the
 * same number, as in YAML and JSON.
 */
export function canonical(value: Json): string {
  if (typeof value === 'number') return number(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.keys(value).sort(compare);
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join(',')}}`;
}
