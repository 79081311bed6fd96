import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { rollback } from '../../registry/registry.ts';
import { Registry } from '../../schema/registry.ts';
import { SERVED_FILE, openServedReviews } from '../../storage/served-reviews.ts';
import { Pipeline, worked } from './rig.ts';

/** Another model than the first, and a gate that lets it pass. */
const CHANGED = ['--set', 'train.multinomial-nb.alpha=0.4', '--set', 'gate.margin=1'];
const DATASET = 'sample:com.valar.pintu';

describe('the life of a pipeline', () => {
  const pipeline = new Pipeline();
  after(() => pipeline.remove());
  const registry = () => Registry.parse(JSON.parse(pipeline.read('models/registry.json'))).datasets[DATASET];

  test('the first run runs every stage and writes the report', async () => {
    const run = await pipeline.repro();
    assert.equal(run.status, 0, run.output);
    assert.deepEqual(new Set(run.record?.stages.map(({ state }) => state)), new Set(['ran']));
    assert.equal(run.record?.stages.length, 19);
    assert.ok(existsSync(path.join(pipeline.workspace, 'site/dist/index.html')));
    assert.ok(existsSync(path.join(pipeline.workspace, 'releases/current/manifest.json')));
  });

  test('the second and the third run do nothing', async () => {
    const second = await pipeline.repro();
    const third = await pipeline.repro();
    assert.deepEqual([second.status, second.record, third.status, third.record], [0, null, 0, null], second.output);
  });

  test('a changed key of one estimator reruns it and what follows, even without drift', async () => {
    const stages = worked(await pipeline.repro(...CHANGED));
    assert.ok(stages.includes('train@multinomial-nb'), stages.join());
    assert.ok(stages.includes('promote'), stages.join());
    for (const other of ['collect', 'validate', 'accept', 'clean', 'split', 'drift', 'train@logistic-regression', 'train@random-forest']) assert.ok(!stages.includes(other), other);
  });

  test('a rollback by hand reruns champion, predict and what shows predictions, nothing else', async () => {
    const before = registry();
    const first = before?.log.find(({ action }) => action === 'promote')?.version;
    const now = before?.aliases.champion;
    assert.ok(first !== undefined && now !== null && now !== undefined && first !== now, JSON.stringify(before?.log));
    rollback({ models: path.join(pipeline.workspace, 'models'), dataset: DATASET, version: first, actor: 'test', at: '2026-07-01T00:00:00Z', reason: 'it was better' });
    const stages = worked(await pipeline.repro(...CHANGED));
    assert.deepEqual(stages, ['champion', 'predict', 'publish', 'explore', 'errors', 'watch', 'site']);
    assert.equal(registry()?.aliases.champion, first);
  });

  test('a version that was rolled back is never promoted again', async () => {
    const run = await pipeline.repro('promote', '--force', '--single', ...CHANGED);
    assert.equal(run.status, 0, run.output);
    assert.equal(JSON.parse(pipeline.read('data/promote/decision.json')).decision, 'rejected');
  });
});

describe('datasets', () => {
  const pipeline = new Pipeline();
  after(() => pipeline.remove());

  test('sample, then file, then sample gives the same bytes, and each dataset has its own champion', async () => {
    const first = await pipeline.repro();
    assert.equal(first.status, 0, first.output);
    const exported = pipeline.read('data/collect/reviews.csv');
    const predicted = pipeline.read('data/predict/predictions.csv');

    const rows: Record<string, string>[] = parse(exported, { columns: true });
    const quoted = (value: string | undefined): string => `"${(value ?? '').replaceAll('"', '""')}"`;
    const file = path.join(pipeline.workspace, 'foreign.csv');
    const lines = rows.filter(({ rating, at }) => rating !== '' && at !== '').slice(0, 500);
    writeFileSync(file, ['review_id,review_text,score,review_date', ...lines.map((row) => [row.id, row.text, row.rating, row.at].map(quoted).join(','))].join('\n'));
    const second = await pipeline.repro('--set', 'collect.source=file', '--set', `collect.path=${file}`);
    assert.equal(second.status, 0, second.output);
    assert.notEqual(pipeline.read('data/collect/reviews.csv'), exported);

    const third = await pipeline.repro();
    assert.equal(third.status, 0, third.output);
    assert.equal(pipeline.read('data/collect/reviews.csv'), exported);
    assert.equal(pipeline.read('data/predict/predictions.csv'), predicted);
    const trained = third.record?.stages.filter(({ name }) => name.startsWith('train@')).map(({ state }) => state);
    assert.deepEqual(trained, ['restored', 'restored', 'restored']);
    const { datasets } = Registry.parse(JSON.parse(readFileSync(path.join(pipeline.workspace, 'models/registry.json'), 'utf8')));
    assert.deepEqual(Object.keys(datasets).sort(), ['file:com.valar.pintu', DATASET]);
  });

  test('a first run of a new source that fails releases nothing of the dataset before: no reviews, no notebooks', async () => {
    const held = (): { readonly dataset: string; readonly reviews: number; readonly notebooks: readonly string[] } => {
      const release = path.join(pipeline.workspace, 'releases/current');
      const reviews = openServedReviews(path.join(release, 'data', SERVED_FILE));
      try {
        return { dataset: JSON.parse(readFileSync(path.join(release, 'manifest.json'), 'utf8')).dataset, reviews: reviews.tally().reviews, notebooks: globSync('site/notebook-*.html', { cwd: release }) };
      } finally {
        reviews.close();
      }
    };
    assert.ok(held().reviews > 0 && held().notebooks.length === 2);
    pipeline.env = { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: 'http://127.0.0.1:1' };
    const failed = await pipeline.repro('--set', 'collect.source=play', '--set', 'collect.play.retries=0');
    pipeline.env = {};
    assert.equal(failed.status, 1, failed.output);
    assert.deepEqual(held(), { dataset: 'play:com.valar.pintu', reviews: 0, notebooks: [] });
    assert.equal((await pipeline.repro()).status, 0);
    assert.ok(held().reviews > 0 && held().notebooks.length === 2, 'and the dataset before is back with its next run');
  });
});
