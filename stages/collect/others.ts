import { datasetOf } from '../../schema/app.ts';
import { ERASED_FILE, erasedOf } from '../../storage/erased.ts';
import { openAges } from '../privacy/retention.ts';
import { wording } from '../wording-collect.ts';
import type { Failed } from '../wording-data.ts';
import { alone } from './alone.ts';
import { backUp, takeBack } from './backup.ts';
import { collectApp } from './play/app.ts';
import type { Brought, Budget, PlayOptions } from './play/app.ts';
import { fatalOf, tellFurther, tellLeft } from './troubles.ts';
import type { Collecting } from './whole.ts';

/** What became of one app. `lost`: its backup cannot be read; `held`: another collector is at it; `failed`: the store is not to be had, for nobody. */
type Other = { readonly brought: Brought } | { readonly lost: Failed } | { readonly held: Failed } | { readonly failed: Failed };

/** A further app as the configured one, but for the export: what was erased stays so, what was lost comes back, what is too old goes. */
async function collectOther(collecting: Collecting, app: string, use: { readonly options: PlayOptions; readonly budget: Budget }): Promise<Other> {
  const { context, raw } = collecting;
  const dataset = datasetOf('play', app);
  const erased = erasedOf(context.path(ERASED_FILE), dataset);
  if (erased.length > 0) await raw.bury(dataset, erased);
  const back = await takeBack(collecting, dataset);
  if (typeof back !== 'number') return { lost: back };
  await raw.unstamp(dataset);
  const brought = await collectApp(app, use.options, use.budget);
  if (!brought.ok) return { failed: wording.store(brought.failure) };
  await (await openAges(collecting, dataset)).drop();
  await raw.stamp(dataset);
  await backUp(collecting, dataset);
  return { brought: brought.value };
}

export interface Others {
  /** Number of new reviews. */
  readonly added: number;
  /** Apps that failed, each with why, in a few words. */
  readonly troubles: readonly string[];
}

/**
 * The further apps of `collect.play.apps`: brought into the raw store, stamped, and into a backup of their own. What stops one
 * of them is told, to the team where it is a failure, and stops nothing else, also where another collector is at it.
 */
export async function collectOthers(collecting: Collecting, options: PlayOptions, budget: Budget): Promise<Others | Failed> {
  const { context, params, raw } = collecting;
  const troubles: string[] = [];
  let added = 0;
  for (const app of params.play.apps) {
    if (app === params.app) continue;
    const done = await alone(raw, datasetOf('play', app), () => collectOther(collecting, app, { options, budget }));
    const other: Other = 'kind' in done ? { held: done } : done;
    if ('failed' in other) return other.failed;
    if ('held' in other) {
      context.log(`${app}: ${other.held.problem}`);
      context.emit('collect-incomplete', { app, why: 'left' });
      continue;
    }
    const fatal = 'lost' in other ? undefined : fatalOf(other.brought);
    if ('brought' in other) {
      added += other.brought.added;
      tellLeft(context, { app, isFurther: true }, { ...other.brought, stops: other.brought.stops.filter((stop) => stop !== fatal) });
    }
    const failed = 'lost' in other ? other.lost : fatal === undefined ? undefined : wording.stopped(fatal, { app, key: 'collect.play.apps' });
    if (failed === undefined) continue;
    tellFurther(context, app, { failed, stop: fatal });
    troubles.push(wording.trouble(app, fatal));
  }
  return { added, troubles };
}
