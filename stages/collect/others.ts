import { datasetOf } from '../../schema/app.ts';
import { ERASED_FILE, erasedOf } from '../../storage/erased.ts';
import { openAges } from '../privacy/retention.ts';
import { wording } from '../wording-collect.ts';
import type { Failed } from '../wording-data.ts';
import { alone } from './alone.ts';
import { backUp, takeBack } from './backup.ts';
import { collectApp } from './play/app.ts';
import type { Brought, Budget, PlayOptions } from './play/app.ts';
import type { Collecting } from './whole.ts';

/** What became of one app: `left` says why it was not asked for in this run. */
type Other = { readonly brought: Brought } | { readonly left: string } | { readonly failed: Failed };

/** A further app as the configured one, but for the export: what was erased stays so, what was lost comes back, what is too old goes. */
async function collectOther(collecting: Collecting, app: string, use: { readonly options: PlayOptions; readonly budget: Budget }): Promise<Other> {
  const { context, raw } = collecting;
  const dataset = datasetOf('play', app);
  const erased = erasedOf(context.path(ERASED_FILE), dataset);
  if (erased.length > 0) await raw.bury(dataset, erased);
  const back = await takeBack(collecting, dataset);
  if (typeof back !== 'number') return { left: back.problem };
  await raw.unstamp(dataset);
  const brought = await collectApp(app, use.options, use.budget);
  if (!brought.ok) return { failed: wording.store(brought.failure) };
  await (await openAges(collecting, dataset)).drop();
  await raw.stamp(dataset);
  await backUp(collecting, dataset);
  return { brought: brought.value };
}

/**
 * The further apps of `collect.play.apps`: brought into the raw store, stamped, and into a backup of their own. What stops one
 * of them is told and stops nothing else, also where another collector is at it. Number of new reviews.
 */
export async function collectOthers(collecting: Collecting, options: PlayOptions, budget: Budget): Promise<number | Failed> {
  const { context, params, raw } = collecting;
  let added = 0;
  for (const app of params.play.apps) {
    if (app === params.app) continue;
    const held = await alone(raw, datasetOf('play', app), () => collectOther(collecting, app, { options, budget }));
    const other = 'kind' in held ? { left: held.problem } : held;
    if ('failed' in other) return other.failed;
    if ('left' in other) {
      context.log(`${app}: ${other.left}`);
      context.emit('collect-incomplete', { app, why: 'left' });
      continue;
    }
    added += other.brought.added;
    for (const stop of other.brought.stops) {
      context.log(`${app}: ${wording.left(stop)}`);
      context.emit('collect-incomplete', { app, language: stop.language, why: stop.refusal.kind });
    }
  }
  return added;
}
