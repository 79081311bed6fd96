import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { check } from '../../storage/check-raw.ts';
import { openEmbeddedRawStore } from '../../storage/embedded-raw-store.ts';
import type { RawStore } from '../../storage/raw-store.ts';
import { readStamps, setStamp } from '../../storage/stamp.ts';
import { DATASET, review } from './reviews.ts';

let workspace = '';
let store: RawStore;
const folder = (): string => path.join(workspace, 'stores/raw');

beforeEach(() => {
  workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-raw-'));
  store = openEmbeddedRawStore(folder());
});

afterEach(() => {
  store.close();
  rmSync(workspace, { recursive: true, force: true });
});

describe('the raw store', () => {
  test('adds what is new, leaves what is known, and says so', () => {
    assert.deepEqual(store.upsert(DATASET, [review('a'), review('b')]), { added: 2, edited: 0, unchanged: 0 });
    assert.deepEqual(store.upsert(DATASET, [review('b'), review('c')]), { added: 1, edited: 0, unchanged: 1 });
    assert.deepEqual(store.all(DATASET).map(({ id }) => id), ['a', 'b', 'c']);
    assert.deepEqual(store.history(DATASET), []);
  });

  test('keeps what an edited review said before, in order', () => {
    for (const text of ['one', 'two', 'three']) store.upsert(DATASET, [review('a', { text })]);
    assert.deepEqual(store.upsert(DATASET, [review('a', { text: 'three' })]), { added: 0, edited: 0, unchanged: 1 });
    assert.deepEqual(store.all(DATASET).map(({ text }) => text), ['three']);
    assert.deepEqual(store.history(DATASET).map(({ id, revision, review: before }) => [id, revision, before.text]), [['a', 0, 'one'], ['a', 1, 'two']]);
  });

  test('gives reviews back by time and id, those without a time first', () => {
    store.upsert(DATASET, [review('b'), review('a'), review('late', { at: '2026-02-01T00:00:00Z' }), review('early', { at: '2025-01-01T00:00:00Z' }), review('never', { at: null })]);
    assert.deepEqual(store.all(DATASET).map(({ id }) => id), ['never', 'early', 'a', 'b', 'late']);
  });

  test('keeps datasets apart, also where ids are the same', () => {
    store.upsert(DATASET, [review('a', { text: 'of the file' })]);
    store.upsert('sample:com.example.app', [review('a', { text: 'of the sample' })]);
    assert.deepEqual(store.all(DATASET).map(({ text }) => text), ['of the file']);
    assert.deepEqual(store.all('sample:com.example.app').map(({ text }) => text), ['of the sample']);
    assert.equal(store.receipt('play:com.example.app').rows, 0);
  });

  test('gives every text back as it was', () => {
    const texts = ['', '\0', 'before\0after', "'; drop table review; --", '👨\u200d👩\u200d👧', '\r\n', '\u202E', 'é'.repeat(100_000)];
    store.upsert(DATASET, texts.map((text, index) => review(`r${index}`, { text })));
    assert.deepEqual(store.all(DATASET).map(({ text }) => text), texts);
  });

  test('has a receipt that depends on the content alone, not on the order or number of writes', () => {
    const first = review('a', { text: 'final' });
    store.upsert(DATASET, [review('b'), review('a', { text: 'draft' })]);
    store.upsert(DATASET, [first]);
    const other = openEmbeddedRawStore(path.join(workspace, 'other'));
    other.upsert(DATASET, [first, review('b')]);
    assert.deepEqual(store.receipt(DATASET), other.receipt(DATASET));
    other.upsert(DATASET, [review('b', { thumbsUp: 1 })]);
    assert.notEqual(store.receipt(DATASET).checksum, other.receipt(DATASET).checksum);
    other.close();
  });

  test('refuses a batch as a whole', () => {
    const broken = { ...review('b'), id: undefined as unknown as string };
    assert.throws(() => store.upsert(DATASET, [review('a'), broken]));
    assert.deepEqual(store.all(DATASET), []);
  });

  test('takes writes of two processes at once, and keeps all of them', async () => {
    const module = path.resolve(import.meta.dirname, '../../storage/embedded-raw-store.ts');
    const code = `const { openEmbeddedRawStore } = await import(process.argv[1]);
      const store = openEmbeddedRawStore(process.argv[2]);
      for (let i = 0; i < 40; i++) store.upsert(process.argv[4], [{ ...JSON.parse(process.argv[5]), id: process.argv[3] + i }]);
      store.close();`;
    const codes = await Promise.all(
      ['x', 'y'].map((prefix) => new Promise((resolve) => spawn(process.execPath, ['--input-type=module', '-e', code, module, folder(), prefix, DATASET, JSON.stringify(review('-'))]).on('close', resolve))),
    );
    assert.deepEqual(codes, [0, 0]);
    assert.equal(store.receipt(DATASET).rows, 80);
  });
});

describe('the stamp of the raw store', () => {
  const stamp = (dataset: string, rows: number) => ({ target: `sqlite:stores/raw#${dataset}`, rows, checksum: 'c' });

  test('answers for its own dataset, without opening the database', async () => {
    setStamp(folder(), DATASET, stamp(DATASET, 2));
    setStamp(folder(), 'sample:x.y', stamp('sample:x.y', 3));
    store.close();
    writeFileSync(path.join(folder(), 'reviews.db'), 'no database, but nobody looks');
    assert.deepEqual(await check({ workspace, receipt: stamp(DATASET, 9) }), stamp(DATASET, 2));
    rmSync(folder(), { recursive: true });
    store = openEmbeddedRawStore(folder());
  });

  test('is gone while a write goes on, so that a write that was cut is noticed; other datasets keep theirs', async () => {
    setStamp(folder(), DATASET, stamp(DATASET, 2));
    setStamp(folder(), 'sample:x.y', stamp('sample:x.y', 3));
    setStamp(folder(), DATASET, null);
    assert.equal(await check({ workspace, receipt: stamp(DATASET, 2) }), null);
    assert.deepEqual(await check({ workspace, receipt: stamp('sample:x.y', 3) }), stamp('sample:x.y', 3));
  });

  test('means nothing where the database is gone, and nothing where it is cut itself', async () => {
    setStamp(folder(), DATASET, stamp(DATASET, 2));
    writeFileSync(path.join(folder(), 'receipts.json'), '{"file:com');
    assert.equal(await check({ workspace, receipt: stamp(DATASET, 2) }), null);
    assert.deepEqual(readStamps(folder()), {});
    setStamp(folder(), DATASET, stamp(DATASET, 2));
    store.close();
    rmSync(path.join(folder(), 'reviews.db'));
    assert.equal(await check({ workspace, receipt: stamp(DATASET, 2) }), null);
    store = openEmbeddedRawStore(folder());
  });
});
