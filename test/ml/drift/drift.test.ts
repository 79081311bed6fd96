import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chiSquare, populationStabilityIndex } from '../../../ml/drift/distributions.ts';
import { logGamma, upperGamma } from '../../../ml/drift/gamma.ts';
import { kolmogorovSmirnov, significant, wasserstein } from '../../../ml/drift/samples.ts';
import { fixture } from '../fixtures.ts';

interface Reference {
  readonly mixes: { reference: Record<string, number>; current: Record<string, number>; statistic: number; degrees: number; pValue: number; cramersV: number; psi: number }[];
  readonly samples: { reference: number[]; current: number[]; distance: number; pValue: number; wasserstein: number }[];
  readonly gamma: { a: number; x: number; upper: number; logGamma: number }[];
  readonly adjusted: { pValues: number[]; significant: boolean[] }[];
}

const { mixes, samples, gamma, adjusted } = fixture<Reference>('drift.json');

/** Relative where the reference is not tiny. */
function near(ours: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(ours - expected) <= tolerance * Math.max(Math.abs(expected), 1e-300) || Math.abs(ours - expected) < 1e-300, `${ours} against ${expected}`);
}

describe('drift statistics equal SciPy\'s', () => {
  test('the gamma functions', () => {
    for (const { a, x, upper, logGamma: expected } of gamma) {
      assert.ok(Math.abs(logGamma(a) - expected) <= 1e-13 * Math.max(1, Math.abs(expected)), `lnGamma(${a})`);
      assert.ok(Math.abs(upperGamma(a, x) - upper) < 1e-13, `Q(${a}, ${x}): ${upperGamma(a, x)} against ${upper}`);
    }
  });

  test('chi-square, its p value and Cramer\'s V', () => {
    for (const { reference, current, statistic, degrees, pValue, cramersV } of mixes) {
      const ours = chiSquare(reference, current);
      near(ours.statistic, statistic, 1e-12);
      assert.equal(ours.degrees, degrees);
      near(ours.pValue, pValue, 1e-9);
      near(ours.cramersV, cramersV, 1e-12);
    }
  });

  test('the population stability index, also with empty bins', () => {
    for (const { reference, current, psi } of mixes) near(populationStabilityIndex(reference, current), psi, 1e-12);
  });

  test('the distance of Kolmogorov and Smirnov, and its p value within a twentieth', () => {
    for (const { reference, current, distance, pValue } of samples) {
      const ours = kolmogorovSmirnov(reference, current);
      near(ours.distance, distance, 1e-12);
      assert.ok(Math.abs(ours.pValue - pValue) < 0.05 * pValue + 0.005, `${ours.pValue} against ${pValue}`);
    }
  });

  test('the Wasserstein distance', () => {
    for (const { reference, current, wasserstein: expected } of samples) near(wasserstein(reference, current), expected, 1e-12);
  });

  test('which p values stay significant, after Benjamini and Hochberg', () => {
    for (const { pValues, significant: expected } of adjusted) assert.deepEqual(significant(pValues, 0.05), expected);
  });
});

describe('drift statistics at the edges', () => {
  test('of equal samples are nothing', () => {
    const counts = { a: 10, b: 20 };
    assert.deepEqual([populationStabilityIndex(counts, counts), chiSquare(counts, counts).pValue, chiSquare(counts, counts).cramersV], [0, 1, 0]);
    assert.deepEqual([kolmogorovSmirnov([1, 2, 3], [1, 2, 3]).pValue, wasserstein([1, 2], [2, 1])], [1, 0]);
  });

  test('of nothing are nothing, and a single bin cannot differ', () => {
    assert.deepEqual([populationStabilityIndex({}, { a: 1 }), chiSquare({}, { a: 1 }).pValue, chiSquare({ a: 3 }, { a: 9 }).pValue, kolmogorovSmirnov([], [1]).pValue], [0, 1, 1, 1]);
  });

  test('a bin that is new is a large but finite index', () => {
    const index = populationStabilityIndex({ a: 100 }, { a: 50, b: 50 });
    assert.ok(index > 3 && Number.isFinite(index));
  });
});
