import { createRandom } from '../random.ts';
import type { Random } from '../random.ts';
import type { Sparse } from '../vectorize/sparse.ts';
import { classWeights } from './estimator.ts';
import type { Fit, TrainingSet } from './estimator.ts';
import { bestSplit, createScratch } from './split.ts';
import type { Scratch } from './split.ts';

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

interface Node {
  readonly id: number;
  readonly samples: Int32Array;
  readonly depth: number;
}

export interface Grower {
  readonly matrix: Sparse;
  readonly target: Uint8Array;
  readonly classes: number;
  /** Weight of each row: how often it was drawn, times the weight of its class. */
  readonly weights: Float64Array;
  readonly random: Random;
  /** How many features that differ within a node are tried. */
  readonly featuresTried: number;
  readonly samplesLeafMin: number;
  readonly scratch: Scratch;
}

function sharesOf({ target, classes, weights }: Grower, samples: Int32Array): number[] {
  const sums = Array.from({ length: classes }, () => 0);
  let total = 0;
  for (const row of samples) {
    const weight = weights[row] ?? 0;
    sums[target[row] ?? 0] = (sums[target[row] ?? 0] ?? 0) + weight;
    total += weight;
  }
  return sums.map((sum) => sum / total);
}

function growTree(grower: Grower, growing: Growing, use: { samples: Int32Array; depthMax: number }): number {
  const root = growing.add();
  const { classes } = grower;
  const open: Node[] = [{ id: root, samples: use.samples, depth: 0 }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const shares = sharesOf(grower, node.samples);
    for (let k = 0; k < classes; k++) growing.shares[node.id * classes + k] = shares[k] ?? 0;
    if (node.depth >= use.depthMax || node.samples.length < 2 * grower.samplesLeafMin || shares.includes(1)) continue;
    const split = bestSplit(grower, node.samples);
    if (split === undefined) continue;
    const left = growing.add();
    const right = growing.add();
    growing.features[node.id] = split.feature;
    growing.thresholds[node.id] = split.threshold;
    growing.children[node.id] = left;
    open.push({ id: right, samples: split.above, depth: node.depth + 1 }, { id: left, samples: split.below, depth: node.depth + 1 });
  }
  return root;
}

/**
 * A random forest (Breiman, Machine Learning 45, 2001) on sparse rows: each tree on a bootstrap sample, Gini impurity, the
 * square root of the number of features tried at each node, grown to the end, class shares averaged. As in
 * scikit-learn's RandomForestClassifier, features that are constant within a node do not count as tried.
 */
export function fitRandomForest({ matrix, target, classes }: TrainingSet, params: ForestParams): Fit {
  const random = createRandom(`forest ${params.seed}`);
  const byClass = classWeights(target, classes, params.classWeight);
  const growing = new Growing();
  const scratch = createScratch(matrix);
  const roots: number[] = [];
  for (let tree = 0; tree < params.trees; tree++) {
    const drawn = new Float64Array(matrix.rows);
    for (let draw = 0; draw < matrix.rows; draw++) {
      const row = random.integer(matrix.rows);
      drawn[row] = (drawn[row] ?? 0) + 1;
    }
    const samples = Int32Array.from(drawn.keys()).filter((row) => (drawn[row] ?? 0) > 0);
    const weights = drawn.map((count, row) => count * (byClass[target[row] ?? 0] ?? 0));
    const grower: Grower = { matrix, target, classes, weights, random, featuresTried: Math.max(1, Math.floor(Math.sqrt(matrix.columns))), samplesLeafMin: params.samplesLeafMin, scratch };
    roots.push(growTree(grower, growing, { samples, depthMax: params.depthMax ?? Infinity }));
  }
  return {
    model: {
      kind: 'forest', classes, roots: Int32Array.from(roots), features: Int32Array.from(growing.features), thresholds: Float64Array.from(growing.thresholds),
      children: Int32Array.from(growing.children), shares: Float64Array.from(growing.shares),
    },
    converged: true,
  };
}
