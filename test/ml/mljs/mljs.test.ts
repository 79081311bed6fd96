import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { predictRows } from '../../../ml/estimators/score.ts';
import { argmax } from '../../../ml/math.ts';
import { fitMljsForest } from '../../../ml/mljs/forest.ts';
import { CELLS_MAX, fitMljsLogistic } from '../../../ml/mljs/logistic.ts';
import { createRandom } from '../../../ml/random.ts';
import type { TrainingSet } from '../../../ml/estimators/estimator.ts';

/** Rows in which the first or the second feature tells the class, with noise in the others. */
function rows(count: number): TrainingSet {
  const random = createRandom('mljs');
  const table = Array.from({ length: count }, (_, row) => [row % 2 === 0 ? 1 : 0, row % 2 === 0 ? 0 : 1, random.next(), random.next()]);
  const values = table.flat();
  return {
    matrix: { rows: count, columns: 4, offsets: Int32Array.from({ length: count + 1 }, (_, row) => row * 4), indices: Int32Array.from(values, (_, at) => at % 4), values: Float64Array.from(values) },
    target: Uint8Array.from(table, (_, row) => row % 2),
    classes: 2,
  };
}

describe('the packages of mljs as points of reference', () => {
  const set = rows(60);
  const right = (model: Parameters<typeof predictRows>[0]): number => predictRows(model, set.matrix).filter((shares, row) => argmax(shares) === set.target[row]).length;

  test('ml-logistic-regression learns, and predicts through our own linear model', () => {
    const { model, converged } = fitMljsLogistic(set, { iterationsMax: 200 });
    assert.equal(model.kind, 'linear');
    assert.equal(right(model), 60);
    assert.equal(converged, false);
  });

  test('ml-random-forest learns, and predicts through our own forest', () => {
    const { model } = fitMljsForest(set, { trees: 15, seed: 1 });
    assert.equal(model.kind, 'forest');
    assert.ok(right(model) >= 54, `${right(model)} of 60`);
    assert.deepEqual(fitMljsForest(set, { trees: 15, seed: 1 }).model, model);
  });

  test('more dense cells than the bound are refused with the key to change', () => {
    const { matrix, target } = set;
    const large = { matrix: { ...matrix, columns: CELLS_MAX }, target, classes: 2 };
    assert.throws(() => fitMljsLogistic(large, { iterationsMax: 1 }), /set features\.featuresMax to \d+ or less/);
    assert.throws(() => fitMljsForest(large, { trees: 1, seed: 1 }), RangeError);
  });
});
