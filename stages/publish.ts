import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readRows } from '../records/read-csv.ts';
import { writeJson } from '../records/json.ts';
import { AppId, Source, datasetOf } from '../schema/app.ts';
import { CleanReview } from '../schema/clean-review.ts';
import { Prediction } from '../schema/prediction.ts';
import { QualityReport } from '../schema/quality.ts';
import { Champion } from '../schema/registry.ts';
import { attempt } from '../storage/failure.ts';
import { openSqlStore } from '../storage/open-sql-store.ts';
import { publish } from '../storage/published.ts';
import { setStamp } from '../storage/stamp.ts';
import type { StageRun } from './context.ts';
import { parseParams } from './params/parse.ts';
import { wording as stores } from './wording-collect.ts';
import { wording } from './wording-data.ts';

const Params = z.object({ collect: z.object({ source: Source, app: AppId }) });

const CLEAN = 'data/clean/reviews.csv';

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

interface Made {
  /** Datasets that results name, by the file that does. */
  readonly named: Readonly<Record<string, string>>;
  readonly reviews: readonly CleanReview[];
}

/** What is of another dataset, or app, than params say. Published, it would take the place of all that the store holds of this one. */
function foreignTo(dataset: string, app: AppId, { named, reviews }: Made): { readonly file: string; readonly of: string } | undefined {
  for (const [file, of] of Object.entries(named)) if (of !== dataset) return { file, of };
  const other = reviews.find((review) => review.app !== app);
  return other === undefined ? undefined : { file: CLEAN, of: other.app };
}

/** Upserts reviews, predictions and results into the SQL store: dashboards and notebooks read them from there. */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { source, app } = parsed.params.collect;
  const reviews = readRows(context.path(CLEAN), CleanReview, CLEAN);
  if (!reviews.ok) return wording.records(reviews.problem);
  const predictions = readRows(context.path('data/predict/predictions.csv'), Prediction, 'data/predict/predictions.csv');
  if (!predictions.ok) return wording.records(predictions.problem);
  const { manifest, dataset: learned } = Champion.parse(readJson(context.path('data/champion/champion.json')));
  const reports = {
    metrics: readJson(context.path('reports/metrics.json')),
    quality: readJson(context.path('reports/quality.json')),
    drift: readJson(context.path('data/drift/drift.json')),
  };
  const dataset = datasetOf(source, app);
  const judged = QualityReport.pick({ dataset: true }).parse(reports.quality).dataset;
  const foreign = foreignTo(dataset, app, { named: { 'data/champion/champion.json': learned, 'reports/quality.json': judged }, reviews: reviews.rows });
  if (foreign !== undefined) return wording.otherDataset(dataset, foreign);
  const folder = context.path('stores/sql');
  const opened = await openSqlStore({ folder, url: context.env.DATABASE_URL });
  if (!opened.ok) return stores.store(opened.failure);
  const store = opened.value;
  try {
    // The stamp is of the embedded store; a server keeps its receipt itself, in the same transaction.
    setStamp(folder, dataset, null);
    const published = await attempt(store.failureOf, () => publish(store, { dataset, app, source, at: context.asOf, reviews: reviews.rows, predictions: predictions.rows, manifest, reports }));
    if (!published.ok) return stores.store(published.failure);
    const content = published.value;
    const receipt = { target: `${store.target}#${dataset}`, ...content };
    if (store.target.startsWith('pglite:')) setStamp(folder, dataset, receipt);
    writeJson(context.path('data/publish/published.json'), { app, dataset, champion: manifest.version, ...content });
    return { kind: 'done', facts: { rows: content.rows }, receipt };
  } finally {
    // A server that went away cannot be said goodbye to.
    await attempt(store.failureOf, () => store.close());
  }
};
