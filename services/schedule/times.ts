import { Cron } from 'croner';
import { UsageError } from '../settings.ts';
import { wording } from '../wording.ts';

/** The times of a cron pattern in a time zone; both changes of the clock are croner's business. */
export interface Times {
  /** The first one after `from`; null where a pattern with years has come to its end. */
  next(from: Date): Date | null;
  /** The last one at or before `until`, or null where there is none. */
  last(until: Date): Date | null;
}

/** Where the pattern and the time zone of a schedule stand, in words. */
export interface Places {
  readonly cron: string;
  readonly timezone: string;
}

const SOMEWHERE: Places = { cron: 'schedule.cron', timezone: 'schedule.timezone' };

function isTimezone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A pattern that names no two times from now on is no schedule, and is told as such. */
export function timesOf({ cron, timezone, places = SOMEWHERE }: { readonly cron: string; readonly timezone: string; readonly places?: Places }, now = new Date()): Times {
  const bad = (why: string): UsageError => new UsageError(wording.badCron({ place: places.cron, cron, timezone, why }));
  if (!isTimezone(timezone)) throw new UsageError(wording.badTimezone(places.timezone, timezone));
  try {
    const job = new Cron(cron, { timezone, paused: true });
    const [first, second] = job.nextRuns(2, now);
    if (first === undefined) throw bad(wording.neverComes);
    if (second === undefined) throw bad(wording.comesOnce(first));
    // One moment later, so that a time that is just now counts as come.
    return { next: (from) => job.nextRun(from), last: (until) => job.previousRuns(1, new Date(until.getTime() + 1))[0] ?? null };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw bad(error instanceof Error ? error.message : String(error));
  }
}
