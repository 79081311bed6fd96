import type { Judged, Tally } from './tally.ts';
import { tally } from './tally.ts';

/** Days that count as "new": long enough for a few hundred reviews, short enough to be news. */
export const RECENT_DAYS = 30;
const DAY_MS = 86_400_000;

/** The newest days of the data and as many before them. Counted back from the newest review, never from the clock. */
export interface Recent {
  readonly from: string;
  readonly until: string;
  readonly now: Tally;
  /** Null where the data does not reach back that far. */
  readonly before: Tally | null;
  readonly judged: readonly Judged[];
}

export function recent(judged: readonly Judged[]): Recent | null {
  const first = judged[0]?.review.at;
  const until = judged.at(-1)?.review.at;
  if (first === undefined || until === undefined) return null;
  const end = Date.parse(until);
  const since = (days: number): string => new Date(end - days * DAY_MS).toISOString().replace('.000', '');
  const [from, earlier] = [since(RECENT_DAYS), since(2 * RECENT_DAYS)];
  const newest = judged.filter(({ review }) => review.at > from);
  const older = judged.filter(({ review }) => review.at > earlier && review.at <= from);
  return { from: from < first ? first : from, until, now: tally(newest), before: first <= earlier && older.length > 0 ? tally(older) : null, judged: newest };
}
