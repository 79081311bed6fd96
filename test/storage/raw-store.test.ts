import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Review } from '../../schema/review.ts';
import { check } from '../../storage/check-raw.ts';
import { tombstoneOf } from '../../storage/content.ts';
import { openEmbeddedRawStore } from '../../storage/embedded-raw-store.ts';
import type { RawStore } from '../../storage/raw-store.ts';
import { readStamps, setStamp } from '../../storage/stamp.ts';
import { laggingContract } from './lagging-contract.ts';
import { rawStoreContract } from './raw-store-contract.ts';
import type { RawBench } from './raw-store-contract.ts';
import { DATASET, review } from './reviews.ts';

let workspace = '';
const folder = (): string => path.join(workspace, 'stores/raw');
const makeWorkspace = (): void => void (workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-raw-')));
const removeWorkspace = (): void => rmSync(workspace, { recursive: true, force: true });

function open(now?: () => number): RawStore {
  const opened = openEmbeddedRawStore(folder(), now);
  assert.ok(opened.ok, JSON.stringify(opened));
  return opened.value;
}

const BENCH: RawBench = {
  async open(now) {
    makeWorkspace();
    return open(now);
  },
  again: async () => open(),
  clear: async () => removeWorkspace(),
};
rawStoreContract('embedded', BENCH);
laggingContract('embedded', BENCH);

const MODULE = path.resolve(import.meta.dirname, '../../storage/embedded-raw-store.ts');

/** A process that stores reviews one after the other and says each that is acknowledged. */
function writer(prefix: string, count: number) {
  const code = `const { openEmbeddedRawStore } = await import(process.argv[1]);
    const store = openEmbeddedRawStore(process.argv[2]).value;
    for (let i = 0; i < ${count}; i++) { await store.upsert(process.argv[4], [{ ...JSON.parse(process.argv[5]), id: process.argv[3] + i }]); process.stdout.write(process.argv[3] + i + '\\n'); }
    await store.close();`;
  return spawn(process.execPath, ['--input-type=module', '-e', code, MODULE, folder(), prefix, DATASET, JSON.stringify(review('-'))]);
}

const manyReviews = (count: number): readonly Review[] => Array.from({ length: count }, (_, index) => review(`r${index}`));

describe('the embedded raw store', () => {
  beforeEach(makeWorkspace);
  afterEach(removeWorkspace);

  test('refuses a batch as a whole', async () => {
    const store = open();
    const broken = { ...review('b'), id: undefined as unknown as string };
    await assert.rejects(store.upsert(DATASET, [review('a'), broken]));
    assert.deepEqual(await store.all(DATASET), []);
    await store.close();
  });

  /** What the files of the store hold as bytes, freed places and log included. */
  const bytes = (): string => readdirSync(folder()).map((name) => readFileSync(path.join(folder(), name), 'latin1')).join('');

  test('what is erased, or dropped for its age, is in no byte of its files: neither as it is, nor as it was before edits', async () => {
    const store = open();
    const texts = ['FIRST draft', `SECOND version ${'longer '.repeat(400)}`, 'THIRD and last'];
    for (const text of texts) await store.upsert(DATASET, ['erased', 'old', 'buried'].map((id) => review(id, { text: `${text} of ${id}`, at: '2025-01-01T00:00:00Z' })));
    await store.upsert(DATASET, manyReviews(200));
    for (const [name, forget] of [
      ['erased', () => store.erase(DATASET, ['erased'])], ['buried', () => store.bury(DATASET, [tombstoneOf(DATASET, 'buried')])], ['old', () => store.dropBefore(DATASET, '2025-06-01T00:00:00Z')],
    ] as const) {
      assert.match(bytes(), new RegExp(`of ${name}`));
      await forget();
      assert.doesNotMatch(bytes(), new RegExp(`of ${name}`), name);
    }
    assert.doesNotMatch(bytes(), /FIRST|SECOND|THIRD/);
    assert.equal((await store.all(DATASET)).length, 200);
    await store.close();
  });

  test('does not say erased while another process keeps the log', async () => {
    const store = open();
    await store.upsert(DATASET, [review('a'), review('b')]);
    const reading = new DatabaseSync(path.join(folder(), 'reviews.db'));
    reading.exec('begin; select * from review');
    await assert.rejects(store.erase(DATASET, ['a']), (error) => store.failureOf(error)?.kind === 'busy');
    reading.exec('commit');
    reading.close();
    assert.equal(await store.erase(DATASET, ['a']), 0, 'the second time there is only the log to empty');
    await store.close();
  });

  test('filled while another process has it open stays right, and open to both', async () => {
    const [store, other] = [open(), open()];
    await other.upsert('file:com.example.other', [review('there before')]);
    assert.equal((await store.fill(DATASET, [manyReviews(6000)])).added, 6000);
    assert.equal((await other.all(DATASET)).length, 6000);
    for (const one of [store, other]) await one.close();
  });

  test('keeps nothing of a fill whose source breaks in the middle, and can be filled again', async () => {
    const store = open();
    function* breaking(): Generator<readonly Review[]> {
      yield manyReviews(6000);
      throw new Error('the source broke');
    }
    await assert.rejects(store.fill(DATASET, breaking()), /the source broke/);
    assert.deepEqual(await store.all(DATASET), []);
    assert.equal((await store.fill(DATASET, [manyReviews(6000)])).added, 6000);
    await store.close();
  });

  test('killed in the middle of its first fill opens as it was, with its log', async () => {
    const code = `const { openEmbeddedRawStore } = await import(process.argv[1]);
      const store = openEmbeddedRawStore(process.argv[2]).value;
      const one = JSON.parse(process.argv[4]);
      function* parts() { for (let part = 0; part < 30; part++) yield Array.from({ length: 10000 }, (_, i) => ({ ...one, id: part + '-' + i })); }
      const filling = store.fill(process.argv[3], parts());
      process.stdout.write('filling\\n');
      await filling;
      process.stdout.write('filled\\n');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code, MODULE, folder(), DATASET, JSON.stringify(review('-'))]);
    let said = '';
    child.stdout.on('data', (part: Buffer) => {
      said += String(part);
      child.kill('SIGKILL');
    });
    await new Promise((resolve) => child.on('close', resolve));
    assert.equal(said, 'filling\n');
    const store = open();
    assert.deepEqual(await store.all(DATASET), []);
    const database = new DatabaseSync(path.join(folder(), 'reviews.db'));
    assert.deepEqual({ ...database.prepare('pragma journal_mode').get() }, { journal_mode: 'wal' });
    database.close();
    assert.equal((await store.fill(DATASET, [manyReviews(6000)])).added, 6000);
    await store.close();
  });

  test('takes writes of two processes at once, and keeps all of them', async () => {
    const codes = await Promise.all(['x', 'y'].map((prefix) => new Promise((resolve) => writer(prefix, 40).on('close', resolve))));
    assert.deepEqual(codes, [0, 0]);
    const store = open();
    assert.equal((await store.stamp(DATASET)).rows, 80);
    await store.close();
  });

  test('loses nothing that was acknowledged when its process is killed', async () => {
    const child = writer('k', 100_000);
    let said = '';
    child.stdout.on('data', (part: Buffer) => {
      said += String(part);
      if (said.length > 400) child.kill('SIGKILL');
    });
    await new Promise((resolve) => child.on('close', resolve));
    const acknowledged = said.split('\n').slice(0, -1);
    const store = open();
    assert.deepEqual(await store.known(DATASET, acknowledged), new Set(acknowledged));
    const again = await store.upsert(DATASET, acknowledged.map((id) => review(id)));
    assert.equal(again.unchanged, acknowledged.length);
    await store.close();
  });

  test('a full disk and a locked database are values, and leave what was there', async () => {
    const store = open();
    await store.upsert(DATASET, [review('a')]);
    const other = new DatabaseSync(path.join(folder(), 'reviews.db'), { timeout: 0 });
    const pages = (other.prepare('pragma page_count').get() as { readonly page_count: number }).page_count;
    await store.close();
    other.exec(`pragma max_page_count = ${pages}`);
    const error = (() => {
      try {
        other.exec(`insert into history (dataset, id, revision, json) values (1, 'x', 0, '${'x'.repeat(100_000)}')`);
        return undefined;
      } catch (thrown) {
        return thrown;
      }
    })();
    const again = open();
    assert.equal(again.failureOf(error)?.kind, 'full');
    assert.deepEqual((await again.all(DATASET)).map(({ id }) => id), ['a']);
    assert.equal(again.failureOf(new TypeError('a bug')), undefined);
    await again.close();
    other.close();
  });

  test('what is no database, and one of a newer version, are failures that say so', () => {
    mkdirSync(folder(), { recursive: true });
    writeFileSync(path.join(folder(), 'reviews.db'), 'this is no database, whatever its name says');
    const broken = openEmbeddedRawStore(folder());
    assert.ok(!broken.ok && broken.failure.kind === 'broken');
    rmSync(folder(), { recursive: true });
    mkdirSync(folder(), { recursive: true });
    const newer = new DatabaseSync(path.join(folder(), 'reviews.db'));
    newer.exec('pragma user_version = 99');
    newer.close();
    const refused = openEmbeddedRawStore(folder());
    assert.ok(!refused.ok);
    assert.match(refused.failure.why, /newer version/);
  });

  test('a store of the second form comes along: what was last seen in a pass was seen to say what it says', async () => {
    const before = open();
    for (const text of ['one', 'two']) await before.upsert(DATASET, [review('a', { text })], { sweep: 7 });
    await before.close();
    const second = new DatabaseSync(path.join(folder(), 'reviews.db'));
    second.exec('alter table review drop column shown; pragma user_version = 2');
    second.close();
    const store = open();
    assert.equal((await store.upsert(DATASET, [review('a', { text: 'one' })], { sweep: 8 })).edited, 0);
    await store.close();
  });

  test('a store of the first form comes along, with its history', async () => {
    mkdirSync(folder(), { recursive: true });
    const first = new DatabaseSync(path.join(folder(), 'reviews.db'));
    const { author: _author, ...old } = review('a', { text: 'two', thumbsUp: 3 });
    first.exec(`
      create table review (dataset text not null, id text not null, at text, revision integer not null default 0, hash text not null, json text not null, primary key (dataset, id));
      create table history (dataset text not null, id text not null, revision integer not null, json text not null, primary key (dataset, id, revision));
      create trigger keep_history before update of hash on review when old.hash <> new.hash begin
        insert into history (dataset, id, revision, json) values (old.dataset, old.id, old.revision, old.json);
      end;`);
    first.prepare('insert into review values (?, ?, ?, 1, ?, ?)').run(DATASET, 'a', old.at, 'some hash', JSON.stringify(old));
    first.prepare('insert into history values (?, ?, 0, ?)').run(DATASET, 'a', JSON.stringify({ ...old, text: 'one' }));
    first.close();
    const store = open();
    assert.deepEqual(await store.all(DATASET), [review('a', { text: 'two', thumbsUp: 3 })]);
    assert.deepEqual((await store.history(DATASET)).map(({ review: before }) => before.text), ['one']);
    assert.equal((await store.upsert(DATASET, [review('a', { text: 'two', thumbsUp: 3 })])).unchanged, 1);
    await store.close();
  });
});

describe('the stamp of the raw store', () => {
  beforeEach(async () => {
    makeWorkspace();
    await open().close();
  });
  afterEach(removeWorkspace);
  const database = (): string => path.join(folder(), 'reviews.db');
  const stamp = (dataset: string, rows: number) => ({ target: `sqlite:stores/raw#${dataset}`, rows, checksum: 'c' });
  const ask = (dataset: string, rows: number) => check({ workspace, env: {}, receipt: stamp(dataset, rows) });

  test('answers for its own dataset, without opening the database', async () => {
    setStamp(folder(), DATASET, stamp(DATASET, 2));
    setStamp(folder(), 'sample:x.y', stamp('sample:x.y', 3));
    const bytes = readFileSync(database());
    writeFileSync(database(), bytes.fill('nobody looks at what comes after the header', 100));
    assert.deepEqual(await ask(DATASET, 9), stamp(DATASET, 2));
  });

  test('means nothing where the database was emptied, cut, or is another one: of another store, or of an earlier day', async () => {
    const write = async (dataset: string, id: string): Promise<() => Promise<unknown>> => {
      const store = open();
      await store.upsert(dataset, [review(id)]);
      const receipt = await store.stamp(dataset);
      await store.close();
      return () => check({ workspace, env: {}, receipt });
    };
    const first = await write(DATASET, 'a');
    const earlier = readFileSync(database());
    const second = await write('sample:com.example.app', 'b');
    const good = readFileSync(database());
    const holds = async (): Promise<readonly boolean[]> => [(await first()) !== null, (await second()) !== null];
    assert.deepEqual(await holds(), [true, true]);
    for (const bytes of [Buffer.alloc(0), good.subarray(0, 50), good.subarray(0, -1), Buffer.from('no database '.repeat(1000)), earlier]) {
      writeFileSync(database(), bytes);
      assert.deepEqual(await holds(), [false, false], String(bytes.length));
    }
    rmSync(database());
    await open().close();
    assert.deepEqual(await holds(), [false, false], 'a new one');
    writeFileSync(database(), good);
    assert.deepEqual(await holds(), [true, true]);
  });

  test('is gone while a write goes on, so that a write that was cut is noticed; other datasets keep theirs', async () => {
    setStamp(folder(), DATASET, stamp(DATASET, 2));
    setStamp(folder(), 'sample:x.y', stamp('sample:x.y', 3));
    setStamp(folder(), DATASET, null);
    assert.equal(await ask(DATASET, 2), null);
    assert.deepEqual(await ask('sample:x.y', 3), stamp('sample:x.y', 3));
  });

  test('means nothing where the database is gone, and nothing where it is cut itself', async () => {
    setStamp(folder(), DATASET, stamp(DATASET, 2));
    writeFileSync(path.join(folder(), 'receipts.json'), '{"file:com');
    assert.equal(await ask(DATASET, 2), null);
    assert.deepEqual(readStamps(folder()), {});
    setStamp(folder(), DATASET, stamp(DATASET, 2));
    rmSync(database());
    assert.equal(await ask(DATASET, 2), null);
  });
});
