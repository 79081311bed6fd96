import { millisecondsOf } from './instant.ts';

/** The day on which Google Play (then Android Market) opened. */
const EARLIEST = Date.parse('2008-10-22T00:00:00Z');
const DAY_MS = 86_400_000;

/** So long a leap near the newest end, and what comes after it is taken for the future. */
const LEAP_DAYS = 366;
/** The newest rows among which such a leap is looked for. */
const NEWEST_SHARE = 0.1;
/** Reviews on so many different days after a leap are no slips of a pen: an app that nobody reviewed for long has come back. */
const BACK_DAYS = 3;
/** Such a silence may last so long. */
const SILENCE_DAYS = 3 * 366;
/** No app is silent for so long: what comes after is no date of a review, however many rows there are. */
const AGE_DAYS = 3653;

/** The instant after which all dates are too late. `times` in order. */
function newestPossible(times: Float64Array): number {
  const few = Math.floor(times.length * (1 - NEWEST_SHARE));
  let newest = Infinity;
  // Days between the leap that is looked at and the one above it that was taken for the future.
  const days = new Set<number>();
  for (let index = times.length - 1; index > 0; index--) {
    const [time, before] = [times[index] ?? 0, times[index - 1] ?? 0];
    // More of them change nothing.
    if (days.size < BACK_DAYS) days.add(Math.floor(time / DAY_MS));
    const most = index <= few ? AGE_DAYS : days.size < BACK_DAYS ? LEAP_DAYS : SILENCE_DAYS;
    if (time - before <= most * DAY_MS) continue;
    newest = before;
    days.clear();
  }
  return newest;
}

/**
 * Dates that cannot be: before Google Play, or after a leap in time at the newest end. There is no clock here, so "the
 * future" is what lies far beyond all other rows: more than a year for a few of them, three years where reviews of several days
 * follow, and ten years for more than the newest tenth.
 */
export function impossibleDates(instants: readonly (string | null)[]): readonly boolean[] {
  // NaN where there is no date, which is neither early nor late.
  const milliseconds = new Float64Array(instants.length);
  for (let row = 0; row < instants.length; row++) {
    const at = instants[row] ?? null;
    milliseconds[row] = at === null ? Number.NaN : millisecondsOf(at);
  }
  const newest = newestPossible(milliseconds.filter((time) => time >= EARLIEST).sort());
  const impossible: boolean[] = [];
  for (let row = 0; row < milliseconds.length; row++) {
    const time = milliseconds[row] ?? Number.NaN;
    impossible.push(time < EARLIEST || time > newest);
  }
  return impossible;
}
