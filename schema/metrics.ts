import { z } from 'zod';
import { AppId, Dataset, EstimatorName, Label } from './app.ts';

export const ClassScore = z.object({ label: Label, precision: z.number(), recall: z.number(), f1: z.number(), support: z.number().int() });

export const Averages = z.object({ precision: z.number(), recall: z.number(), f1: z.number() });

/** Scores on one set of rows. The confusion matrix has a row for each true label, a column for each predicted one. */
export const Scores = z.object({
  rows: z.number().int(),
  accuracy: z.number(),
  macro: Averages,
  weighted: Averages,
  classes: z.array(ClassScore),
  confusion: z.array(z.array(z.number().int())),
});
export type Scores = z.infer<typeof Scores>;

/** Cross-validated macro-F1: one value a fold, their mean, and the standard deviation (n - 1) and error of that mean. */
export const CrossValidation = z.object({
  folds: z.number().int(),
  macroF1: z.array(z.number()),
  accuracy: z.array(z.number()),
  mean: z.number(),
  deviation: z.number(),
  standardError: z.number(),
});
export type CrossValidation = z.infer<typeof CrossValidation>;

/** data/train/<estimator>/scores.json. */
export const TrainingReport = z.object({
  app: AppId,
  dataset: Dataset,
  estimator: EstimatorName,
  implementation: z.enum(['sparse', 'mljs']),
  rows: z.number().int(),
  features: z.number().int(),
  converged: z.boolean(),
  crossValidation: CrossValidation,
});
export type TrainingReport = z.infer<typeof TrainingReport>;

/** data/select/selection.json: which estimator, and why. */
export const Selection = z.object({
  app: AppId,
  dataset: Dataset,
  estimator: EstimatorName,
  /** sha256 of the selected model.json: the identity of the candidate. */
  model: z.string(),
  rule: z.string(),
  ranking: z.array(z.object({ estimator: EstimatorName, mean: z.number(), standardError: z.number(), withinOneError: z.boolean() })),
});
export type Selection = z.infer<typeof Selection>;

/** reports/metrics.json: all three estimators on the test rows. */
export const MetricsReport = z.object({
  app: AppId,
  dataset: Dataset,
  labels: z.array(Label),
  rows: z.object({ train: z.number().int(), test: z.number().int() }),
  selected: EstimatorName,
  estimators: z.array(
    z.object({
      estimator: EstimatorName,
      implementation: z.string(),
      features: z.number().int(),
      crossValidation: CrossValidation,
      test: Scores,
      /** 95% bootstrap interval of macro-F1 on the test rows. */
      interval: z.tuple([z.number(), z.number()]),
    }),
  ),
});
export type MetricsReport = z.infer<typeof MetricsReport>;
