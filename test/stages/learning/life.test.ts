import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { createPredictor } from '../../../ml/predict.ts';
import type { ModelArtefact } from '../../../ml/model.ts';
import { readRows } from '../../../records/read-csv.ts';
import { rollback } from '../../../registry/registry.ts';
import { DriftReport } from '../../../schema/drift.ts';
import { MetricsReport, Selection, TrainingReport } from '../../../schema/metrics.ts';
import { Prediction, TrendRow } from '../../../schema/prediction.ts';
import { Champion, Decision, Registry } from '../../../schema/registry.ts';
import { Workspace, reviews } from './rig.ts';

const DATASET = 'sample:com.valar.pintu';
const OUTS = [
  'data/train/multinomial-nb/model.json', 'data/train/logistic-regression/model.json', 'data/train/random-forest/model.json', 'data/train/random-forest/scores.json',
  'data/select/selection.json', 'data/select/model.json', 'reports/metrics.json', 'data/champion/champion.json', 'data/champion/model.json', 'data/predict/predictions.csv',
  'data/predict/trend.csv',
];

describe('learning on a first dataset', () => {
  const workspace = new Workspace();
  after(() => workspace.remove());
  const rows = reviews(500);

  test('without a champion, drift asks for training', async () => {
    workspace.write(rows);
    assert.equal((await workspace.run('drift')).kind, 'done');
    const report = DriftReport.parse(workspace.json('data/drift/drift.json'));
    assert.deepEqual([report.retrain, report.reason, report.reference, report.newRows], [true, 'no-champion', null, 500]);
  });

  test('the candidate of the first run becomes champion and labels every review', async () => {
    const outcome = await workspace.learn();
    assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
    assert.equal(Decision.parse(workspace.json('data/promote/decision.json')).decision, 'promoted');
    const predictions = readRows(path.join(workspace.folder, 'data/predict/predictions.csv'), Prediction);
    assert.ok(predictions.ok);
    assert.deepEqual(predictions.rows.map(({ id }) => id), rows.map(({ id }) => id));
  });

  test('every file fits its schema and carries its app', () => {
    for (const estimator of ['multinomial-nb', 'logistic-regression', 'random-forest']) {
      const report = TrainingReport.parse(workspace.json(`data/train/${estimator}/scores.json`));
      assert.deepEqual([report.app, report.dataset, report.estimator, report.crossValidation.macroF1.length], ['com.valar.pintu', DATASET, estimator, 3]);
    }
    const selection = Selection.parse(workspace.json('data/select/selection.json'));
    const metrics = MetricsReport.parse(workspace.json('reports/metrics.json'));
    const champion = Champion.parse(workspace.json('data/champion/champion.json'));
    assert.equal(metrics.selected, selection.estimator);
    assert.equal(champion.manifest.model, selection.model);
    assert.equal(champion.manifest.dataset, DATASET);
    const { confusion } = metrics.estimators[0]?.test ?? { confusion: [] };
    assert.deepEqual([metrics.estimators.length, confusion.length, confusion.flat().reduce((sum, count) => sum + count, 0)], [3, 3, metrics.rows.test]);
  });

  test('a prediction of the batch is that of the model for what the author typed, to the last bit', () => {
    const predictor = createPredictor(workspace.json('data/champion/model.json') as ModelArtefact);
    const predictions = readRows(path.join(workspace.folder, 'data/predict/predictions.csv'), Prediction);
    assert.ok(predictions.ok);
    for (const [index, { label, negative, neutral, positive }] of predictions.rows.entries()) {
      assert.deepEqual({ label, probabilities: { negative, neutral, positive } }, predictor.predict(rows[index]?.raw ?? ''));
    }
  });

  test('the trend counts each review in its month', () => {
    const trend = readRows(path.join(workspace.folder, 'data/predict/trend.csv'), TrendRow);
    assert.ok(trend.ok);
    assert.deepEqual(trend.rows.map(({ month }) => month), ['2026-01', '2026-02', '2026-03', '2026-04', '2026-05']);
    assert.equal(trend.rows.reduce((sum, { reviews: count }) => sum + count, 0), 500);
    for (const { reviews: count, negative, neutral, positive, rating } of trend.rows) {
      assert.equal(negative + neutral + positive, count);
      assert.ok(rating >= 1 && rating <= 5);
    }
  });

  test('the same rows and params give the same bytes, and the champion made again changes nothing', async () => {
    const before = OUTS.map((out) => workspace.read(out));
    const registry = workspace.read('models/registry.json');
    await workspace.learn();
    assert.deepEqual(OUTS.map((out) => workspace.read(out)), before);
    assert.equal(Decision.parse(workspace.json('data/promote/decision.json')).decision, 'unchanged');
    assert.equal(workspace.read('models/registry.json'), registry);
  });

  test('no out holds a time that does not come from the data, or a path of this machine', () => {
    for (const out of OUTS) {
      assert.ok(!workspace.read(out).includes('2026-07-01T07'), out);
      assert.ok(!workspace.read(out).includes(workspace.folder), out);
    }
  });

  test('another dataset has no champion, and the rows of this one are no reference for it', async () => {
    workspace.set('collect', { source: 'file' });
    await workspace.run('drift');
    assert.equal(DriftReport.parse(workspace.json('data/drift/drift.json')).reason, 'no-champion');
    const refused = await workspace.run('select');
    assert.equal(refused.kind === 'failed' && refused.problem, 'Cannot use data/train/multinomial-nb/scores.json as it is of the dataset "sample:com.valar.pintu": expected "file:com.valar.pintu"');
    workspace.set('collect', { source: 'sample' });
  });
});

describe('a second candidate', () => {
  const workspace = new Workspace();
  after(() => workspace.remove());
  const registry = () => Registry.parse(workspace.json('models/registry.json')).datasets[DATASET];
  const decision = () => Decision.parse(workspace.json('data/promote/decision.json'));
  let first = '';
  let second = '';

  test('with other params is another version, judged against the champion on the same rows', async () => {
    workspace.write(reviews(500));
    await workspace.learn();
    first = decision().candidate;
    workspace.set('train', { 'multinomial-nb': { ...(workspace.params.train?.['multinomial-nb'] as object), alpha: 0.3 }, 'logistic-regression': { ...(workspace.params.train?.['logistic-regression'] as object), C: 2 }, 'random-forest': { ...(workspace.params.train?.['random-forest'] as object), trees: 9 } });
    workspace.set('gate', { margin: 1 });
    await workspace.learn();
    second = decision().candidate;
    assert.notEqual(second, first);
    assert.deepEqual([decision().decision, decision().champion, registry()?.aliases.champion], ['promoted', first, second]);
  });

  test('rolled back by hand makes the earlier one serve, and is never promoted again', async () => {
    rollback({ models: path.join(workspace.folder, 'models'), dataset: DATASET, version: first, actor: 'test', at: '2026-07-02T00:00:00Z', reason: 'it was better' });
    await workspace.run('champion');
    assert.equal(Champion.parse(workspace.json('data/champion/champion.json')).version, first);
    await workspace.run('promote');
    assert.equal(decision().decision, 'rejected');
    assert.match(decision().reason, /rolled back before/);
    assert.equal(registry()?.aliases.champion, first);
    assert.deepEqual(workspace.events.map(({ kind }) => kind), ['gate-rejected']);
  });

  test('rejected once more, also as new rows come, counts from the first time', async () => {
    const before = workspace.read('models/registry.json');
    await workspace.run('promote');
    workspace.write([...reviews(500), ...reviews(100, { seed: 3, from: '2026-05-06T00:00:00Z' })]);
    await workspace.run('evaluate');
    await workspace.run('promote');
    assert.equal(workspace.read('models/registry.json'), before);
    assert.equal(registry()?.rejected?.rows, 500);
  });

  test('a rejection makes drift back off', async () => {
    workspace.write([...reviews(500), ...reviews(300, { seed: 9, from: '2026-05-06T00:00:00Z', mix: ['negative'] })]);
    workspace.set('drift', { backOff: { rows: 301, days: 1000 } });
    await workspace.run('drift');
    assert.deepEqual([DriftReport.parse(workspace.json('data/drift/drift.json')).reason, DriftReport.parse(workspace.json('data/drift/drift.json')).drifted], ['backing-off', true]);
    workspace.set('drift', { backOff: { rows: 300, days: 1000 } });
    await workspace.run('drift');
    assert.deepEqual([DriftReport.parse(workspace.json('data/drift/drift.json')).retrain, DriftReport.parse(workspace.json('data/drift/drift.json')).reason], [true, 'drift']);
  });

  test('a champion whose files are gone is a failure with a remedy', async () => {
    rmSync(path.join(workspace.folder, 'models/versions', first), { recursive: true });
    for (const stage of ['champion', 'promote', 'drift'] as const) {
      const outcome = await workspace.run(stage);
      assert.equal(outcome.kind, 'failed', stage);
      assert.match(outcome.kind === 'failed' ? outcome.remedy : '', /models\/versions/);
    }
    assert.equal(existsSync(path.join(workspace.folder, 'models/registry.json')), true);
  });
});
