import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decideRetrain } from '../../../stages/learning/retrain.ts';
import type { RetrainQuestion } from '../../../stages/learning/retrain.ts';

const question: RetrainQuestion = {
  hasChampion: true,
  rejected: null,
  rows: 5000,
  newest: '2026-06-30T00:00:00Z',
  newRows: 400,
  drifted: true,
  params: { rowsMin: 200, backOff: { rows: 500, days: 14 } },
};
const rejected = { version: 'aaaaaaaaaaaa', rows: 4900, newest: '2026-06-25T00:00:00Z' };

describe('the decision to retrain', () => {
  test('a dataset without a champion is trained', () => {
    assert.deepEqual(decideRetrain({ ...question, hasChampion: false, newRows: 0, drifted: false }), { retrain: true, reason: 'no-champion' });
  });

  test('drift in enough rows retrains', () => {
    assert.deepEqual(decideRetrain(question), { retrain: true, reason: 'drift' });
  });

  test('no drift, no training', () => {
    assert.deepEqual(decideRetrain({ ...question, drifted: false }), { retrain: false, reason: 'none' });
  });

  test('few new rows are not judged', () => {
    assert.deepEqual(decideRetrain({ ...question, newRows: 199 }), { retrain: false, reason: 'too-few-rows' });
  });

  test('after a rejection it backs off, with a champion and without one', () => {
    assert.deepEqual(decideRetrain({ ...question, rejected }), { retrain: false, reason: 'backing-off' });
    assert.deepEqual(decideRetrain({ ...question, rejected, hasChampion: false }), { retrain: false, reason: 'backing-off' });
  });

  test('enough new rows since the rejection end the wait', () => {
    assert.equal(decideRetrain({ ...question, rejected, rows: 5399 }).retrain, false);
    assert.equal(decideRetrain({ ...question, rejected, rows: 5400 }).retrain, true);
  });

  test('enough days of the rows themselves since the rejection end the wait', () => {
    assert.equal(decideRetrain({ ...question, rejected, newest: '2026-07-08T23:59:59Z' }).retrain, false);
    assert.equal(decideRetrain({ ...question, rejected, newest: '2026-07-09T00:00:00Z' }).retrain, true);
  });
});
