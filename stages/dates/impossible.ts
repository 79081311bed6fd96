import { millisecondsOf } from './instant.ts';

/** The day on which Google Play (then Android Market) opened. */
const EARLIEST = Date.parse('2008-10-22T00:00:00Z');
const DAY_MS = 86_400_000;

/** So long a silence near the newest end, and what comes after it is taken for the future. */
const LEAP_DAYS = 366;
/** The newest rows among which such a leap is looked for. */
const NEWEST_SHARE = 0.1;
/** No app is silent for so long: what comes after is no date of a review, however many rows there are. */
const AGE_DAYS = 3653;

/**
 * Dates that cannot be: before Google Play, or after a leap in time at the newest end. There is no clock here, so "the
 * future" is what lies far beyond all other rows: more than a year for the newest tenth of them, ten years for any.
 */
export function impossibleDates(instants: readonly (string | null)[]): readonly boolean[] {
  // NaN where there is no date, which is neither early nor late.
  const milliseconds = new Float64Array(instants.length);
  for (let row = 0; row < instants.length; row++) {
    const at = instants[row] ?? null;
    milliseconds[row] = at === null ? Number.NaN : millisecondsOf(at);
  }
  const times = milliseconds.filter((time) => time >= EARLIEST).sort();
  const few = Math.floor(times.length * (1 - NEWEST_SHARE));
  let newest = Infinity;
  for (let index = times.length - 1; index > 0; index--) {
    const leap = (times[index] ?? 0) - (times[index - 1] ?? 0);
    if (leap > (index > few ? LEAP_DAYS : AGE_DAYS) * DAY_MS) newest = times[index - 1] ?? Infinity;
  }
  const impossible: boolean[] = [];
  for (let row = 0; row < milliseconds.length; row++) {
    const time = milliseconds[row] ?? Number.NaN;
    impossible.push(time < EARLIEST || time > newest);
  }
  return impossible;
}
