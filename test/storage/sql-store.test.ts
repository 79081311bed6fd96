import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { check } from '../../storage/check-sql.ts';
import { rebuildEmbeddedSqlStore } from '../../storage/embedded-sql-rebuild.ts';
import { openEmbeddedSqlStore } from '../../storage/embedded-sql-store.ts';
import { lockFile } from '../../storage/process-lock.ts';
import { publish } from '../../storage/published.ts';
import type { SqlStore } from '../../storage/sql-store.ts';
import { setStamp } from '../../storage/stamp.ts';
import { cleanReview, prediction, publication } from './published-rows.ts';
import { sqlSchemaContract } from './sql-schema-contract.ts';
import { sqlStoreContract } from './sql-store-contract.ts';

const workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-sql-'));
const folder = path.join(workspace, 'stores/sql');
after(() => rmSync(workspace, { recursive: true, force: true }));

async function open(at = folder): Promise<SqlStore> {
  const opened = await openEmbeddedSqlStore(at);
  assert.ok(opened.ok, JSON.stringify(opened));
  return opened.value;
}

/** Whether the bytes of any file beneath a folder hold a text. */
const shownIn = (at: string, text: string): boolean =>
  readdirSync(at, { withFileTypes: true, recursive: true }).some((entry) => entry.isFile() && readFileSync(path.join(entry.parentPath, entry.name)).includes(text));

sqlStoreContract('embedded', { open: () => open(path.join(workspace, 'contract')) });
let places = 0;
sqlSchemaContract('embedded', { open: () => open(path.join(workspace, `schema-${places++}`)) });

describe('the embedded SQL store', () => {
  const { dataset } = publication([]);
  const count = async (store: SqlStore): Promise<unknown> => (await store.transaction((tx) => tx.query('select count(*)::integer as n from review where dataset = $1', [dataset])))[0]?.n;

  test('survives closing and opening', async () => {
    const store = await open();
    await publish(store, publication(['a']));
    await store.close();
    const again = await open();
    assert.equal(await count(again), 1);
    await again.close();
  });

  test('a process that is killed while it publishes leaves what was there, and the next one catches up', async () => {
    const killed = path.join(workspace, 'killed');
    const first = await open(killed);
    await publish(first, publication(['a', 'b']));
    await first.close();
    const storage = path.resolve(import.meta.dirname, '../../storage');
    const code = `const { openEmbeddedSqlStore } = await import(process.argv[1] + '/embedded-sql-store.ts'); const { publish } = await import(process.argv[1] + '/published.ts');
      const { publication } = await import(process.argv[3]);
      const { value } = await openEmbeddedSqlStore(process.argv[2]);
      process.stdout.write('now');
      for (let i = 0; ; i++) await publish(value, publication(Array.from({ length: 2000 }, (_, n) => 'r' + i + '-' + n)));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code, storage, killed, path.resolve(import.meta.dirname, 'published-rows.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), 300));
    await new Promise((resolve) => child.on('close', resolve));
    const second = await open(killed);
    assert.ok([2, 2000].includes(Number(await count(second))), 'all of a publication or nothing of it');
    assert.equal((await publish(second, publication(['c']))).rows, 1);
    await second.close();
  });
});

describe('an embedded SQL store that is damaged', () => {
  test('is a failure with its reason, however PostgreSQL ends on it, and its lock is free', async () => {
    const whole = path.join(workspace, 'whole');
    await (await open(whole)).close();
    const damages: Readonly<Record<string, (data: string) => void>> = {
      'garbage as the control file': (data) => writeFileSync(path.join(data, 'global/pg_control'), 'garbage '.repeat(1024)),
      'a control file that is cut': (data) => writeFileSync(path.join(data, 'global/pg_control'), 'x'),
      'another version': (data) => writeFileSync(path.join(data, 'PG_VERSION'), '9\n'),
      'a log that is gone': (data) => rmSync(path.join(data, 'pg_wal'), { recursive: true }),
      'a file in place of the folder': (data) => {
        rmSync(data, { recursive: true });
        writeFileSync(data, '');
      },
    };
    for (const [name, damage] of Object.entries(damages)) {
      const at = path.join(workspace, 'damaged');
      cpSync(whole, at, { recursive: true });
      damage(path.join(at, 'data'));
      for (const opened of [await openEmbeddedSqlStore(at), await rebuildEmbeddedSqlStore(at)]) assert.ok(!opened.ok && opened.failure.kind === 'broken' && opened.failure.target === 'pglite:stores/sql', `${name}: ${JSON.stringify(opened)}`);
      const lock = lockFile(path.join(at, 'lock'));
      assert.ok(lock.ok, name);
      lock.release();
      rmSync(at, { recursive: true });
    }
  });
});

describe('the embedded SQL store written anew', () => {
  const { dataset } = publication([]);
  const secret = 'rahasia yang ditulis seseorang';
  const all = (store: SqlStore): Promise<unknown> => store.transaction(async (tx) => {
    const tables = ['app', 'dataset', 'review', 'prediction', 'model', 'report', 'receipt', 'run', 'metric', 'drift', 'quality_check', 'migration', 'review_sentiment'];
    return Promise.all(tables.map(async (table) => [table, await tx.query(`select t::text as row from ${table} t order by 1`)]));
  });

  test('holds the same rows, and what was deleted or changed in no byte of its folder', async () => {
    const at = path.join(workspace, 'anew');
    const store = await open(at);
    const texts = ['tab\tand\\', "'\n", '\\N', '👨\u200d👩\u200d👧', 'x'.repeat(20_000)];
    const reviews = [cleanReview('gone', `${secret} satu`), cleanReview('kept', `${secret} dua`), ...texts.map((text, index) => cleanReview(`t${index}`, text))];
    await publish(store, publication([], { reviews, predictions: [prediction('gone'), prediction('kept')] }));
    await publish(store, publication(['x'], { dataset: 'sample:com.example.app', source: 'sample' }));
    await publish(store, publication([], { reviews: [cleanReview('kept', 'lain'), ...reviews.slice(2)], predictions: [prediction('kept')], at: '2026-07-02T00:00:00.000Z' }));
    const before = await all(store);
    await store.close();
    assert.ok(shownIn(at, secret), 'it lies on in dead rows and the log');
    assert.deepEqual(await rebuildEmbeddedSqlStore(at), { ok: true, value: undefined });
    assert.ok(!shownIn(at, secret));
    assert.deepEqual(readdirSync(at).sort(), ['data', 'lock.db']);
    const again = await open(at);
    assert.deepEqual(await all(again), before);
    assert.equal((await publish(again, publication(['a']))).rows, 1, 'and it is written to as before');
    await again.close();
  });

  test('is not made where another process has the store open, and a rebuild that was killed loses nothing', async () => {
    const at = path.join(workspace, 'renamed');
    const store = await open(at);
    await publish(store, publication(['a', 'b']));
    await store.close();
    const lock = lockFile(path.join(at, 'lock'));
    assert.ok(lock.ok);
    const refused = await rebuildEmbeddedSqlStore(at);
    assert.ok(!refused.ok && refused.failure.kind === 'busy');
    lock.release();
    // As it is between the two renames.
    renameSync(path.join(at, 'data'), path.join(at, 'replaced'));
    mkdirSync(path.join(at, 'copy'));
    const again = await open(at);
    assert.deepEqual(await again.transaction((tx) => tx.query('select id from review where dataset = $1 order by id', [dataset])), [{ id: 'a' }, { id: 'b' }]);
    await again.close();
    assert.deepEqual(await rebuildEmbeddedSqlStore(path.join(workspace, 'nowhere')), { ok: true, value: undefined });
    assert.ok(!existsSync(path.join(workspace, 'nowhere')));
  });
});

describe('the lock of the SQL store', () => {
  const held = path.join(workspace, 'held');

  test('a second one is told who has it, and has it when the first one is done', async () => {
    const lock = lockFile(path.join(held, 'lock'));
    assert.ok(lock.ok);
    assert.deepEqual(await openEmbeddedSqlStore(held), { ok: false, failure: { kind: 'busy', target: 'pglite:stores/sql', why: `process ${process.pid} has it open` } });
    writeFileSync(path.join(held, 'lock'), '');
    assert.deepEqual(await openEmbeddedSqlStore(held), { ok: false, failure: { kind: 'busy', target: 'pglite:stores/sql', why: 'another process has it open' } });
    lock.release();
    const store = await open(held);
    assert.ok(!(await openEmbeddedSqlStore(held)).ok, 'also of the same process: two would corrupt it');
    await store.close();
  });

  test('that cannot be made is a failure with its reason', async () => {
    writeFileSync(path.join(workspace, 'file'), '');
    const opened = await openEmbeddedSqlStore(path.join(workspace, 'file', 'sql'));
    assert.ok(!opened.ok && opened.failure.kind === 'broken', JSON.stringify(opened));
    const odd = path.join(workspace, 'odd');
    mkdirSync(path.join(odd, 'lock.db'), { recursive: true });
    const second = await openEmbeddedSqlStore(odd);
    assert.ok(!second.ok && second.failure.kind === 'broken', JSON.stringify(second));
  });
});

describe('the stamp of the SQL store', () => {
  const stamp = { target: 'pglite:stores/sql#file:com.example.app', rows: 1, checksum: 'c' };

  test('answers without opening the database, and not at all once the database is gone', async () => {
    setStamp(folder, 'file:com.example.app', stamp);
    assert.deepEqual(await check({ workspace, env: {}, receipt: stamp }), stamp);
    assert.equal(await check({ workspace, env: {}, receipt: { ...stamp, target: 'pglite:stores/sql#sample:x.y' } }), null);
    const elsewhere = path.join(workspace, 'elsewhere');
    setStamp(path.join(elsewhere, 'stores/sql'), 'file:com.example.app', stamp);
    assert.equal(await check({ workspace: elsewhere, env: {}, receipt: stamp }), null);
  });

  test('goes when the database is next opened, where somebody else changed what it stands for', async () => {
    const lost = path.join(workspace, 'lost');
    const at = path.join(lost, 'stores/sql');
    const receipt = { ...stamp, target: 'pglite:stores/sql#file:com.example.app' };
    const known = (): ReturnType<typeof check> => check({ workspace: lost, env: {}, receipt });
    const store = await open(at);
    await publish(store, publication(['a']));
    setStamp(at, 'file:com.example.app', receipt);
    await store.close();
    const second = await open(at);
    assert.deepEqual(await known(), receipt);
    await second.transaction((tx) => tx.query('delete from prediction'));
    await second.close();
    const third = await open(at);
    assert.equal(await known(), null);
    await third.close();
  });
});
