import type { Grower } from './random-forest.ts';

export interface Split {
  readonly feature: number;
  /** Rows whose value is at most this go below. */
  readonly threshold: number;
  readonly below: Int32Array;
  readonly above: Int32Array;
}

/** The features that stand in at least one of the rows, each with its entries (row, value) within the node. */
function entriesByFeature({ matrix }: Grower, samples: Int32Array): { features: Int32Array; starts: Int32Array; rows: Int32Array; values: Float64Array } {
  const counts = new Map<number, number>();
  let size = 0;
  for (const row of samples) {
    const end = matrix.offsets[row + 1] ?? 0;
    for (let entry = matrix.offsets[row] ?? 0; entry < end; entry++, size++) {
      const feature = matrix.indices[entry] ?? 0;
      counts.set(feature, (counts.get(feature) ?? 0) + 1);
    }
  }
  const features = Int32Array.from(counts.keys()).sort();
  const starts = new Int32Array(features.length + 1);
  const next = new Map<number, number>();
  for (const [position, feature] of features.entries()) {
    const start = starts[position] ?? 0;
    next.set(feature, start);
    starts[position + 1] = start + (counts.get(feature) ?? 0);
  }
  const rows = new Int32Array(size);
  const values = new Float64Array(size);
  for (const row of samples) {
    const end = matrix.offsets[row + 1] ?? 0;
    for (let entry = matrix.offsets[row] ?? 0; entry < end; entry++) {
      const feature = matrix.indices[entry] ?? 0;
      const at = next.get(feature) ?? 0;
      rows[at] = row;
      values[at] = matrix.values[entry] ?? 0;
      next.set(feature, at + 1);
    }
  }
  return { features, starts, rows, values };
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

/** The split of a node with the largest decrease of Gini impurity among features drawn at random; undefined where none helps. */
export function bestSplit(grower: Grower, samples: Int32Array): Split | undefined {
  const { features, starts, rows, values } = entriesByFeature(grower, samples);
  const node = nodeSums(grower, samples);
  const before = purity(node.sums, node.total);
  const order = Int32Array.from(features.keys());
  let tried = 0;
  let best: (Best & { readonly position: number }) | undefined;
  for (let drawn = 0; drawn < order.length && tried < grower.featuresTried; drawn++) {
    const other = drawn + grower.random.integer(order.length - drawn);
    const position = order[other] ?? 0;
    order[other] = order[drawn] ?? 0;
    const [start, end] = [starts[position] ?? 0, starts[position + 1] ?? 0];
    const column = { rows: rows.subarray(start, end), values: values.subarray(start, end) };
    const constant = column.rows.length === samples.length && column.values.every((value) => value === column.values[0]);
    if (constant) continue;
    tried++;
    const candidate = bestThreshold(grower, column, node);
    if (candidate !== undefined && (best === undefined || candidate.gain > best.gain)) best = { ...candidate, position };
  }
  if (best === undefined || best.gain <= before + 1e-12) return undefined;
  const { threshold, position } = best;
  const above = new Set<number>();
  for (let entry = starts[position] ?? 0; entry < (starts[position + 1] ?? 0); entry++) if ((values[entry] ?? 0) > threshold) above.add(rows[entry] ?? 0);
  return { feature: features[position] ?? 0, threshold, below: samples.filter((row) => !above.has(row)), above: samples.filter((row) => above.has(row)) };
}
