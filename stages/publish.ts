import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readRows } from '../records/read-csv.ts';
import { writeJson } from '../records/json.ts';
import { AppId, Source, datasetOf } from '../schema/app.ts';
import { CleanReview } from '../schema/clean-review.ts';
import { Prediction } from '../schema/prediction.ts';
import { Champion } from '../schema/registry.ts';
import { attempt } from '../storage/failure.ts';
import { openSqlStore } from '../storage/open-sql-store.ts';
import { publish } from '../storage/published.ts';
import { setStamp } from '../storage/stamp.ts';
import type { StageRun } from './context.ts';
import { wording as stores } from './wording-collect.ts';
import { wording } from './wording-data.ts';

const Params = z.object({ collect: z.object({ source: Source, app: AppId }) });

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** Upserts reviews, predictions and results into the SQL store: dashboards and notebooks read them from there. */
export const run: StageRun = async (context) => {
  const parsed = Params.safeParse(context.params);
  if (!parsed.success) return wording.badParams(parsed.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('; '));
  const { source, app } = parsed.data.collect;
  const reviews = readRows(context.path('data/clean/reviews.csv'), CleanReview, 'data/clean/reviews.csv');
  if (!reviews.ok) return wording.records(reviews.problem);
  const predictions = readRows(context.path('data/predict/predictions.csv'), Prediction, 'data/predict/predictions.csv');
  if (!predictions.ok) return wording.records(predictions.problem);
  const { manifest } = Champion.parse(readJson(context.path('data/champion/champion.json')));
  const reports = {
    metrics: readJson(context.path('reports/metrics.json')),
    quality: readJson(context.path('reports/quality.json')),
    drift: readJson(context.path('data/drift/drift.json')),
  };
  const dataset = datasetOf(source, app);
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
