import { datasetOf } from '../../schema/app.ts';
import type { StageContext } from '../context.ts';
import { wording } from '../wording-collect.ts';
import type { Failed } from '../wording-data.ts';
import type { Brought } from './play/app.ts';
import type { Stop } from './play/language.ts';

/** What the other apps of the run would meet as well. */
const FOR_ALL: ReadonlySet<Stop['refusal']['kind']> = new Set(['unreachable', 'busy', 'no-time']);
export const isForAll = ({ refusal }: Stop): boolean => FOR_ALL.has(refusal.kind);

/**
 * Whether a stop is a failure of its app: always where the store no longer speaks as it did, or has no such app; an outage only
 * where it let nothing through at all. What is left for the next run is no failure, but it is told.
 */
function isFatal({ refusal }: Stop, { pages }: Brought): boolean {
  switch (refusal.kind) {
    case 'strange':
    case 'no-app':
      return true;
    case 'unreachable':
    case 'busy':
    case 'refused':
      return pages === 0;
    case 'no-time':
    case 'unclear':
    case 'empty':
      return false;
    default: {
      const never: never = refusal;
      return never;
    }
  }
}

export const fatalOf = (brought: Brought): Stop | undefined => brought.stops.find((stop) => isFatal(stop, brought));

/** The event of a failure, for hooks: what it is called, and what happened to which app. */
export function failureEvent({ refusal, language }: Stop, app: string): readonly ['format-changed' | 'collect-failed', { readonly app: string; readonly language: string; readonly why: string }] {
  return [refusal.kind === 'strange' ? 'format-changed' : 'collect-failed', { app, language, why: refusal.kind }];
}

/** What was left of an app, and what is odd about what came: into the log, and to hooks. */
export function tellLeft(context: StageContext, about: { readonly app: string; readonly isFurther: boolean }, { stops, doubtful, odd }: Brought): void {
  const { app, isFurther } = about;
  const log = (line: string): void => context.log(isFurther ? `${app}: ${line}` : line);
  for (const stop of stops) {
    log(wording.left(stop));
    context.emit('collect-incomplete', { app, language: stop.language, why: stop.refusal.kind });
  }
  if (doubtful > 0) {
    log(wording.doubtful(doubtful));
    context.emit('collect-doubtful', { app, reviews: doubtful });
  }
  if (odd > 0) context.emit('collect-odd-rows', { app, rows: odd });
}

/** A failure of a further app, which stops nothing: it goes to the team by its own event, as no stage fails for it. */
export function tellFurther(context: StageContext, app: string, use: { readonly failed: Failed; readonly stop: Stop | undefined }): void {
  const { failed, stop } = use;
  const [kind, facts] = stop === undefined ? (['collect-failed', { app, why: 'backup' }] as const) : failureEvent(stop, app);
  context.log(`${app}: ${failed.problem}`);
  context.emit(kind, { ...facts, dataset: datasetOf('play', app), further: true, problem: failed.problem, next: failed.remedy });
}
