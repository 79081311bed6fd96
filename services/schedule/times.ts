import { Cron } from 'croner';
import { UsageError } from '../settings.ts';
import { wording } from '../wording.ts';

/** The times of a cron pattern in a time zone; both changes of the clock are croner's business. */
export interface Times {
  /** The first one after `from`. */
  next(from: Date): Date;
  /** The last one at or before `until`, or null where there is none. */
  last(until: Date): Date | null;
}

export function timesOf(cron: string, timezone: string): Times {
  try {
    const job = new Cron(cron, { timezone, paused: true });
    const next = (from: Date): Date => {
      const found = job.nextRun(from);
      if (found === null) throw new UsageError(wording.badCron(cron, timezone, 'it never comes'));
      return found;
    };
    next(new Date(0));
    // One moment later, so that a time that is just now counts as come.
    return { next, last: (until) => job.previousRuns(1, new Date(until.getTime() + 1))[0] ?? null };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(wording.badCron(cron, timezone, error instanceof Error ? error.message : String(error)));
  }
}
