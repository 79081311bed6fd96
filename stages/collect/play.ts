import { createRandom } from '../../ml/random.ts';
import type { Review } from '../../schema/review.ts';
import { rememberBackup } from '../../storage/known-backups.ts';
import type { StageOutcome } from '../context.ts';
import { openAges } from '../privacy/retention.ts';
import { wording } from '../wording-collect.ts';
import { openExport } from './export.ts';
import { collectOthers } from './others.ts';
import { collectApp, openBudget } from './play/app.ts';
import type { PlayOptions } from './play/app.ts';
import { failureEvent, fatalOf, isForAll, tellLeft } from './troubles.ts';
import { maskedFacts } from './whole.ts';
import type { Collecting } from './whole.ts';

/** Only for tests: where the store is. The command line reaches another one by a proxy. */
export interface PlayPlace {
  readonly prefixUrl?: string;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** Everything that the raw store knows and the source still has. */
async function exportAll({ context, raw, dataset }: Collecting, reviews: readonly Review[]): Promise<void> {
  const files = openExport(context);
  try {
    files.reviews(reviews);
    files.history(await raw.history(dataset));
    await rememberBackup(raw, dataset, { name: files.name(), held: await raw.count(dataset) });
    files.commit();
  } finally {
    files.discard();
  }
}

/** Brings in what is new in the Play Store, and exports all that the raw store knows of the configured app. */
export async function collectPlay(collecting: Collecting, place: PlayPlace = {}): Promise<StageOutcome> {
  const { context, params, raw, dataset, since, door } = collecting;
  const random = createRandom(context.asOf);
  const options: PlayOptions = {
    params: params.play, raw, asOf: context.asOf.replace(/\.\d+Z$/, 'Z'), answers: context.path('stores/raw/answers'), clock: () => performance.now(), random: () => random.next(),
    log: (line) => context.log(line), door: ({ review, userName }) => door.admit(review, userName), since, ...place,
  };
  const budget = openBudget(options);
  await raw.unstamp(dataset);
  const result = await collectApp(params.app, options, budget);
  if (!result.ok) return wording.store(result.failure);
  const brought = result.value;
  await (await openAges(collecting, dataset)).drop();
  // Stamped also before a failure: what came in until then is there to stay.
  const receipt = await raw.stamp(dataset);
  const fatal = fatalOf(brought);
  if (fatal !== undefined) {
    context.emit(...failureEvent(fatal, params.app));
    // What befell this app need not befall the others.
    if (!isForAll(fatal)) await collectOthers(collecting, options, budget);
    return wording.stopped(fatal, { app: params.app, key: 'collect.app' });
  }
  const others = await collectOthers(collecting, options, budget);
  if ('kind' in others) return others;
  const reviews = await raw.all(dataset);
  if (reviews.length === 0) return wording.nothingFound(params.app);
  tellLeft(context, { app: params.app, isFurther: false }, brought);
  await exportAll(collecting, reviews);
  const { added, edited, unchanged, gone, pages, odd, stops } = brought;
  const newest = reviews.reduce((latest, { at }) => (at !== null && at > latest ? at : latest), '');
  const facts = { rows: reviews.length, new: added, edited, unchanged, gone, pages, ...(others.added > 0 ? { otherApps: others.added } : {}), ...(odd > 0 ? { oddRows: odd } : {}), incomplete: stops.length > 0, newest, ...maskedFacts(door) };
  return { kind: 'done', facts, headline: wording.brought({ added, edited, gone, isOpen: stops.length > 0, troubles: others.troubles }), receipt };
}
