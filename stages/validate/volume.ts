import type { View } from './view.ts';

/** Something that is not judged row by row: how many of how many fail. */
export interface Finding {
  readonly failed: number;
  readonly of: number;
  /** Rows (from 0) that show it. */
  readonly rows: readonly number[];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length === 0 ? 0 : sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Reviews a day, from the first day to the newest one, days without any included. */
export function daily(days: Int32Array, isCounted: (row: number) => boolean = () => true): { readonly first: number; readonly counts: readonly number[] } {
  let [first, last] = [Infinity, -Infinity];
  for (const day of days) {
    if (day < 0) continue;
    first = Math.min(first, day);
    last = Math.max(last, day);
  }
  if (last < first) return { first: 0, counts: [] };
  const counts = Array.from({ length: last - first + 1 }, () => 0);
  for (let row = 0; row < days.length; row++) {
    const day = days[row] ?? -1;
    if (day >= 0 && isCounted(row)) counts[day - first] = (counts[day - first] ?? 0) + 1;
  }
  return { first, counts };
}

const WEEKS = 8;
const WEEKS_MIN = 4;
/** So few reviews a day say nothing when one day has less. */
const USUAL_MIN = 5;
/** Below this share of the same weekday's median a day is quiet. */
const QUIET_SHARE = 0.25;
const LAST_DAYS = 28;

/** What a weekday usually has: the median of the same weekday in the eight weeks before; undefined where too little is known. */
export function usualOn(counts: readonly number[], index: number): number | undefined {
  const before: number[] = [];
  for (let week = 1; week <= WEEKS && index - 7 * week >= 0; week++) before.push(counts[index - 7 * week] ?? 0);
  return before.length < WEEKS_MIN ? undefined : median(before);
}

/** Of the last four weeks, the days with far fewer reviews than the same weekday had before. The newest day is still filling. */
export function quietDays({ days }: View): Finding {
  const { counts } = daily(days);
  let [failed, of] = [0, 0];
  for (let index = Math.max(0, counts.length - 1 - LAST_DAYS); index < counts.length - 1; index++) {
    const usual = usualOn(counts, index);
    if (usual === undefined || usual < USUAL_MIN) continue;
    of++;
    if ((counts[index] ?? 0) < usual * QUIET_SHARE) failed++;
  }
  return { failed, of, rows: [] };
}

const BOMB_MIN = 10;
const BOMB_TIMES = 3;
/** Standard deviations of a Poisson count, whose variance is its mean: by chance less than once in a hundred million days. */
const BOMB_DEVIATIONS = 6;
const BOMB_HISTORY = 14;

/**
 * Rows of days on which one end of the stars (1 and 2, or 5) came in far beyond what the four weeks before let expect: an
 * organised wave, for or against the app, or an outage that everybody reports at once.
 */
export function reviewBombs({ days, ratings }: View): readonly boolean[] {
  const flagged = ratings.map(() => false);
  const groups = [(rating: number | null) => rating === 1 || rating === 2, (rating: number | null) => rating === 5];
  for (const isOfGroup of groups) {
    const { first, counts } = daily(days, (row) => isOfGroup(ratings[row] ?? null));
    const bombs = new Set<number>();
    for (let index = BOMB_HISTORY; index < counts.length; index++) {
      const usual = Math.max(1, median(counts.slice(Math.max(0, index - LAST_DAYS), index)));
      const count = counts[index] ?? 0;
      if (count >= BOMB_MIN && count > usual * BOMB_TIMES && count > usual + BOMB_DEVIATIONS * Math.sqrt(usual)) bombs.add(first + index);
    }
    if (bombs.size === 0) continue;
    for (const [row, rating] of ratings.entries()) if (isOfGroup(rating) && bombs.has(days[row] ?? -1)) flagged[row] = true;
  }
  return flagged;
}
