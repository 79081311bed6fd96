import { mkdirSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { writeJson } from '../records/json.ts';
import { AppId, EstimatorName, Source, datasetOf } from '../schema/app.ts';
import type { TrainingReport } from '../schema/metrics.ts';
import { TextParams, TrainParams } from '../schema/params.ts';
import type { StageRun } from './context.ts';
import { setupOf } from './learning/setup.ts';
import { TRAIN, readSide } from './learning/split-rows.ts';
import { trainEstimator } from './learning/training.ts';
import { parseParams } from './params/parse.ts';

const Item = z.object({ estimator: EstimatorName });
/** `train` also holds the params of the estimator itself, read by their name. */
const Params = z.object({ collect: z.object({ source: Source, app: AppId }), clean: z.object({ text: TextParams }), train: z.looseObject(TrainParams.shape) });

/** Cross-validates one estimator, fits it on the whole training side and exports it: model.json and scores.json. */
export const run: StageRun = async (context) => {
  const { estimator } = Item.parse(context.item);
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { collect, clean, train } = parsed.params;
  const side = readSide(context, 'training');
  if (side.kind === 'failed') return side;
  const setup = await setupOf(estimator, train[estimator], train.seed);
  if (setup.kind === 'failed') return setup;
  const trained = trainEstimator({ estimator, rows: side.rows, text: clean.text, setup, folds: train.folds, seed: train.seed, file: TRAIN });
  if (trained.kind === 'failed') return trained;
  for (const warning of trained.warnings) context.log(warning);
  const { crossValidation, features, converged } = trained;
  const named = { app: collect.app, dataset: datasetOf(collect.source, collect.app) };
  const report: TrainingReport = {
    ...named, estimator, implementation: setup.implementation, rows: side.rows.length, features, converged, crossValidation,
  };
  const folder = `data/train/${estimator}`;
  mkdirSync(context.path(folder), { recursive: true });
  // With its dataset in it, a model of the same rows under another name is another version.
  writeFileSync(context.path(`${folder}/model.json`), `${JSON.stringify({ ...named, ...trained.artefact })}\n`);
  writeJson(context.path(`${folder}/scores.json`), report);
  return {
    kind: 'done',
    facts: { rows: report.rows, features, converged, 'macro-F1': crossValidation.mean },
  };
};
