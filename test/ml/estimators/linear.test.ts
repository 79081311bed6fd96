import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LinearModel } from '../../../ml/estimators/estimator.ts';
import { classWeights } from '../../../ml/estimators/estimator.ts';
import { fitLogisticRegression } from '../../../ml/estimators/logistic-regression.ts';
import { fitMultinomialNb } from '../../../ml/estimators/multinomial-nb.ts';
import { predictRows } from '../../../ml/estimators/score.ts';
import type { FittedModel } from '../../../ml/estimators/estimator.ts';
import { fixture, largestDifference, sparse } from '../fixtures.ts';
import type { SparseJson } from '../fixtures.ts';

interface Reference {
  readonly train: SparseJson;
  readonly test: SparseJson;
  readonly target: number[];
  readonly bayes: { alpha: number; prior: 'uniform' | 'fitted'; probabilities: number[][] }[];
  readonly logistic: { C: number; classWeight: 'none' | 'balanced'; objective: number; probabilities: number[][] }[];
}

const reference = fixture<Reference>('estimators.json');
const [train, unseen, target] = [sparse(reference.train), sparse(reference.test), Uint8Array.from(reference.target)];
const set = { matrix: train, target, classes: 3 };

/** scikit-learn's objective: C * sum of weighted losses + |weights|^2 / 2. */
function objective(model: LinearModel, C: number, mode: 'none' | 'balanced'): number {
  const weights = classWeights(target, 3, mode);
  const losses = predictRows(model, train).map((shares, row) => -(weights[target[row] ?? 0] ?? 0) * Math.log(shares[target[row] ?? 0] ?? 0));
  return C * losses.reduce((sum, loss) => sum + loss, 0) + [...model.weights].reduce((sum, weight) => sum + weight * weight, 0) / 2;
}

function worst(model: FittedModel, expected: readonly number[][]): number {
  return Math.max(...predictRows(model, unseen).map((shares, row) => largestDifference(shares, expected[row] ?? [])));
}

describe("multinomial naive Bayes equals scikit-learn's", () => {
  for (const { alpha, prior, probabilities } of reference.bayes) {
    test(`alpha ${alpha}, ${prior} prior`, () => {
      assert.ok(worst(fitMultinomialNb(set, { alpha, prior }).model, probabilities) < 1e-12);
    });
  }
});

describe("logistic regression reaches scikit-learn's optimum", () => {
  for (const { C, classWeight, objective: expected, probabilities } of reference.logistic) {
    test(`C ${C}, class weight ${classWeight}: objective within 1e-6, probabilities within 1e-3`, () => {
      const { model, converged } = fitLogisticRegression(set, { C, classWeight, tolerance: 1e-6, iterationsMax: 1000 });
      assert.equal(converged, true);
      assert.equal(model.kind, 'linear');
      if (model.kind !== 'linear') return;
      const ours = objective(model, C, classWeight);
      assert.ok(Math.abs(ours - expected) / expected < 1e-6, `${ours} against ${expected}`);
      assert.ok(worst(model, probabilities) < 1e-3, `${worst(model, probabilities)}`);
    });
  }

  test('at the default tolerance and C 1 it is within 1e-5 of it', () => {
    for (const { C, classWeight, objective: expected } of reference.logistic.filter((each) => each.C === 1)) {
      const { model } = fitLogisticRegression(set, { C, classWeight, tolerance: 1e-4, iterationsMax: 200 });
      assert.ok(model.kind === 'linear' && Math.abs(objective(model, C, classWeight) - expected) / expected < 1e-5);
    }
  });

  test('says so when the steps did not suffice', () => {
    assert.equal(fitLogisticRegression(set, { C: 30, classWeight: 'none', tolerance: 1e-8, iterationsMax: 2 }).converged, false);
  });

  test('gives the same bits again', () => {
    const fit = (): FittedModel => fitLogisticRegression(set, { C: 1, classWeight: 'balanced', tolerance: 1e-4, iterationsMax: 200 }).model;
    assert.deepEqual(fit(), fit());
  });
});

describe('class weights', () => {
  // compute_class_weight('balanced', classes=[0, 1, 2], y=[0, 0, 0, 1, 2, 2])
  test('balanced as in scikit-learn, and harmless for a class that is absent', () => {
    assert.ok(largestDifference(classWeights(Uint8Array.of(0, 0, 0, 1, 2, 2), 3, 'balanced'), [0.6666666666666666, 2, 1]) < 1e-15);
    assert.deepEqual([...classWeights(Uint8Array.of(0, 0), 3, 'none')], [1, 1, 1]);
    assert.equal(classWeights(Uint8Array.of(0, 0), 3, 'balanced').every(Number.isFinite), true);
  });
});
