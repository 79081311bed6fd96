import { softmax } from '../math.ts';
import type { Sparse } from '../vectorize/sparse.ts';
import type { FittedModel, ForestModel, LinearModel } from './estimator.ts';

/** Entries of one row: features ascending, and their values. */
export interface Row {
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

function linear(model: LinearModel, row: Row): Float64Array {
  const { classes, weights, bias } = model;
  const scores = Float64Array.from(bias);
  for (let entry = 0; entry < row.indices.length; entry++) {
    const base = (row.indices[entry] ?? 0) * classes;
    const value = row.values[entry] ?? 0;
    for (let k = 0; k < classes; k++) scores[k] = (scores[k] ?? 0) + value * (weights[base + k] ?? 0);
  }
  return softmax(scores);
}

function forest(model: ForestModel, row: Row): Float64Array {
  const { classes } = model;
  const values = new Map<number, number>();
  for (let entry = 0; entry < row.indices.length; entry++) values.set(row.indices[entry] ?? 0, row.values[entry] ?? 0);
  const sums = new Float64Array(classes);
  for (const root of model.roots) {
    let node = root;
    for (let feature = model.features[node] ?? -1; feature >= 0; feature = model.features[node] ?? -1) {
      const below = (values.get(feature) ?? 0) <= (model.thresholds[node] ?? 0);
      node = (model.children[node] ?? 0) + (below ? 0 : 1);
    }
    for (let k = 0; k < classes; k++) sums[k] = (sums[k] ?? 0) + (model.shares[node * classes + k] ?? 0);
  }
  let total = 0;
  for (const sum of sums) total += sum;
  return sums.map((sum) => sum / total);
}

/** Probabilities of one row, class by class. Sums go in the order of the features: the same bits everywhere. */
export function probabilities(model: FittedModel, row: Row): Float64Array {
  switch (model.kind) {
    case 'linear':
      return linear(model, row);
    case 'forest':
      return forest(model, row);
    default: {
      const never: never = model;
      return never;
    }
  }
}

/** Probabilities of every row of a matrix. */
export function predictRows(model: FittedModel, matrix: Sparse): readonly Float64Array[] {
  return Array.from({ length: matrix.rows }, (_, row) => {
    const [start, end] = [matrix.offsets[row] ?? 0, matrix.offsets[row + 1] ?? 0];
    return probabilities(model, { indices: matrix.indices.subarray(start, end), values: matrix.values.subarray(start, end) });
  });
}
