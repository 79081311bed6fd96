import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../../ml/random.ts';
import type { DriftReference } from '../../../schema/drift.ts';
import { quantilesOf } from '../../../stages/learning/reference.ts';
import { watch } from '../../../stages/learning/watch.ts';
import type { Current } from '../../../stages/learning/watch.ts';

const random = createRandom('watch');
const lengthsOf = (rows: number, longest: number): number[] => Array.from({ length: rows }, () => 1 + random.integer(longest));

const reference: DriftReference = {
  until: '2026-01-01T00:00:00Z',
  rows: 4000,
  ratings: { 1: 800, 2: 200, 3: 400, 4: 600, 5: 2000 },
  labels: { negative: 1000, neutral: 400, positive: 2600 },
  languages: { id: 3000, en: 600, mixed: 300, other: 100 },
  lengths: quantilesOf(lengthsOf(4000, 20)),
  unknownShare: 0.08,
  macroF1: 0.7,
  interval: [0.67, 0.73],
};
const same: Current = {
  rows: 1000,
  ratings: { 1: 205, 2: 48, 3: 97, 4: 155, 5: 495 },
  labels: { negative: 253, neutral: 97, positive: 650 },
  languages: { id: 748, en: 152, mixed: 76, other: 24 },
  lengths: lengthsOf(1000, 20),
  unknownShare: 0.085,
  performance: { rows: 700, macroF1: 0.69, interval: [0.65, 0.73] },
};
const params = { rowsMin: 200, psiMax: 0.2, cramersVMax: 0.1, wassersteinMax: 0.1, unknownShareMax: 0.1, macroF1DropMax: 0.05, significance: 0.01, backOff: { rows: 500, days: 14 } };
const driftedIn = (current: Current): readonly string[] => watch(reference, current, params).flatMap(({ feature, drifted }) => (drifted ? [feature] : []));

describe('the watch over new rows', () => {
  test('rows of the same kind show no drift', () => {
    assert.deepEqual(driftedIn(same), []);
    assert.deepEqual(watch(reference, same, params).map(({ feature }) => feature), ['rating', 'label', 'language', 'length', 'unknown-words', 'performance']);
  });

  test('a bad release shows in ratings and labels', () => {
    assert.deepEqual(driftedIn({ ...same, ratings: { 1: 600, 2: 100, 3: 100, 4: 50, 5: 150 }, labels: { negative: 700, neutral: 100, positive: 200 } }), ['rating', 'label']);
  });

  test('each of the other features is seen alone', () => {
    assert.deepEqual(driftedIn({ ...same, languages: { id: 500, en: 400, mixed: 76, other: 24 } }), ['language']);
    assert.deepEqual(driftedIn({ ...same, lengths: lengthsOf(1000, 40) }), ['length']);
    assert.deepEqual(driftedIn({ ...same, unknownShare: 0.25 }), ['unknown-words']);
    assert.deepEqual(driftedIn({ ...same, performance: { rows: 700, macroF1: 0.55, interval: [0.51, 0.59] } }), ['performance']);
  });

  test('a model that does better, or knows more words, has not drifted', () => {
    assert.deepEqual(driftedIn({ ...same, unknownShare: 0, performance: { rows: 700, macroF1: 0.95, interval: [0.94, 0.96] } }), []);
  });

  test('a large effect that may be chance is no drift: effect and significance both', () => {
    assert.deepEqual(driftedIn({ ...same, performance: { rows: 20, macroF1: 0.6, interval: [0.35, 0.85] } }), []);
  });

  test('a significant but small difference in many rows is no drift', () => {
    const many = { ...same, rows: 100_000, ratings: { 1: 21_500, 2: 5_000, 3: 10_000, 4: 15_000, 5: 48_500 } };
    const rating = watch(reference, many, params).find(({ feature }) => feature === 'rating');
    assert.ok((rating?.effect ?? 1) < 0.01);
    assert.equal(rating?.drifted, false);
  });

  test('with too few rows nothing has drifted, though the values are shown', () => {
    const few = { ...same, rows: 199, ratings: { 1: 199 } };
    const rating = watch(reference, few, params).find(({ feature }) => feature === 'rating');
    assert.ok((rating?.effect ?? 0) > params.psiMax);
    assert.equal(rating?.drifted, false);
  });

  test('without an unseen text among the new rows the performance is left out', () => {
    assert.equal(watch(reference, { ...same, performance: null }, params).some(({ feature }) => feature === 'performance'), false);
  });

  test('no value is infinite or no number, also for an empty reference and no rows', () => {
    const empty = { ...reference, ratings: {}, labels: {}, languages: {}, lengths: [], unknownShare: 0, interval: [0.7, 0.7] as [number, number] };
    const nothing: Current = { rows: 0, ratings: {}, labels: {}, languages: {}, lengths: [], unknownShare: 0, performance: null };
    for (const { effect, pValue, drifted } of watch(empty, nothing, params)) assert.deepEqual([Number.isFinite(effect), Number.isFinite(pValue), drifted], [true, true, false]);
  });
});

describe('quantiles', () => {
  // np.quantile([4, 1, 3, 2], np.linspace(0, 1, 201), method='inverted_cdf')[[0, 50, 51, 100, 101, 200]]
  test('are values that occurred, as in NumPy with method inverted_cdf', () => {
    const quantiles = quantilesOf([4, 1, 3, 2]);
    assert.equal(quantiles.length, 201);
    assert.deepEqual([0, 50, 51, 100, 101, 200].map((step) => quantiles[step]), [1, 1, 2, 2, 3, 4]);
  });
});
