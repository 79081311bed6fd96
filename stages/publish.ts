import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readRows } from '../records/csv.ts';
import { writeJson } from '../records/json.ts';
import { AppId, Source, datasetOf } from '../schema/app.ts';
import { CleanReview } from '../schema/clean-review.ts';
import { Prediction } from '../schema/prediction.ts';
import { Champion } from '../schema/registry.ts';
import { openEmbeddedSqlStore } from '../storage/embedded-sql-store.ts';
import { publish } from '../storage/published.ts';
import { setStamp } from '../storage/stamp.ts';
import type { StageRun } from './context.ts';
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
  const opened = await openEmbeddedSqlStore(folder);
  if (!opened.ok) return wording.storeBusy('stores/sql', opened.pid);
  try {
    setStamp(folder, dataset, null);
    const content = await publish(opened.store, { dataset, app, source, reviews: reviews.rows, predictions: predictions.rows, manifest, reports });
    const receipt = { target: `pglite:stores/sql#${dataset}`, ...content };
    setStamp(folder, dataset, receipt);
    const file = context.path('data/publish/published.json');
    writeJson(file, { app, dataset, champion: manifest.version, ...content });
    return { kind: 'done', facts: { rows: content.rows }, receipt };
  } finally {
    await opened.store.close();
  }
};
