import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fitMultinomialNb } from '../../../ml/estimators/multinomial-nb.ts';
import { createRandom } from '../../../ml/random.ts';
import { crossValidate } from '../../../ml/train.ts';
import { groupFolds } from '../../../ml/validation/folds.ts';
import { corpus } from '../fixtures.ts';

const random = createRandom('folds test');
const target = Uint8Array.from({ length: 1000 }, () => (random.next() < 0.6 ? 2 : random.next() < 0.7 ? 0 : 1));
const groups = Array.from({ length: 1000 }, (_, row) => (row % 4 === 0 ? `text ${row % 40}` : `text ${row} alone`));

describe('folds', () => {
  const assigned = groupFolds(target, groups, { folds: 5, classes: 3, seed: 1 });

  test('keep equal texts together', () => {
    const seen = new Map<string, number>();
    for (const [row, group] of groups.entries()) {
      const fold = assigned[row] ?? -1;
      assert.equal(seen.get(group) ?? fold, fold);
      seen.set(group, fold);
    }
  });

  test('are stratified: each has its share of every class', () => {
    const alone = groupFolds(target, groups.map((_, row) => String(row)), { folds: 5, classes: 3, seed: 1 });
    for (const label of [0, 1, 2]) {
      const counts = [0, 1, 2, 3, 4].map((fold) => alone.filter((each, row) => each === fold && target[row] === label).length);
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join());
    }
  });

  test('depend on the seed and on nothing else', () => {
    assert.deepEqual(groupFolds(target, groups, { folds: 5, classes: 3, seed: 1 }), assigned);
    assert.notDeepEqual(groupFolds(target, groups, { folds: 5, classes: 3, seed: 2 }), assigned);
  });
});

describe('cross-validation', () => {
  const { documents } = corpus();
  const features = { words: [1, 1] as [number, number], characters: null, minDocuments: 1, featuresMax: null, sublinear: false };

  test('never lets a tested row shape the vocabulary: random labels score as guessing does', () => {
    const many = Array.from({ length: 600 }, (_, row) => ({ text: `w${row} w${(row * 7) % 600}`, tokens: [`w${row}`, `w${(row * 7) % 600}`] }));
    const labels = Uint8Array.from(many, () => random.integer(2));
    const result = crossValidate({ documents: many, target: labels, classes: 2, features, fit: (set) => fitMultinomialNb(set, { alpha: 1, prior: 'uniform' }) }, { folds: 5, seed: 1 });
    assert.ok(Math.abs(result.mean - 0.5) < 0.08, `${result.mean}`);
  });

  test('gives one score a fold, their mean, deviation and standard error', () => {
    const labels = Uint8Array.from(corpus().labels, (label) => ['negative', 'neutral', 'positive'].indexOf(label));
    const result = crossValidate({ documents, target: labels, classes: 3, features, fit: (set) => fitMultinomialNb(set, { alpha: 1, prior: 'fitted' }) }, { folds: 4, seed: 1 });
    assert.deepEqual([result.folds, result.macroF1.length, result.accuracy.length], [4, 4, 4]);
    assert.ok(Math.abs(result.mean - result.macroF1.reduce((sum, score) => sum + score, 0) / 4) < 1e-15);
    assert.ok(Math.abs(result.standardError - result.deviation / 2) < 1e-15);
  });
});
