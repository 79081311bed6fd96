import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { macroF1Interval } from '../../../ml/metrics/interval.ts';
import { macroF1, scoresOf } from '../../../ml/metrics/scores.ts';
import { createRandom } from '../../../ml/random.ts';
import { fixture, largestDifference } from '../fixtures.ts';

interface Case {
  readonly name: string;
  readonly truth: number[];
  readonly predicted: number[];
  readonly accuracy: number;
  readonly macro: number[];
  readonly weighted: number[];
  readonly classes: number[][];
  readonly confusion: number[][];
}

const LABELS = ['a', 'b', 'c'] as const;

describe("scores equal scikit-learn's with zero_division=0", () => {
  for (const { name, truth, predicted, accuracy, macro, weighted, classes, confusion } of fixture<Case[]>('metrics.json')) {
    test(name, () => {
      const scores = scoresOf(truth, predicted, LABELS);
      assert.deepEqual(scores.confusion, confusion);
      assert.ok(Math.abs(scores.accuracy - accuracy) < 1e-15);
      assert.ok(largestDifference([scores.macro.precision, scores.macro.recall, scores.macro.f1], macro) < 1e-15);
      assert.ok(largestDifference([scores.weighted.precision, scores.weighted.recall, scores.weighted.f1], weighted) < 1e-15);
      assert.deepEqual(scores.classes.map(({ support }) => support), classes.map((each) => each[3]));
      for (const [k, { precision, recall, f1 }] of scores.classes.entries()) assert.ok(largestDifference([precision, recall, f1], (classes[k] ?? []).slice(0, 3)) < 1e-15);
    });
  }

  test('no rows give zeros, not no numbers', () => {
    const { accuracy, macro, weighted } = scoresOf([], [], LABELS);
    assert.deepEqual([accuracy, macro.f1, weighted.f1], [0, 0, 0]);
  });
});

describe('the bootstrap interval of macro-F1', () => {
  const random = createRandom('interval test');
  const truth = Array.from({ length: 400 }, () => random.integer(3));
  const predicted = truth.map((label) => (random.next() < 0.7 ? label : random.integer(3)));

  test('holds the score, and narrows as rows grow', () => {
    const [low, high] = macroF1Interval(truth, predicted, { classes: 3, seed: 1 });
    const [fewLow, fewHigh] = macroF1Interval(truth.slice(0, 50), predicted.slice(0, 50), { classes: 3, seed: 1 });
    const score = macroF1(truth, predicted, 3);
    assert.ok(low < score && score < high, `${low} ${score} ${high}`);
    assert.ok(high - low < fewHigh - fewLow);
  });

  test('is as wide as the scatter of the score itself over fresh samples', () => {
    const scores = Array.from({ length: 400 }, () => {
      const rows = Array.from({ length: 400 }, () => random.integer(3));
      return macroF1(rows, rows.map((label) => (random.next() < 0.7 ? label : random.integer(3))), 3);
    }).sort((a, b) => a - b);
    const [low, high] = macroF1Interval(truth, predicted, { classes: 3, seed: 1 });
    const spread = (scores[389] ?? 0) - (scores[10] ?? 0);
    assert.ok(Math.abs((high - low) / spread - 1) < 0.25, `${high - low} against ${spread}`);
  });

  test('is the same for the same seed', () => {
    assert.deepEqual(macroF1Interval(truth, predicted, { classes: 3, seed: 5 }), macroF1Interval(truth, predicted, { classes: 3, seed: 5 }));
    assert.deepEqual(macroF1Interval([], [], { classes: 3, seed: 5 }), [0, 0]);
  });
});
