import { createRandom } from '../../ml/random.ts';
import type { Review } from '../../schema/review.ts';
import type { StageOutcome } from '../context.ts';
import { openAges } from '../privacy/retention.ts';
import { wording } from '../wording-collect.ts';
import { openExport } from './export.ts';
import { collectOthers } from './others.ts';
import { collectApp, openBudget } from './play/app.ts';
import type { Brought, PlayOptions } from './play/app.ts';
import type { Stop } from './play/language.ts';
import { maskedFacts } from './whole.ts';
import type { Collecting } from './whole.ts';

/** Only for tests: where the store is. The command line reaches another one by a proxy. */
export interface PlayPlace {
  readonly prefixUrl?: string;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/**
 * Whether a stop fails the run: always where the store no longer speaks as it did, or has no such app; an outage only where
 * it let nothing through at all. What is left for the next run is no failure, but it is told.
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

function tell({ context, params }: Collecting, { stops, doubtful, odd }: Brought): void {
  for (const stop of stops) {
    context.log(wording.left(stop));
    context.emit('collect-incomplete', { app: params.app, language: stop.language, why: stop.refusal.kind });
  }
  if (doubtful > 0) {
    context.log(wording.doubtful(doubtful));
    context.emit('collect-doubtful', { app: params.app, reviews: doubtful });
  }
  if (odd > 0) context.emit('collect-odd-rows', { app: params.app, rows: odd });
}

/** Everything that the raw store knows and the source still has. */
async function exportAll({ context, raw, dataset }: Collecting, reviews: readonly Review[]): Promise<void> {
  const files = openExport(context);
  try {
    files.reviews(reviews);
    files.history(await raw.history(dataset));
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
  const fatal = brought.stops.find((stop) => isFatal(stop, brought));
  if (fatal !== undefined) {
    context.emit(fatal.refusal.kind === 'strange' ? 'format-changed' : 'collect-failed', { app: params.app, language: fatal.language, why: fatal.refusal.kind });
    return wording.stopped(fatal, params.app);
  }
  const others = await collectOthers(collecting, options, budget);
  if (typeof others !== 'number') return others;
  const reviews = await raw.all(dataset);
  if (reviews.length === 0) return wording.nothingFound(params.app);
  tell(collecting, brought);
  await exportAll(collecting, reviews);
  const { added, edited, unchanged, gone, pages, odd, stops } = brought;
  const newest = reviews.reduce((latest, { at }) => (at !== null && at > latest ? at : latest), '');
  const facts = { rows: reviews.length, new: added, edited, unchanged, gone, pages, ...(others > 0 ? { otherApps: others } : {}), ...(odd > 0 ? { oddRows: odd } : {}), incomplete: stops.length > 0, newest, ...maskedFacts(door) };
  return { kind: 'done', facts, headline: wording.brought({ added, edited, gone, isOpen: stops.length > 0 }), receipt };
}
