import type { RegistryFailure } from '../registry/failure.ts';
import { tell } from '../registry/wording-registry.ts';
import type { StageOutcome } from './context.ts';

/** What the learning stages say when they fail: what is wrong, and what to do about it. */
export type Failed = Extract<StageOutcome, { kind: 'failed' }>;

const failed = (problem: string, remedy: string, where?: string): Failed => ({ kind: 'failed', problem, remedy, ...(where === undefined ? {} : { where }) });

export const wording = {
  noRows: (side: 'training' | 'test', file: string): Failed =>
    failed(`Cannot go on as the ${side} side has no rows`, `collect more reviews, or change split.testShare (data/clean/dropped.csv says why reviews were dropped)`, file),
  noReviews: (file: string): Failed => failed('Cannot go on as there are no reviews', 'look at reports/quality.json and data/clean/dropped.csv, and collect more reviews', file),
  oneClass: (label: string, rows: number, file: string): Failed =>
    failed(`Cannot train as all ${rows} training rows have the label "${label}": there must be at least two labels`, 'collect reviews with other ratings, or change clean.labels.threeStars', file),
  tooFewTexts: (texts: number, folds: number, file: string): Failed =>
    failed(`Cannot cross-validate in ${folds} folds as the training side has ${texts} different texts only`, `collect more reviews, or set train.folds to ${Math.max(2, Math.min(folds, texts))} or less`, file),
  noFeatures: (estimator: string, minDocuments: number): Failed =>
    failed(`Cannot train ${estimator} as no term stands in ${minDocuments} documents or more`, `lower train.${estimator}.features.minDocuments, or collect more reviews`),
  tooDense: ({ estimator, rows, columns, cellsMax }: { estimator: string; rows: number; columns: number; cellsMax: number }): Failed =>
    failed(
      `Cannot train ${estimator} with implementation "mljs" as ${rows} rows of ${columns} features are ${rows * columns} dense cells: at most ${cellsMax}`,
      `set train.${estimator}.features.featuresMax so that all features together are ${Math.max(1, Math.floor(cellsMax / rows))} or less, or implementation: sparse`,
    ),
  noNumber: (estimator: string): Failed =>
    failed(`Cannot use ${estimator} as its cross-validated macro-F1 is no number`, `look at train.${estimator} in params.yaml: a smaller C or another class weight`),
  otherDataset: (file: string, found: string, expected: string): Failed =>
    failed(`Cannot use ${file} as it is of the dataset "${found}": expected "${expected}"`, 'run repro --force on the stage that wrote it', file),
  noChampion: (dataset: string, reason: string): Failed =>
    failed(`Cannot serve a model of the dataset "${dataset}" as none has passed the gate: ${reason}`, 'collect more reviews, or lower gate.macroF1Min in params.yaml'),
  lostVersion: (version: string): Failed =>
    failed(
      `Cannot read version ${version} of the model, which the registry names as champion, as its folder is gone or broken`,
      'bring it back from a copy of models/versions, or roll back to a version that is there',
      `models/versions/${version}`,
    ),
  registry: (failure: RegistryFailure): Failed => {
    const { problem, remedy } = tell(failure);
    return failed(problem, remedy, failure.file);
  },
  notConverged: (estimator: string, iterations: number): string =>
    `${estimator} had not converged after ${iterations} iterations: raise train.${estimator}.iterationsMax or tolerance`,
  rareLabel: (label: string, rows: number, folds: number): string => `Only ${rows} rows of the label "${label}" for ${folds} folds: its scores are rough`,
  decided: ({ decision, estimator, mean, deviation, reason }: { decision: string; estimator: string; mean: number; deviation: number; reason: string }): string =>
    decision === 'promoted'
      ? `${estimator.replaceAll('-', ' ')} promoted: macro-F1 ${mean.toFixed(2)} +- ${deviation.toFixed(2)}`
      : `${estimator.replaceAll('-', ' ')} ${decision}: ${reason}`,
  drift: (features: readonly string[], newRows: number, retrain: boolean): string => `drift in ${features.join(', ')} over ${newRows} new rows${retrain ? '' : ', too soon after a rejection to retrain'}`,
  predicted: (negative: number, theme: string | undefined): string => `${negative.toLocaleString('en-GB')} negative${theme === undefined ? '' : `, most about '${theme}'`}`,
};
