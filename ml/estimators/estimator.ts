import type { Sparse } from '../vectorize/sparse.ts';

/** What an estimator learns from: rows of features, a class (0 to classes - 1) for each. */
export interface TrainingSet {
  readonly matrix: Sparse;
  readonly target: Uint8Array;
  readonly classes: number;
}

/** A linear model: class k scores bias[k] + sum of value * weights[feature * classes + k]. */
export interface LinearModel {
  readonly kind: 'linear';
  readonly classes: number;
  readonly weights: Float64Array | Float32Array;
  readonly bias: Float64Array | Float32Array;
}

/** Trees one after the other in flat arrays; `features` is -1 at a leaf, whose class shares lie in `shares`. */
export interface ForestModel {
  readonly kind: 'forest';
  readonly classes: number;
  readonly roots: Int32Array;
  readonly features: Int32Array;
  readonly thresholds: Float64Array | Float32Array;
  /** Left child of a node; its right child is the next one. */
  readonly children: Int32Array;
  readonly shares: Float64Array | Float32Array;
}

export type FittedModel = LinearModel | ForestModel;

export interface Fit {
  readonly model: FittedModel;
  readonly converged: boolean;
}

/** Weight of each class so that all count the same: n / (classes * count), as scikit-learn's class_weight='balanced'. */
export function classWeights(target: Uint8Array, classes: number, mode: 'none' | 'balanced'): Float64Array {
  const counts = new Float64Array(classes);
  for (const label of target) counts[label] = (counts[label] ?? 0) + 1;
  return counts.map((count) => (mode === 'none' || count === 0 ? 1 : target.length / (classes * count)));
}
