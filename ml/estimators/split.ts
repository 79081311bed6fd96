import { sortEntries } from './columns.ts';
import type { Grower } from './grower.ts';

/** Rows of one node: `samples` from start to end. */
export interface Node {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

export interface Split {
  readonly feature: number;
  /** Rows whose value is at most this go below. */
  readonly threshold: number;
}

/** The best so far; one object a node, changed in place. */
interface Best {
  gain: number;
  feature: number;
  threshold: number;
}

/** Entries of one feature within the node: `entryRows` and `entryValues` from start to end, values ascending. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** Gathers the entries of a small node, feature by feature; gives back how many features it has. */
function gather({ matrix, samples, present, counts, begins, entryRows, entryValues }: Grower, node: Node): number {
  const { offsets, indices, values } = matrix;
  let found = 0;
  for (let at = node.start; at < node.end; at++) {
    const row = samples[at] ?? 0;
    const end = offsets[row + 1] ?? 0;
    for (let entry = offsets[row] ?? 0; entry < end; entry++) {
      const feature = indices[entry] ?? 0;
      const count = counts[feature] ?? 0;
      if (count === 0) present[found++] = feature;
      counts[feature] = count + 1;
    }
  }
  let begin = 0;
  for (let index = 0; index < found; index++) {
    const feature = present[index] ?? 0;
    begins[feature] = begin;
    begin += counts[feature] ?? 0;
    counts[feature] = 0;
  }
  for (let at = node.start; at < node.end; at++) {
    const row = samples[at] ?? 0;
    const end = offsets[row + 1] ?? 0;
    for (let entry = offsets[row] ?? 0; entry < end; entry++) {
      const feature = indices[entry] ?? 0;
      const to = (begins[feature] ?? 0) + (counts[feature] ?? 0);
      entryRows[to] = row;
      entryValues[to] = values[entry] ?? 0;
      counts[feature] = (counts[feature] ?? 0) + 1;
    }
  }
  return found;
}

/** Where the entries of a feature lie after `gather`, sorted by value. */
function gathered({ begins, counts, entryRows, entryValues }: Grower, feature: number): Range {
  const start = begins[feature] ?? 0;
  const range = { start, end: start + (counts[feature] ?? 0) };
  sortEntries(entryRows, entryValues, range);
  return range;
}

/** The entries of one feature in a large node, from its column, which is sorted already. */
function fromColumn({ columns, nodeOf, weights, entryRows, entryValues }: Grower, feature: number, node: Node): Range {
  const last = columns.starts[feature + 1] ?? 0;
  let end = 0;
  for (let entry = columns.starts[feature] ?? 0; entry < last; entry++) {
    const row = columns.rows[entry] ?? 0;
    if (nodeOf[row] !== node.id || weights[row] === 0) continue;
    entryRows[end] = row;
    entryValues[end++] = columns.values[entry] ?? 0;
  }
  return { start: 0, end };
}

/** Sum over the classes of weight squared, divided by the total weight: larger is purer. */
export function purity(sums: Float64Array, total: number): number {
  let squares = 0;
  for (let k = 0; k < sums.length; k++) squares += (sums[k] ?? 0) * (sums[k] ?? 0);
  return total > 0 ? squares / total : 0;
}

/** Tries every threshold of one feature: rows without it come first, with the value 0. */
function tryFeature(grower: Grower, range: Range, { node, total, best, feature }: { node: Node; total: number; best: Best; feature: number }): void {
  const { target, weights, samplesLeafMin, entryRows, entryValues, below, above, sums } = grower;
  above.fill(0);
  let aboveTotal = 0;
  for (let entry = range.start; entry < range.end; entry++) {
    const row = entryRows[entry] ?? 0;
    const weight = weights[row] ?? 0;
    above[target[row] ?? 0] = (above[target[row] ?? 0] ?? 0) + weight;
    aboveTotal += weight;
  }
  for (let k = 0; k < below.length; k++) below[k] = (sums[k] ?? 0) - (above[k] ?? 0);
  const size = node.end - node.start;
  let belowTotal = total - aboveTotal;
  let belowCount = size - (range.end - range.start);
  let previous = belowCount > 0 ? 0 : (entryValues[range.start] ?? 0);
  for (let entry = range.start; entry < range.end; entry++) {
    const value = entryValues[entry] ?? 0;
    if (value > previous && belowCount >= samplesLeafMin && size - belowCount >= samplesLeafMin) {
      const gain = purity(below, belowTotal) + purity(above, aboveTotal);
      if (gain > best.gain) {
        best.gain = gain;
        best.feature = feature;
        best.threshold = (previous + value) / 2;
      }
    }
    const row = entryRows[entry] ?? 0;
    const weight = weights[row] ?? 0;
    const label = target[row] ?? 0;
    below[label] = (below[label] ?? 0) + weight;
    above[label] = (above[label] ?? 0) - weight;
    belowTotal += weight;
    aboveTotal -= weight;
    belowCount++;
    previous = value;
  }
}

/** Weights of the classes in a node, into `sums`; gives back their total. */
export function sumUp({ samples, target, weights, sums }: Grower, node: Node): number {
  sums.fill(0);
  let total = 0;
  for (let at = node.start; at < node.end; at++) {
    const row = samples[at] ?? 0;
    sums[target[row] ?? 0] = (sums[target[row] ?? 0] ?? 0) + (weights[row] ?? 0);
    total += weights[row] ?? 0;
  }
  return total;
}

/**
 * The split of a node with the largest decrease of Gini impurity among features drawn at random; undefined where none helps.
 * `sums` holds the class weights of the node. Two ways to the entries of a feature, with the same result: in a small node all
 * are gathered at once, in a large one the column of each drawn feature is read.
 */
export function bestSplit(grower: Grower, node: Node, total: number): Split | undefined {
  const { matrix, random, featuresTried, order, present, counts, entryValues } = grower;
  const size = node.end - node.start;
  const large = 2 * size * matrix.columns > featuresTried * matrix.rows;
  const candidates = large ? order : present;
  const length = large ? matrix.columns : gather(grower, node);
  const best: Best = { gain: purity(grower.sums, total) + 1e-12, feature: -1, threshold: 0 };
  for (let drawn = 0, tried = 0; drawn < length && tried < featuresTried; drawn++) {
    const other = drawn + random.integer(length - drawn);
    const feature = candidates[other] ?? 0;
    candidates[other] = candidates[drawn] ?? 0;
    candidates[drawn] = feature;
    const range = large ? fromColumn(grower, feature, node) : gathered(grower, feature);
    // A feature that is the same in all rows of the node cannot split it, and does not count as tried.
    const rows = range.end - range.start;
    if (rows === 0 || (rows === size && entryValues[range.start] === entryValues[range.end - 1])) continue;
    tried++;
    tryFeature(grower, range, { node, total, best, feature });
  }
  if (!large) for (let index = 0; index < length; index++) counts[present[index] ?? 0] = 0;
  return best.feature < 0 ? undefined : { feature: best.feature, threshold: best.threshold };
}
