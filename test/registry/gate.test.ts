import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decide } from '../../registry/gate.ts';
import type { GateQuestion } from '../../registry/gate.ts';

const question: GateQuestion = {
  candidate: { version: 'aaaaaaaaaaaa', macroF1: 0.7 },
  champion: { version: 'bbbbbbbbbbbb', macroF1: 0.7 },
  rolledBack: [],
  gate: { macroF1Min: 0.5, margin: 0.01 },
};
const failedOf = (asked: GateQuestion): readonly string[] => decide(asked).criteria.flatMap(({ name, passed }) => (passed ? [] : [name]));

describe('the gate', () => {
  test('promotes the first candidate of a dataset if it reaches the floor', () => {
    const verdict = decide({ ...question, champion: null });
    assert.equal(verdict.decision, 'promoted');
    assert.equal(verdict.reason, 'the first model of this dataset, macro-F1 0.700');
    assert.deepEqual(verdict.criteria.map(({ name }) => name), ['floor', 'not-rolled-back']);
  });

  test('rejects the first candidate below the floor, with the number and the key to look at', () => {
    const verdict = decide({ ...question, champion: null, candidate: { version: 'aaaaaaaaaaaa', macroF1: 0.4321 } });
    assert.equal(verdict.decision, 'rejected');
    assert.equal(verdict.reason, 'macro-F1 0.432 is below gate.macroF1Min 0.5');
  });

  test('promotes a candidate that is worse within the margin, also exactly at it', () => {
    assert.equal(decide({ ...question, candidate: { version: 'aaaaaaaaaaaa', macroF1: 0.695 } }).decision, 'promoted');
    assert.equal(decide({ ...question, candidate: { version: 'aaaaaaaaaaaa', macroF1: 0.7 - 0.01 } }).decision, 'promoted');
  });

  test('rejects a candidate that is worse by more than the margin', () => {
    const asked = { ...question, candidate: { version: 'aaaaaaaaaaaa', macroF1: 0.68 } };
    assert.equal(decide(asked).decision, 'rejected');
    assert.deepEqual(failedOf(asked), ['not-worse']);
  });

  test('never promotes a version that was rolled back, however good it is', () => {
    const asked = { ...question, candidate: { version: 'aaaaaaaaaaaa', macroF1: 0.99 }, rolledBack: ['aaaaaaaaaaaa'] };
    assert.equal(decide(asked).decision, 'rejected');
    assert.deepEqual(failedOf(asked), ['not-rolled-back']);
    assert.equal(decide({ ...asked, champion: null }).decision, 'rejected');
  });

  test('leaves the champion in place when the candidate is the same version, even below the floor', () => {
    const same = { version: 'bbbbbbbbbbbb', macroF1: 0.3 };
    assert.equal(decide({ ...question, candidate: same, champion: same }).decision, 'unchanged');
  });

  test('a score that is no number passes nothing and is null in the decision', () => {
    const verdict = decide({ ...question, candidate: { version: 'aaaaaaaaaaaa', macroF1: Number.NaN } });
    assert.equal(verdict.decision, 'rejected');
    assert.deepEqual(verdict.criteria.map(({ passed, value }) => [passed, value]), [[false, null], [false, null], [true, null]]);
    assert.equal(JSON.stringify(verdict).includes('NaN'), false);
  });

  test('names every criterion that failed', () => {
    const verdict = decide({ ...question, candidate: { version: 'aaaaaaaaaaaa', macroF1: 0.4 }, rolledBack: ['aaaaaaaaaaaa'] });
    assert.equal(verdict.reason, "macro-F1 0.400 is below gate.macroF1Min 0.5; macro-F1 0.400 is worse than the champion's 0.700 on the same rows by more than gate.margin 0.01; version aaaaaaaaaaaa was rolled back before");
  });
});
