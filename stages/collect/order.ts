import type { Review } from '../../schema/review.ts';
import { millisecondsOf } from '../dates/instant.ts';

/** More rows than this and their seconds do not fit one number together. */
const ROWS_MAX = 2 ** 20;
/** Below 2^53 / ROWS_MAX, so that second and row together are a whole number that is exact. */
const SECONDS_MAX = 2 ** 33;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byTime = (a: Review, b: Review): number => (a.at === b.at ? compare(a.id, b.id) : compare(a.at ?? '', b.at ?? ''));

/** Second and row in one number: sorted, the rows are in the order of their time. NaN where a time is before 1970 or too far ahead. */
function keysOf(reviews: readonly Review[]): Float64Array {
  const keys = new Float64Array(reviews.length);
  for (let row = 0; row < reviews.length; row++) {
    const at = reviews[row]?.at ?? null;
    const second = at === null ? 0 : millisecondsOf(at) / 1000 + 1;
    keys[row] = Number.isInteger(second) && second >= 0 && second < SECONDS_MAX ? second * ROWS_MAX + row : Number.NaN;
  }
  return keys;
}

/** Reviews by time and id, those without a time first; by numbers, which engines sort several times as quickly as texts. */
export function inOrder(reviews: readonly Review[]): readonly Review[] {
  if (reviews.length > ROWS_MAX) return reviews.toSorted(byTime);
  const keys = keysOf(reviews).sort();
  // NaN sorts to the end.
  if (Number.isNaN(keys.at(-1) ?? 0)) return reviews.toSorted(byTime);
  const sorted = Array.from(keys, (key) => reviews[key % ROWS_MAX] as Review);
  for (let start = 0; start < sorted.length; ) {
    let end = start + 1;
    while (end < sorted.length && sorted[end]?.at === sorted[start]?.at) end++;
    if (end - start > 1) for (const [place, review] of sorted.slice(start, end).sort(byTime).entries()) sorted[start + place] = review;
    start = end;
  }
  return sorted;
}
