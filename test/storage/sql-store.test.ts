import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { check } from '../../storage/check-sql.ts';
import { openEmbeddedSqlStore } from '../../storage/embedded-sql-store.ts';
import { publish } from '../../storage/published.ts';
import type { Row, SqlStore } from '../../storage/sql-store.ts';
import { setStamp } from '../../storage/stamp.ts';
import { cleanReview, prediction, publication } from './published-rows.ts';

const workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-sql-'));
const folder = path.join(workspace, 'stores/sql');
let store: SqlStore;

const rows = (sql: string, params: readonly unknown[] = []): Promise<readonly Row[]> => store.transaction((tx) => tx.query(sql, params));
const ids = async (dataset: string): Promise<readonly unknown[]> => (await rows('select id from review where dataset = $1 order by id', [dataset])).map(({ id }) => id);

async function open(): Promise<void> {
  const opened = await openEmbeddedSqlStore(folder);
  assert.ok(opened.ok);
  store = opened.store;
}

before(open);
after(async () => {
  await store.close();
  rmSync(workspace, { recursive: true, force: true });
});

describe('publishing into the SQL store', () => {
  const dataset = publication([]).dataset;

  test('writes reviews, predictions, the model and the reports', async () => {
    const { rows: count } = await publish(store, publication(['a', 'b']));
    assert.equal(count, 2);
    const [seen] = await rows('select id, predicted, model_version, rating::int as rating, at::text as at from review_sentiment where dataset = $1 order by id', [dataset]);
    assert.deepEqual(seen, { id: 'a', predicted: 'positive', model_version: '0123456789ab', rating: 5, at: '2026-01-01 00:00:00+00' });
    assert.deepEqual(await rows("select content->>'rows' as quality from report where dataset = $1 and name = 'quality'", [dataset]), [{ quality: '2' }]);
    assert.deepEqual(await rows('select version, estimator from model where dataset = $1', [dataset]), [{ version: '0123456789ab', estimator: 'multinomial-nb' }]);
  });

  test('the same twice changes nothing, and has the same checksum', async () => {
    const first = await publish(store, publication(['a', 'b']));
    const second = await publish(store, publication(['b', 'a']));
    assert.deepEqual(second, first);
  });

  test('another prediction has another checksum', async () => {
    const first = await publish(store, publication(['a']));
    const second = await publish(store, publication(['a'], { predictions: [prediction('a', { label: 'negative' })] }));
    assert.notEqual(second.checksum, first.checksum);
  });

  test('a review that is no longer in the dataset goes, and its prediction with it', async () => {
    await publish(store, publication(['a', 'b', 'c']));
    await publish(store, publication(['b']));
    assert.deepEqual(await ids(dataset), ['b']);
    assert.deepEqual(await rows('select id from prediction where dataset = $1', [dataset]), [{ id: 'b' }]);
  });

  test('datasets do not touch each other', async () => {
    await publish(store, publication(['a']));
    await publish(store, publication(['x', 'y'], { dataset: 'sample:com.example.app', source: 'sample' }));
    assert.deepEqual(await ids(dataset), ['a']);
    assert.deepEqual(await ids('sample:com.example.app'), ['x', 'y']);
  });

  test('probabilities come back to the last bit', async () => {
    await publish(store, publication(['a']));
    const [seen] = await rows('select negative, neutral, positive from prediction where dataset = $1', [dataset]);
    assert.deepEqual(seen, { negative: 0.1, neutral: 1 / 3, positive: 0.2 + 0.1 });
  });

  test('hostile texts come back as they were, but for what PostgreSQL cannot hold', async () => {
    const texts = ["'; drop table review; --", 'literal \\u0000 escape', '\\', '"', '👨\u200d👩\u200d👧', '\u202Eturned\u202C', '$1', '\r\n\t', '{"a":1}', '%s'];
    const broken = ['nul\0byte', 'lone \ud800 surrogate'];
    const reviews = [...texts, ...broken].map((text, index) => cleanReview(`r${String(index).padStart(2, '0')}`, text));
    await publish(store, publication([], { reviews, predictions: [] }));
    const seen = await rows('select raw from review where dataset = $1 order by id', [dataset]);
    assert.deepEqual(seen.map(({ raw }) => raw), [...texts, 'nulbyte', 'lone \ufffd surrogate']);
  });

  test('a publication that fails leaves what was there', async () => {
    await publish(store, publication(['a', 'b']));
    const broken = publication(['c'], { predictions: [prediction('c', { label: null as unknown as 'negative' })] });
    await assert.rejects(publish(store, broken));
    assert.deepEqual(await ids(dataset), ['a', 'b']);
  });

  test('survives closing and opening, and migrations are applied once', async () => {
    await publish(store, publication(['a']));
    await store.close();
    await open();
    assert.deepEqual(await ids(dataset), ['a']);
    assert.deepEqual(await rows('select version from migration order by version'), [{ version: 1 }]);
  });
});

describe('the lock of the SQL store', () => {
  test('a second process is told who has it', async () => {
    const held = path.join(workspace, 'held');
    mkdirSync(held);
    writeFileSync(path.join(held, 'lock'), String(process.ppid));
    assert.deepEqual(await openEmbeddedSqlStore(held), { ok: false, pid: process.ppid });
  });
});

describe('the stamp of the SQL store', () => {
  const stamp = { target: 'pglite:stores/sql#file:com.example.app', rows: 1, checksum: 'c' };

  test('answers without opening the database, and not at all once the database is gone', async () => {
    setStamp(folder, 'file:com.example.app', stamp);
    assert.deepEqual(await check({ workspace, receipt: stamp }), stamp);
    assert.equal(await check({ workspace, receipt: { ...stamp, target: 'pglite:stores/sql#sample:x.y' } }), null);
    const elsewhere = path.join(workspace, 'elsewhere');
    setStamp(path.join(elsewhere, 'stores/sql'), 'file:com.example.app', stamp);
    assert.equal(await check({ workspace: elsewhere, receipt: stamp }), null);
  });
});
