import { RandomForestClassifier } from 'ml-random-forest';
import type { Fit, TrainingSet } from '../estimators/estimator.ts';
import { dense } from './logistic.ts';

/** The search for a split looks at every pair of rows: more trees than this take minutes. */
const TREES_MAX = 20;

interface CartNode {
  readonly splitColumn?: number;
  readonly splitValue?: number;
  readonly left?: CartNode;
  readonly right?: CartNode;
  readonly distribution?: readonly (readonly number[])[] | { to2DArray(): number[][] };
}

interface Trained {
  readonly indexes: readonly (readonly number[])[];
  readonly estimators: readonly { readonly root: CartNode }[];
}

class Flat {
  readonly features: number[] = [];
  readonly thresholds: number[] = [];
  readonly children: number[] = [];
  readonly shares: number[] = [];
  readonly classes: number;

  constructor(classes: number) {
    this.classes = classes;
  }

  add(): number {
    this.features.push(-1);
    this.thresholds.push(0);
    this.children.push(-1);
    for (let k = 0; k < this.classes; k++) this.shares.push(0);
    return this.features.length - 1;
  }

  fill(id: number, node: CartNode, columns: readonly number[]): void {
    const { left, right, splitColumn, splitValue, distribution } = node;
    if (left !== undefined && right !== undefined && splitColumn !== undefined) {
      this.features[id] = columns[splitColumn] ?? 0;
      // There a value below the split goes left; here one that is at most the threshold.
      this.thresholds[id] = (splitValue ?? 0) - 1e-6;
      const child = this.add();
      this.add();
      this.children[id] = child;
      this.fill(child, left, columns);
      this.fill(child + 1, right, columns);
      return;
    }
    const rows = distribution === undefined ? [] : 'to2DArray' in distribution ? distribution.to2DArray() : distribution;
    for (const [k, share] of (rows[0] ?? []).entries()) if (k < this.classes) this.shares[id * this.classes + k] = share;
  }
}

/**
 * ml-random-forest (features drawn once a tree, dense rows) as a point of reference. Its trees become a forest like any
 * other, so that prediction is ours.
 */
export function fitMljsForest(set: TrainingSet, params: { readonly trees: number; readonly seed: number }): Fit {
  const { classes, matrix, target } = set;
  const model = new RandomForestClassifier({
    seed: params.seed, maxFeatures: Math.min(matrix.columns, Math.max(2, Math.floor(Math.sqrt(matrix.columns)))), replacement: false,
    nEstimators: Math.min(TREES_MAX, params.trees), useSampleBagging: true, noOOB: true,
  });
  model.train(dense(set), [...target]);
  const trained = model as unknown as Trained;
  const flat = new Flat(classes);
  const roots = trained.estimators.map(({ root }, tree) => {
    const id = flat.add();
    flat.fill(id, root, trained.indexes[tree] ?? []);
    return id;
  });
  return {
    model: {
      kind: 'forest', classes, roots: Int32Array.from(roots), features: Int32Array.from(flat.features), thresholds: Float64Array.from(flat.thresholds),
      children: Int32Array.from(flat.children), shares: Float64Array.from(flat.shares),
    },
    converged: true,
  };
}
