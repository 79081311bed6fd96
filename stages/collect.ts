import { generateSample } from '../ml/sample/generate.ts';
import { writeRows } from '../records/csv.ts';
import { writeJsonl } from '../records/jsonl.ts';
import { datasetOf } from '../schema/app.ts';
import { CollectParams } from '../schema/params.ts';
import { Review } from '../schema/review.ts';
import { openEmbeddedRawStore } from '../storage/embedded-raw-store.ts';
import { setStamp } from '../storage/stamp.ts';
import { readFileSource } from './collect/file.ts';
import type { StageContext, StageOutcome, StageRun } from './context.ts';
import { wording } from './wording-data.ts';
import type { Failed } from './wording-data.ts';

interface Collected {
  readonly kind: 'reviews';
  readonly reviews: readonly Review[];
  readonly facts: Readonly<Record<string, number>>;
}

type Params = ReturnType<typeof CollectParams.parse>;

function collect(params: Params, file: () => string): Collected | Failed {
  switch (params.source) {
    case 'sample':
      return { kind: 'reviews', reviews: generateSample({ ...params.sample, app: params.app }), facts: {} };
    case 'file': {
      const read = readFileSource(file(), params.path, params);
      return read.kind === 'failed' ? read : { kind: 'reviews', reviews: read.reviews, facts: { otherApps: read.otherApps, repeatedHeaders: read.repeatedHeaders } };
    }
    case 'play':
      return wording.noPlay();
    default: {
      const never: never = params.source;
      return never;
    }
  }
}

const key = ({ at, id }: Review): string => `${at ?? ''}\0${id}`;
const byTime = (a: Review, b: Review): number => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);

function store(context: StageContext, { source, app }: Params, { reviews, facts }: Collected): StageOutcome {
  const dataset = datasetOf(source, app);
  const folder = context.path('stores/raw');
  // From here until the new stamp, a run that is cut is noticed by the next one.
  setStamp(folder, dataset, null);
  const raw = openEmbeddedRawStore(folder);
  try {
    const { added, edited, unchanged } = raw.upsert(dataset, reviews);
    const receipt = { target: `sqlite:stores/raw#${dataset}`, ...raw.receipt(dataset) };
    setStamp(folder, dataset, receipt);
    writeRows(context.path('data/collect/reviews.csv'), Review, reviews.toSorted(byTime));
    const present = new Set(reviews.map(({ id }) => id));
    writeJsonl(context.path('data/collect/history.jsonl'), raw.history(dataset).filter(({ id }) => source === 'play' && present.has(id)));
    return { kind: 'done', facts: { rows: reviews.length, new: added, edited, unchanged, ...facts }, headline: wording.collected(added, edited), receipt };
  } finally {
    raw.close();
  }
}

/**
 * Upserts what the source has into the raw store, then exports the configured dataset. For the sample and for files the
 * export is exactly what the source holds now (the store keeps earlier rows and edits besides), so that the same source gives
 * the same bytes whatever was collected in between.
 */
export const run: StageRun = async (context) => {
  const parsed = CollectParams.safeParse((context.params as { readonly collect: unknown }).collect);
  if (!parsed.success) return wording.badParams(parsed.error.issues.map(({ path: at, message }) => `collect.${at.join('.')}: ${message}`).join('; '));
  const params = parsed.data;
  const collected = collect(params, () => context.path(params.path));
  if (collected.kind === 'failed') return collected;
  try {
    return store(context, params, collected);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR')) throw error;
    return wording.storeBroken('stores/raw/reviews.db', error.message);
  }
};
