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

/** A pattern that names no two times from now on is no schedule, and is told as such. */
export function timesOf(cron: string, timezone: string, now = new Date()): Times {
  try {
    const job = new Cron(cron, { timezone, paused: true });
    const [first, second] = job.nextRuns(2, now);
    if (first === undefined) throw new UsageError(wording.badCron(cron, timezone, wording.neverComes));
    if (second === undefined) throw new UsageError(wording.badCron(cron, timezone, wording.comesOnce(first)));
    // One moment later, so that a time that is just now counts as come.
    return { next: (from) => job.nextRun(from), last: (until) => job.previousRuns(1, new Date(until.getTime() + 1))[0] ?? null };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(wording.badCron(cron, timezone, error instanceof Error ? error.message : String(error)));
  }
}
