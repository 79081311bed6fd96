import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DriftReport } from '../../../schema/drift.ts';
import { Champion } from '../../../schema/registry.ts';
import { newRowsOf, unseenOf } from '../../../stages/learning/new-rows.ts';
import { Workspace, reviews } from './rig.ts';

describe('drift against the champion', () => {
  const workspace = new Workspace();
  const known = reviews(600);
  const later = '2026-06-01T00:00:00Z';
  before(async () => {
    workspace.write(known);
    await workspace.learn();
  });
  after(() => workspace.remove());
  const judge = async (): Promise<DriftReport> => {
    const outcome = await workspace.run('drift');
    assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
    return DriftReport.parse(workspace.json('data/drift/drift.json'));
  };

  test('the champion remembers until when its rows reach, and their mix', () => {
    const { reference } = Champion.parse(workspace.json('data/champion/champion.json')).manifest;
    assert.equal(reference.until, known.at(-1)?.at);
    assert.equal(Object.values(reference.ratings).reduce((sum, count) => sum + count, 0), reference.rows);
    assert.deepEqual(Object.keys(reference.labels), ['negative', 'neutral', 'positive']);
    assert.equal(reference.lengths.length, 201);
  });

  test('without new rows there is nothing to judge', async () => {
    const report = await judge();
    assert.deepEqual([report.newRows, report.features, report.retrain, report.reason], [0, [], false, 'too-few-rows']);
  });

  test('more rows of the same kind are no drift', async () => {
    workspace.write([...known, ...reviews(400, { seed: 5, from: later })]);
    const report = await judge();
    assert.deepEqual([report.newRows, report.drifted, report.retrain, report.reason], [400, false, false, 'none'], JSON.stringify(report.features));
    assert.equal(report.features.length, 6);
  });

  test('a bad release shows, asks for training and is told to the hooks', async () => {
    workspace.write([...known, ...reviews(400, { seed: 6, from: later, mix: ['negative', 'negative', 'negative', 'positive', 'neutral'] })]);
    const report = await judge();
    assert.deepEqual([report.drifted, report.retrain, report.reason], [true, true, 'drift']);
    assert.ok(report.features.find(({ feature }) => feature === 'rating')?.drifted);
    assert.deepEqual(workspace.events.map(({ kind }) => kind), ['drift']);
  });

  test('judging the same rows again gives the same bytes', async () => {
    const first = workspace.read('data/drift/drift.json');
    await judge();
    assert.equal(workspace.read('data/drift/drift.json'), first);
  });

  test('a few bad rows are shown but judged nothing', async () => {
    workspace.write([...known, ...reviews(50, { seed: 7, from: later, mix: ['negative'] })]);
    const report = await judge();
    assert.deepEqual([report.newRows, report.drifted, report.retrain, report.reason], [50, false, false, 'too-few-rows']);
    assert.ok((report.features.find(({ feature }) => feature === 'rating')?.effect ?? 0) > 0.2);
  });

  test('words that the model does not know count, though stars and labels stay', async () => {
    const strange = reviews(400, { seed: 8, from: later }).map((row, index) => {
      const text = index % 3 === 0 ? row.text : row.text.split(' ').map((word, at) => (at % 2 === 0 ? `baru${word}` : word)).join(' ');
      return { ...row, raw: text, text, tokens: text };
    });
    workspace.write([...known, ...strange]);
    const { features } = await judge();
    assert.equal(features.find(({ feature }) => feature === 'unknown-words')?.drifted, true);
    assert.equal(features.find(({ feature }) => feature === 'rating')?.drifted, false);
  });
});

describe('which rows judge the champion', () => {
  const [old, again, unseen] = reviews(3);
  assert.ok(old !== undefined && again !== undefined && unseen !== undefined);
  const rows = [{ ...old, at: '2026-01-01T00:00:00Z', text: 'bagus' }, { ...again, at: '2026-02-01T00:00:00Z', text: 'bagus' }, { ...unseen, at: '2026-02-02T00:00:00Z', text: 'baru' }];
  const until = '2026-01-15T00:00:00Z';

  test('only rows newer than the reference', () => {
    assert.deepEqual(newRowsOf(rows, until).map(({ text }) => text), ['bagus', 'baru']);
    assert.deepEqual(newRowsOf(rows, '2026-02-02T00:00:00Z'), []);
  });

  test('of these only texts that it did not learn: unseen ones, and those of the test side', () => {
    assert.deepEqual(unseenOf(rows, { until, testIds: new Set() }).map(({ text }) => text), ['baru']);
    assert.deepEqual(unseenOf(rows, { until, testIds: new Set([again.id]) }).map(({ text }) => text), ['bagus', 'baru']);
  });
});
