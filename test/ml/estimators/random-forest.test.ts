import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fitRandomForest } from '../../../ml/estimators/random-forest.ts';
import type { ForestParams } from '../../../ml/estimators/random-forest.ts';
import { predictRows } from '../../../ml/estimators/score.ts';
import { argmax } from '../../../ml/math.ts';
import type { Sparse } from '../../../ml/vectorize/sparse.ts';
import { fixture, sparse } from '../fixtures.ts';
import type { SparseJson } from '../fixtures.ts';

interface Reference {
  readonly train: SparseJson;
  readonly test: SparseJson;
  readonly target: number[];
  readonly truth: number[];
  readonly forests: { classWeight: 'none' | 'balanced'; samplesLeafMin: number; accuracy: number; spread: number }[];
}

const reference = fixture<Reference>('forest.json');
const set = { matrix: sparse(reference.train), target: Uint8Array.from(reference.target), classes: 3 };
const unseen = sparse(reference.test);

function accuracy(params: ForestParams): number {
  const { model } = fitRandomForest(set, params);
  return predictRows(model, unseen).filter((shares, row) => argmax(shares) === reference.truth[row]).length / unseen.rows;
}

/** A dense table as sparse rows. */
function rowsOf(table: readonly (readonly number[])[]): Sparse {
  const entries = table.map((row) => row.flatMap((value, column) => (value === 0 ? [] : [[column, value] as const])));
  const offsets = Int32Array.from([0, ...entries.map((_, row) => entries.slice(0, row + 1).flat().length)]);
  return { rows: table.length, columns: table[0]?.length ?? 0, offsets, indices: Int32Array.from(entries.flat(), ([column]) => column), values: Float64Array.from(entries.flat(), ([, value]) => value) };
}

describe('the random forest', () => {
  for (const { classWeight, samplesLeafMin, accuracy: expected, spread } of reference.forests) {
    test(`with class weight ${classWeight} and leaves of ${samplesLeafMin} is as good as scikit-learn's`, () => {
      const scores = [1, 2, 3, 4, 5].map((seed) => accuracy({ trees: 200, samplesLeafMin, depthMax: null, classWeight, seed }));
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      assert.ok(Math.abs(mean - expected) < 2 * spread, `${mean} against ${expected} +- ${spread}`);
    });
  }

  test('is the same for the same seed, and another for another', () => {
    const fit = (seed: number) => fitRandomForest(set, { trees: 5, samplesLeafMin: 1, depthMax: null, classWeight: 'none', seed }).model;
    assert.deepEqual(fit(3), fit(3));
    assert.notDeepEqual(fit(3), fit(4));
  });

  test('separates what one threshold separates, without an error', () => {
    const table = Array.from({ length: 40 }, (_, row) => [row < 20 ? 0 : 1 + (row % 3), 1]);
    const target = Uint8Array.from(table, (_, row) => (row < 20 ? 0 : 1));
    const { model } = fitRandomForest({ matrix: rowsOf(table), target, classes: 2 }, { trees: 10, samplesLeafMin: 1, depthMax: null, classWeight: 'none', seed: 1 });
    assert.deepEqual(predictRows(model, rowsOf(table)).map(argmax), [...target]);
  });

  test('keeps to the depth and to the size of leaves that are asked for', () => {
    const stump = fitRandomForest(set, { trees: 1, samplesLeafMin: 1, depthMax: 1, classWeight: 'none', seed: 1 }).model;
    assert.equal(stump.kind === 'forest' && stump.features.length, 3);
    const leaf = fitRandomForest(set, { trees: 1, samplesLeafMin: set.matrix.rows, depthMax: null, classWeight: 'none', seed: 1 }).model;
    assert.equal(leaf.kind === 'forest' && leaf.features.length, 1);
  });

  test('gives shares that sum to one, also for a row without any feature', () => {
    const { model } = fitRandomForest(set, { trees: 20, samplesLeafMin: 2, depthMax: null, classWeight: 'balanced', seed: 1 });
    for (const shares of predictRows(model, rowsOf([Array.from({ length: 60 }, () => 0)]))) assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-12);
  });

  test('of rows without features is a single leaf with the shares of the classes', () => {
    const { model } = fitRandomForest({ matrix: rowsOf([[0], [0], [0], [0]]), target: Uint8Array.of(0, 0, 0, 1), classes: 2 }, { trees: 50, samplesLeafMin: 1, depthMax: null, classWeight: 'none', seed: 1 });
    const [shares] = predictRows(model, rowsOf([[0]]));
    assert.ok((shares?.[0] ?? 0) > 0.6 && (shares?.[0] ?? 0) < 0.9);
  });
});
