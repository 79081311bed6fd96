import { mkdirSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { writeJson } from '../records/json.ts';
import { AppId, ESTIMATORS, Source, datasetOf } from '../schema/app.ts';
import { TrainingReport } from '../schema/metrics.ts';
import type { Selection } from '../schema/metrics.ts';
import { SelectParams } from '../schema/params.ts';
import type { StageRun } from './context.ts';
import { readJson, readModel } from './learning/json-files.ts';
import { choose } from './learning/selection.ts';
import { parseParams } from './params/parse.ts';
import { wording } from './wording-learning.ts';

const Params = z.object({ collect: z.object({ source: Source, app: AppId }), select: SelectParams });

/** Picks the estimator to go on with, by cross-validation, and puts its model beside the reasons. */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { collect, select } = parsed.params;
  const dataset = datasetOf(collect.source, collect.app);
  const reports = ESTIMATORS.map((estimator) => readJson(context.path(`data/train/${estimator}/scores.json`), TrainingReport));
  const foreign = reports.find((report) => report.dataset !== dataset);
  if (foreign !== undefined) return wording.otherDataset(`data/train/${foreign.estimator}/scores.json`, foreign.dataset, dataset);
  const choice = choose(reports, select.rule);
  const best = choice?.ranking.find(({ estimator }) => estimator === choice.estimator);
  if (choice === undefined || best === undefined) return wording.noNumber(ESTIMATORS.join(', '));
  const model = readModel(context.path(`data/train/${choice.estimator}/model.json`));
  const selection: Selection = { app: collect.app, dataset, estimator: choice.estimator, model: model.hash, rule: choice.rule, ranking: choice.ranking };
  mkdirSync(context.path('data/select'), { recursive: true });
  writeFileSync(context.path('data/select/model.json'), model.bytes);
  writeJson(context.path('data/select/selection.json'), selection);
  return {
    kind: 'done',
    facts: { estimator: choice.estimator, 'macro-F1': best.mean, rule: choice.rule },
  };
};
