import { createRandom } from '../random.ts';
import { classWeights } from './estimator.ts';
import type { Fit, TrainingSet } from './estimator.ts';
import { createGrower } from './grower.ts';
import type { Grower } from './grower.ts';
import { bestSplit, sumUp } from './split.ts';
import type { Node, Split } from './split.ts';

export interface ForestParams {
  readonly trees: number;
  readonly samplesLeafMin: number;
  readonly depthMax: number | null;
  readonly classWeight: 'none' | 'balanced';
  readonly seed: number;
}

/** Trees under construction, one node after the other. */
class Growing {
  readonly features: number[] = [];
  readonly thresholds: number[] = [];
  readonly children: number[] = [];
  readonly shares: number[] = [];

  add(): number {
    this.features.push(-1);
    this.thresholds.push(0);
    this.children.push(-1);
    return this.features.length - 1;
  }
}

/** Draws rows with replacement; gives back how many different ones, which then stand in `samples`. */
function bootstrap({ matrix, random, weights, samples, target }: Grower, byClass: Float64Array): number {
  weights.fill(0);
  for (let draw = 0; draw < matrix.rows; draw++) {
    const row = random.integer(matrix.rows);
    weights[row] = (weights[row] ?? 0) + 1;
  }
  let size = 0;
  for (let row = 0; row < matrix.rows; row++) {
    if (weights[row] === 0) continue;
    samples[size++] = row;
    weights[row] = (weights[row] ?? 0) * (byClass[target[row] ?? 0] ?? 0);
  }
  return size;
}

/** Puts the rows of a node that go below before those that go above; gives back where the latter begin. */
function partition({ columns, samples, nodeOf }: Grower, node: Node, { split, above }: { split: Split; above: number }): number {
  for (let entry = (columns.starts[split.feature + 1] ?? 0) - 1; entry >= (columns.starts[split.feature] ?? 0) && (columns.values[entry] ?? 0) > split.threshold; entry--) {
    const row = columns.rows[entry] ?? 0;
    if (nodeOf[row] === node.id) nodeOf[row] = above;
  }
  let [low, high] = [node.start, node.end];
  while (low < high) {
    const row = samples[low] ?? 0;
    if (nodeOf[row] !== above) {
      nodeOf[row] = above - 1;
      low++;
      continue;
    }
    samples[low] = samples[--high] ?? 0;
    samples[high] = row;
  }
  return low;
}

function growTree(grower: Grower, growing: Growing, use: { size: number; depthMax: number }): number {
  const { classes, sums, samplesLeafMin, nodeOf } = grower;
  const root = growing.add();
  nodeOf.fill(root);
  const open: Node[] = [{ id: root, start: 0, end: use.size, depth: 0 }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const total = sumUp(grower, node);
    let kinds = 0;
    for (let k = 0; k < classes; k++) {
      growing.shares[node.id * classes + k] = total > 0 ? (sums[k] ?? 0) / total : 1 / classes;
      if ((sums[k] ?? 0) > 0) kinds++;
    }
    if (kinds < 2 || node.depth >= use.depthMax || node.end - node.start < 2 * samplesLeafMin) continue;
    const split = bestSplit(grower, node, total);
    if (split === undefined) continue;
    const below = growing.add();
    const above = growing.add();
    growing.features[node.id] = split.feature;
    growing.thresholds[node.id] = split.threshold;
    growing.children[node.id] = below;
    const middle = partition(grower, node, { split, above });
    open.push({ id: above, start: middle, end: node.end, depth: node.depth + 1 }, { id: below, start: node.start, end: middle, depth: node.depth + 1 });
  }
  return root;
}

/**
 * A random forest (Breiman, Machine Learning 45, 2001) on sparse rows: each tree on a bootstrap sample, Gini impurity, the
 * square root of the number of features tried at each node, grown to the end, class shares averaged. Features that are constant
 * within a node do not count as tried: in scikit-learn they do once another was found, which on text leaves little to choose from.
 */
export function fitRandomForest({ matrix, target, classes }: TrainingSet, params: ForestParams): Fit {
  const random = createRandom(`forest ${params.seed}`);
  const byClass = classWeights(target, classes, params.classWeight);
  const grower = createGrower({ matrix, target, classes, random, samplesLeafMin: params.samplesLeafMin });
  const growing = new Growing();
  const roots: number[] = [];
  for (let tree = 0; tree < params.trees; tree++) roots.push(growTree(grower, growing, { size: bootstrap(grower, byClass), depthMax: params.depthMax ?? Infinity }));
  return {
    model: {
      kind: 'forest', classes, roots: Int32Array.from(roots), features: Int32Array.from(growing.features), thresholds: Float64Array.from(growing.thresholds),
      children: Int32Array.from(growing.children), shares: Float64Array.from(growing.shares),
    },
    converged: true,
  };
}
