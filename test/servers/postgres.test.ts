import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { check } from '../../storage/check-sql.ts';
import { attempt } from '../../storage/failure.ts';
import { openPostgresSqlStore, postgresTarget } from '../../storage/postgres-sql-store.ts';
import { publish } from '../../storage/published.ts';
import type { SqlStore } from '../../storage/sql-store.ts';
import { publication } from '../storage/published-rows.ts';
import { sqlSchemaContract } from '../storage/sql-schema-contract.ts';
import { sqlStoreContract } from '../storage/sql-store-contract.ts';
import { postgresMissing, startPostgres } from './postgres/server.ts';
import type { PostgresServer } from './postgres/server.ts';

const skip = postgresMissing();
let server: PostgresServer;
before(async () => {
  if (skip === false) server = await startPostgres();
});
after(async () => {
  if (skip === false) await server.stop();
});

async function open(url: string): Promise<SqlStore> {
  const opened = await openPostgresSqlStore(url);
  assert.ok(opened.ok, JSON.stringify(opened));
  return opened.value;
}

sqlStoreContract('PostgreSQL', { open: () => open(server.fresh()) }, { skip });
sqlSchemaContract('PostgreSQL', { open: () => open(server.fresh()) }, { skip });

describe('PostgreSQL', { skip }, () => {
  const { dataset } = publication([]);
  const count = async (store: SqlStore): Promise<unknown> => (await store.transaction((tx) => tx.query('select count(*)::integer as n from review where dataset = $1', [dataset])))[0]?.n;
  const many = Array.from({ length: 60_000 }, (_, index) => `r${index}`);

  test('an address that nobody answers, that is refused or cannot be read is a failure without the password', async () => {
    for (const [url, kind] of [
      ['postgres://budi:s3cret@127.0.0.1:1/ulasan', 'unreachable'], [server.url.replace('ulasan@', 'budi:s3cret@'), 'denied'], [server.url.replace(/postgres$/, 'no_such_database'), 'broken'],
    ] as const) {
      const opened = await openPostgresSqlStore(url);
      assert.ok(!opened.ok, url);
      assert.equal(opened.failure.kind, kind);
      assert.doesNotMatch(JSON.stringify(opened), /s3cret/);
    }
    assert.equal(postgresTarget('postgres://u:p@h/d?password=s3cret'), 'postgres://h:5432/d');
  });

  test('two that open a new database at once make its tables once', async () => {
    const url = server.fresh();
    const stores = await Promise.all([open(url), open(url), open(url)]);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('its check answers by the receipt; an empty database, a new one, and one of which something was taken have none', async (t) => {
    const url = server.fresh();
    const receipt = { target: `${postgresTarget(url)}#${dataset}`, rows: 2, checksum: '' };
    const ask = () => check({ workspace: '/nowhere', env: { DATABASE_URL: url }, receipt });
    assert.equal(await ask(), null, 'without tables');
    const store = await open(url);
    assert.equal(await ask(), null, 'without rows');
    const published = await publish(store, publication(['a', 'b']));
    assert.deepEqual(await ask(), { target: receipt.target, ...published });
    const admin = new Client({ connectionString: url });
    await admin.connect();
    t.after(() => admin.end());
    for (const taken of [
      "delete from review where id = 'a'", "delete from prediction where id = 'a'", 'delete from prediction', 'truncate review cascade', 'drop view quality_now', 'drop table metric cascade', 'drop table prediction cascade', 'drop table receipt',
      // As in a copy of a database without the rows of a table, or one whose triggers were off meanwhile.
      'set session_replication_role = replica; delete from prediction; set session_replication_role = origin',
    ]) {
      await admin.query(taken);
      assert.equal(await ask(), null, taken);
      const again = await open(url);
      await publish(again, publication(['a', 'b']));
      await again.close();
      assert.deepEqual(await ask(), { target: receipt.target, ...published }, taken);
    }
    await admin.query('alter table review rename column label to stars_label');
    assert.deepEqual(await ask(), { target: receipt.target, ...published }, 'of columns nothing is known before they are written');
    const changed = await attempt(store.failureOf, () => publish(store, publication(['a'])));
    assert.ok(!changed.ok && changed.failure.kind === 'schema');
    await store.close();
    await assert.rejects(check({ workspace: '/nowhere', env: { DATABASE_URL: 'postgres://u:s3cret@127.0.0.1:1/x' }, receipt }), (error: Error) => /127\.0\.0\.1:1/.test(error.message) && !error.message.includes('s3cret'));
  });

  test('who writes by hand while a dataset is published comes before it or after it: the receipt is of what can be seen', async () => {
    const url = server.fresh();
    const store = await open(url);
    await publish(store, publication(['a', 'b']));
    const [writer, watcher] = [new Client({ connectionString: url }), new Client({ connectionString: url })];
    await Promise.all([writer.connect(), watcher.connect()]);
    await writer.query('begin');
    await writer.query("insert into review select dataset, 'c', at, rating, label, label_source, language, app_version, raw, tokens from review where id = 'a'");
    const publishing = publish(store, publication(['a', 'b']));
    while ((await watcher.query("select 1 from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())")).rowCount === 0) continue;
    await writer.query('commit');
    assert.equal((await publishing).rows, Number(await count(store)));
    await Promise.all([writer.end(), watcher.end()]);
    await store.close();
  });

  test('a connection that is ended in the middle of a write leaves what was there, and the next publication catches up', async () => {
    const url = server.fresh();
    const store = await open(url);
    await publish(store, publication(['a', 'b']));
    const admin = new Client({ connectionString: url });
    await admin.connect();
    const writing = attempt(store.failureOf, () => publish(store, publication(many)));
    for (;;) {
      const { rowCount } = await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ulasan' and query ilike '%incoming_review%' and datname = current_database()");
      if ((rowCount ?? 0) > 0) break;
    }
    const result = await writing;
    assert.ok(!result.ok && result.failure.kind === 'unreachable', JSON.stringify(result));
    assert.equal(await count(store), 2, 'on a new connection');
    assert.equal((await publish(store, publication(many))).rows, many.length);
    await admin.end();
    await store.close();
  });

  test('a server that goes away before, during and after a write: nothing is lost, nothing doubled', async (t) => {
    const own = await startPostgres();
    t.after(() => own.stop());
    const store = await open(own.url);
    await publish(store, publication(['a', 'b']));
    const admin = new Client({ connectionString: own.url });
    await admin.connect();
    admin.on('error', () => undefined);
    const writing = attempt(store.failureOf, () => publish(store, publication(many)));
    while ((await admin.query("select 1 from pg_stat_activity where application_name = 'ulasan' and query ilike '%incoming_review%'")).rowCount === 0) continue;
    await own.kill();
    const during = await writing;
    assert.ok(!during.ok && during.failure.kind === 'unreachable', JSON.stringify(during));
    const before = await attempt(store.failureOf, () => publish(store, publication(['a'])));
    assert.ok(!before.ok && before.failure.kind === 'unreachable');
    await own.start();
    assert.ok([2, many.length].includes(Number(await count(store))), 'all of a publication or nothing of it');
    const first = await publish(store, publication(many));
    await own.kill();
    await own.start();
    assert.equal(await count(store), many.length);
    assert.deepEqual(await publish(store, publication(many)), first);
    await store.close();
  });
});
