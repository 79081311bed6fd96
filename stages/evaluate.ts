import { z } from 'zod';
import { createPredictor } from '../ml/predict.ts';
import { writeJson } from '../records/json.ts';
import { AppId, ESTIMATORS, LABELS, Source, datasetOf } from '../schema/app.ts';
import { Selection, TrainingReport } from '../schema/metrics.ts';
import type { MetricsReport } from '../schema/metrics.ts';
import type { StageRun } from './context.ts';
import { documentOf, stemFor } from './learning/documents.ts';
import { readJson, readModel } from './learning/json-files.ts';
import { score } from './learning/scoring.ts';
import { readSide } from './learning/split-rows.ts';
import { parseParams } from './params/parse.ts';
import { wording } from './wording-learning.ts';

const Params = z.object({ collect: z.object({ source: Source, app: AppId }) });

/** Scores all three exported models on the test side, which had no say in anything before. */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { collect } = parsed.params;
  const dataset = datasetOf(collect.source, collect.app);
  const selection = readJson(context.path('data/select/selection.json'), Selection);
  if (selection.dataset !== dataset) return wording.otherDataset('data/select/selection.json', selection.dataset, dataset);
  const train = readSide(context, 'training');
  if (train.kind === 'failed') return train;
  const test = readSide(context, 'test');
  if (test.kind === 'failed') return test;
  const documents = test.rows.map(documentOf);
  const estimators = ESTIMATORS.map((estimator) => {
    const { implementation, features, crossValidation } = readJson(context.path(`data/train/${estimator}/scores.json`), TrainingReport);
    const { artefact } = readModel(context.path(`data/train/${estimator}/model.json`));
    const { scores, interval } = score(createPredictor(artefact, stemFor(artefact.text)), documents, test.rows);
    return { estimator, implementation, features, crossValidation, test: scores, interval };
  });
  const report: MetricsReport = { app: collect.app, dataset, labels: [...LABELS], rows: { train: train.rows.length, test: test.rows.length }, selected: selection.estimator, estimators };
  writeJson(context.path('reports/metrics.json'), report);
  const chosen = estimators.find(({ estimator }) => estimator === selection.estimator);
  const macroF1 = chosen?.test.macro.f1 ?? 0;
  return {
    kind: 'done',
    facts: { rows: test.rows.length, estimator: selection.estimator, 'macro-F1': macroF1, accuracy: chosen?.test.accuracy ?? 0 },
  };
};
