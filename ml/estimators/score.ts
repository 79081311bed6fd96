import { softmax } from '../math.ts';
import type { Sparse } from '../vectorize/sparse.ts';
import type { FittedModel, ForestModel, LinearModel } from './estimator.ts';

/** Entries of one row, the first `size` of both arrays: features ascending, and their values. */
export interface Row {
  readonly indices: Int32Array;
  readonly values: Float64Array;
  readonly size: number;
}

function linear(model: LinearModel, row: Row): Float64Array {
  const { classes, weights, bias } = model;
  const { indices, values, size } = row;
  const scores = new Float64Array(classes);
  for (let k = 0; k < classes; k++) {
    let score = bias[k] ?? 0;
    for (let entry = 0; entry < size; entry++) score += (values[entry] as number) * (weights[(indices[entry] as number) * classes + k] as number);
    scores[k] = score;
  }
  return softmax(scores);
}

function forest(model: ForestModel, row: Row): Float64Array {
  const { classes } = model;
  const values = new Map<number, number>();
  for (let entry = 0; entry < row.size; entry++) values.set(row.indices[entry] ?? 0, row.values[entry] ?? 0);
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
    return probabilities(model, { indices: matrix.indices.subarray(start, end), values: matrix.values.subarray(start, end), size: end - start });
  });
}
