import type { FeatureParams } from '../schema/params.ts';
import type { Fit, TrainingSet } from './estimators/estimator.ts';
import { predictRows } from './estimators/score.ts';
import { argmax, deviation, mean } from './math.ts';
import { scoresOf } from './metrics/scores.ts';
import { groupFolds } from './validation/folds.ts';
import { countDocuments } from './vectorize/counts.ts';
import type { Document } from './vectorize/ngrams.ts';
import { fitTfidf, transformTfidf } from './vectorize/tfidf.ts';
import type { Block } from './vectorize/tfidf.ts';

/** An estimator with its parameters: learns from a training set, or gives predictions a way of its own. */
export type Fitter = (set: TrainingSet) => Fit;

export interface TrainInput {
  readonly documents: readonly Document[];
  readonly target: Uint8Array;
  readonly classes: number;
  readonly features: FeatureParams;
  readonly fit: Fitter;
}

export interface CrossValidated {
  folds: number;
  macroF1: number[];
  accuracy: number[];
  mean: number;
  deviation: number;
  standardError: number;
}

const rowsWhere = (length: number, keep: (row: number) => boolean): Int32Array => Int32Array.from({ length }, (_, row) => row).filter(keep);

/** k-fold cross-validation, the vectorizer fitted inside each fold: a tested row never shapes a vocabulary or an idf. */
export function crossValidate(input: TrainInput, use: { folds: number; seed: number }): CrossValidated {
  const { documents, target, classes, features, fit } = input;
  const counts = countDocuments(documents, features);
  const assigned = groupFolds(target, documents.map(({ text }) => text), { ...use, classes });
  const labels = Array.from({ length: classes }, (_, k) => String(k));
  const scores = Array.from({ length: use.folds }, (_, fold) => {
    const train = rowsWhere(documents.length, (row) => assigned[row] !== fold);
    const test = rowsWhere(documents.length, (row) => assigned[row] === fold);
    const blocks = fitTfidf(counts, train, features);
    const { sublinear } = features;
    const { model } = fit({ matrix: transformTfidf(counts, blocks, { rows: train, sublinear }), target: Uint8Array.from(train, (row) => target[row] ?? 0), classes });
    const predicted = predictRows(model, transformTfidf(counts, blocks, { rows: test, sublinear })).map(argmax);
    return scoresOf(Uint8Array.from(test, (row) => target[row] ?? 0), predicted, labels);
  });
  const macroF1 = scores.map(({ macro }) => macro.f1);
  const spread = deviation(macroF1);
  return { folds: use.folds, macroF1, accuracy: scores.map(({ accuracy }) => accuracy), mean: mean(macroF1), deviation: spread, standardError: spread / Math.sqrt(use.folds) };
}

/** Vectorizer and estimator fitted on all rows. */
export function fitAll({ documents, target, classes, features, fit }: TrainInput): Fit & { readonly blocks: readonly Block[] } {
  const counts = countDocuments(documents, features);
  const rows = rowsWhere(documents.length, () => true);
  const blocks = fitTfidf(counts, rows, features);
  return { ...fit({ matrix: transformTfidf(counts, blocks, { rows, sublinear: features.sublinear }), target, classes }), blocks };
}
