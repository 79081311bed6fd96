import path from 'node:path';
import { z } from 'zod';
import { readRows } from '../records/read-csv.ts';
import { writeJson } from '../records/json.ts';
import { sentence } from '../records/wording.ts';
import { AppId, Source, datasetOf } from '../schema/app.ts';
import { CleanReview, SplitReview } from '../schema/clean-review.ts';
import type { DriftReport } from '../schema/drift.ts';
import { DriftParams } from '../schema/params.ts';
import type { StageRun } from './context.ts';
import { modelFile } from './learning/json-files.ts';
import { measure, newRowsOf, unseenOf } from './learning/new-rows.ts';
import { newestOf } from './learning/reference.ts';
import { decideRetrain } from './learning/retrain.ts';
import { TEST } from './learning/split-rows.ts';
import { readStanding } from './learning/standing.ts';
import { watch } from './learning/watch.ts';
import { parseParams } from './params/parse.ts';
import { wording } from './wording-learning.ts';

const CLEAN = 'data/clean/reviews.csv';
const Params = z.object({ collect: z.object({ source: Source, app: AppId }), drift: DriftParams });

/** Compares rows that are newer than the champion's reference with it, and decides whether to train again. */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { collect, drift: params } = parsed.params;
  const dataset = datasetOf(collect.source, collect.app);
  const clean = readRows(context.path(CLEAN), CleanReview, CLEAN);
  if (!clean.ok) return { kind: 'failed', ...sentence(clean.problem) };
  if (clean.rows.length === 0) return wording.noReviews(CLEAN);
  const test = readRows(context.path(TEST), SplitReview, TEST);
  if (!test.ok) return { kind: 'failed', ...sentence(test.problem) };
  const standing = readStanding(path.dirname(context.path('models/registry.json')), dataset);
  if (standing.kind === 'failed') return standing;
  const { champion, known } = standing;
  const reference = champion?.manifest.reference ?? null;
  const fresh = reference === null ? clean.rows : newRowsOf(clean.rows, reference.until);
  const unseen = reference === null ? [] : unseenOf(clean.rows, { until: reference.until, testIds: new Set(test.rows.map(({ id }) => id)) });
  const features = champion === null || reference === null || fresh.length === 0 ? [] : watch(reference, measure(modelFile(champion.model).artefact, fresh, unseen), params);
  const drifted = features.some((feature) => feature.drifted);
  const decided = decideRetrain({
    hasChampion: champion !== null, rejected: known.rejected, rows: clean.rows.length, newest: newestOf(clean.rows), newRows: fresh.length, drifted, params,
  });
  const report: DriftReport = {
    app: collect.app, dataset, reference: known.aliases.champion, referenceUntil: reference?.until ?? null, newRows: fresh.length, features: [...features], drifted, ...decided,
  };
  writeJson(context.path('data/drift/drift.json'), report);
  const names = features.flatMap(({ feature, drifted: moved }) => (moved ? [feature] : []));
  if (drifted) context.emit('drift', { dataset, features: names.join(', '), newRows: fresh.length, retrain: decided.retrain });
  return { kind: 'done', facts: { newRows: fresh.length, drifted, retrain: decided.retrain, reason: decided.reason }, ...(drifted ? { headline: wording.drift(names, fresh.length, decided.retrain) } : {}) };
};
