import type { Sparse } from '../vectorize/sparse.ts';
import type { Grower } from './random-forest.ts';

export interface Split {
  readonly feature: number;
  /** Rows whose value is at most this go below. */
  readonly threshold: number;
  readonly below: Int32Array;
  readonly above: Int32Array;
}

/** Scratch space of one forest, as long as there are features: reused by every node, and left clean by each. */
export interface Scratch {
  readonly counts: Int32Array;
  readonly slots: Int32Array;
  /** The matrix by columns: rows and values of feature f from `starts[f]` to `starts[f + 1]`. */
  readonly starts: Int32Array;
  readonly rows: Int32Array;
  readonly values: Float64Array;
  /** 1 for each row of the node that is looked at. */
  readonly inNode: Uint8Array;
}

export function createScratch(matrix: Sparse): Scratch {
  const starts = new Int32Array(matrix.columns + 1);
  for (const feature of matrix.indices) starts[feature + 1] = (starts[feature + 1] ?? 0) + 1;
  for (let feature = 0; feature < matrix.columns; feature++) starts[feature + 1] = (starts[feature + 1] ?? 0) + (starts[feature] ?? 0);
  const next = starts.slice(0, matrix.columns);
  const rows = new Int32Array(matrix.indices.length);
  const values = new Float64Array(matrix.indices.length);
  for (let row = 0; row < matrix.rows; row++) {
    for (let entry = matrix.offsets[row] ?? 0; entry < (matrix.offsets[row + 1] ?? 0); entry++) {
      const feature = matrix.indices[entry] ?? 0;
      const at = next[feature] ?? 0;
      rows[at] = row;
      values[at] = matrix.values[entry] ?? 0;
      next[feature] = at + 1;
    }
  }
  return { counts: new Int32Array(matrix.columns), slots: new Int32Array(matrix.columns).fill(-1), starts, rows, values, inNode: new Uint8Array(matrix.rows) };
}

/** From this many rows on it is cheaper to look a feature up by its column than to read all the rows. */
const MANY_ROWS = 150;

/** The entries of one feature within a large node, from its column. */
function columnOf({ scratch }: Grower, feature: number): Column {
  const [start, end] = [scratch.starts[feature] ?? 0, scratch.starts[feature + 1] ?? 0];
  const rows: number[] = [];
  const values: number[] = [];
  for (let entry = start; entry < end; entry++) {
    if (scratch.inNode[scratch.rows[entry] ?? 0] !== 1) continue;
    rows.push(scratch.rows[entry] ?? 0);
    values.push(scratch.values[entry] ?? 0);
  }
  return { rows: Int32Array.from(rows), values: Float64Array.from(values) };
}

/** The features that stand in at least one of the rows, ascending, and how many of the rows have each (in `counts`). */
function presentFeatures({ matrix, scratch }: Grower, samples: Int32Array): Int32Array {
  const { counts } = scratch;
  const found: number[] = [];
  for (const row of samples) {
    const end = matrix.offsets[row + 1] ?? 0;
    for (let entry = matrix.offsets[row] ?? 0; entry < end; entry++) {
      const feature = matrix.indices[entry] ?? 0;
      const count = counts[feature] ?? 0;
      if (count === 0) found.push(feature);
      counts[feature] = count + 1;
    }
  }
  return Int32Array.from(found).sort();
}

/** The entries (row, value) of a few features within the node, feature after feature. */
function columnsOf({ matrix, scratch }: Grower, samples: Int32Array, features: readonly number[]): readonly Column[] {
  const { counts, slots } = scratch;
  const columns = features.map((feature, slot) => {
    slots[feature] = slot;
    return { rows: new Int32Array(counts[feature] ?? 0), values: new Float64Array(counts[feature] ?? 0) };
  });
  const filled = new Int32Array(features.length);
  for (const row of samples) {
    const end = matrix.offsets[row + 1] ?? 0;
    for (let entry = matrix.offsets[row] ?? 0; entry < end; entry++) {
      const slot = slots[matrix.indices[entry] ?? 0] ?? -1;
      const column = columns[slot];
      if (column === undefined) continue;
      const at = filled[slot] ?? 0;
      column.rows[at] = row;
      column.values[at] = matrix.values[entry] ?? 0;
      filled[slot] = at + 1;
    }
  }
  for (const feature of features) slots[feature] = -1;
  return columns;
}

/** Sum over the classes of weight squared, divided by the total weight: larger is purer. */
function purity(sums: Float64Array, total: number): number {
  let squares = 0;
  for (const sum of sums) squares += sum * sum;
  return total > 0 ? squares / total : 0;
}

interface Column {
  readonly rows: Int32Array;
  readonly values: Float64Array;
}

interface Best {
  readonly gain: number;
  readonly threshold: number;
}

/** The best threshold of one feature: all rows without the feature come first, with the value 0. */
function bestThreshold(grower: Grower, column: Column, node: { sums: Float64Array; total: number; size: number }): Best | undefined {
  const { target, weights, classes, samplesLeafMin } = grower;
  const order = Int32Array.from(column.rows.keys()).sort((a, b) => (column.values[a] ?? 0) - (column.values[b] ?? 0));
  const above = new Float64Array(classes);
  let aboveTotal = 0;
  for (const row of column.rows) {
    above[target[row] ?? 0] = (above[target[row] ?? 0] ?? 0) + (weights[row] ?? 0);
    aboveTotal += weights[row] ?? 0;
  }
  const below = node.sums.map((sum, k) => sum - (above[k] ?? 0));
  let belowTotal = node.total - aboveTotal;
  let belowCount = node.size - column.rows.length;
  let best: Best | undefined;
  let previous = belowCount > 0 ? 0 : (column.values[order[0] ?? 0] ?? 0);
  for (const entry of order) {
    const value = column.values[entry] ?? 0;
    if (value > previous && belowCount >= samplesLeafMin && node.size - belowCount >= samplesLeafMin) {
      const gain = purity(below, belowTotal) + purity(above, aboveTotal);
      if (best === undefined || gain > best.gain) best = { gain, threshold: (previous + value) / 2 };
    }
    const row = column.rows[entry] ?? 0;
    const weight = weights[row] ?? 0;
    const label = target[row] ?? 0;
    below[label] = (below[label] ?? 0) + weight;
    above[label] = (above[label] ?? 0) - weight;
    belowTotal += weight;
    aboveTotal -= weight;
    belowCount++;
    previous = value;
  }
  return best;
}

function nodeSums({ target, weights, classes }: Grower, samples: Int32Array): { sums: Float64Array; total: number; size: number } {
  const sums = new Float64Array(classes);
  let total = 0;
  for (const row of samples) {
    sums[target[row] ?? 0] = (sums[target[row] ?? 0] ?? 0) + (weights[row] ?? 0);
    total += weights[row] ?? 0;
  }
  return { sums, total, size: samples.length };
}

/** Features of a node in random order, with their entries, as many at a time as are still to be tried. */
interface Source {
  readonly order: Int32Array;
  columns(features: readonly number[]): readonly Column[];
  done(): void;
}

function sourceOf(grower: Grower, samples: Int32Array): Source {
  const { scratch, matrix } = grower;
  if (samples.length >= MANY_ROWS) {
    for (const row of samples) scratch.inNode[row] = 1;
    const done = (): void => {
      for (const row of samples) scratch.inNode[row] = 0;
    };
    return { order: Int32Array.from({ length: matrix.columns }, (_, feature) => feature), columns: (features) => features.map((feature) => columnOf(grower, feature)), done };
  }
  const present = presentFeatures(grower, samples);
  const done = (): void => {
    for (const feature of present) scratch.counts[feature] = 0;
  };
  return { order: Int32Array.from(present), columns: (features) => columnsOf(grower, samples, features), done };
}

/** The split of a node with the largest decrease of Gini impurity among features drawn at random; undefined where none helps. */
export function bestSplit(grower: Grower, samples: Int32Array): Split | undefined {
  const source = sourceOf(grower, samples);
  const { order } = source;
  const node = nodeSums(grower, samples);
  let best: (Best & { readonly feature: number; readonly column: Column }) | undefined;
  let [drawn, tried] = [0, 0];
  while (drawn < order.length && tried < grower.featuresTried) {
    const batch: number[] = [];
    for (; drawn < order.length && batch.length < grower.featuresTried - tried; drawn++) {
      const other = drawn + grower.random.integer(order.length - drawn);
      batch.push(order[other] ?? 0);
      order[other] = order[drawn] ?? 0;
    }
    for (const [slot, column] of source.columns(batch).entries()) {
      // A feature that is the same in all rows of the node cannot split it, and does not count as tried.
      const { rows, values } = column;
      if (rows.length === 0 || (rows.length === samples.length && values.every((value) => value === values[0]))) continue;
      tried++;
      const candidate = bestThreshold(grower, column, node);
      if (candidate !== undefined && (best === undefined || candidate.gain > best.gain)) best = { ...candidate, feature: batch[slot] ?? 0, column };
    }
  }
  source.done();
  if (best === undefined || best.gain <= purity(node.sums, node.total) + 1e-12) return undefined;
  const { threshold, feature, column } = best;
  const above = new Set<number>();
  for (let entry = 0; entry < column.rows.length; entry++) if ((column.values[entry] ?? 0) > threshold) above.add(column.rows[entry] ?? 0);
  return { feature, threshold, below: samples.filter((row) => !above.has(row)), above: samples.filter((row) => above.has(row)) };
}
