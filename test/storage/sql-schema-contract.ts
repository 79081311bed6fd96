import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attempt } from '../../storage/failure.ts';
import { publish } from '../../storage/published.ts';
import { migrate } from '../../storage/sql/migrate.ts';
import type { Migrated } from '../../storage/sql/migrate.ts';
import { MIGRATIONS } from '../../storage/sql/migrations.ts';
import type { Row, SqlStore } from '../../storage/sql-store.ts';
import { wording } from '../../stages/wording-collect.ts';
import type { SqlBench } from './sql-store-contract.ts';
import { publication } from './published-rows.ts';

/** What makes a schema: relations, the references between them, and triggers that are on. */
const CATALOGUE = `
  select c.relkind::text || ' ' || c.relname as what from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'i')
  union all select 'reference ' || conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) from pg_constraint where contype = 'f'
  union all select 'trigger ' || tgrelid::regclass::text || ' ' || tgname from pg_trigger where not tgisinternal and tgenabled <> 'D' order by 1`;

/** What becomes of a schema that somebody else laid hands on, in every SQL store, embedded or server. */
export function sqlSchemaContract(name: string, bench: SqlBench, options: { readonly skip?: string | false } = {}): void {
  describe(`${name}: the schema of the SQL store`, { skip: options.skip ?? false }, () => {
    const { dataset } = publication([]);
    const other = { dataset: 'play:com.example.app', source: 'play' };
    let store: SqlStore;
    let catalogue: readonly Row[] = [];
    before(async () => {
      store = await bench.open();
      catalogue = await rows(CATALOGUE);
    });
    after(() => store.close());
    const rows = (sql: string, params: readonly unknown[] = []): Promise<readonly Row[]> => store.transaction((tx) => tx.query(sql, params));
    const receipts = async (): Promise<readonly unknown[]> => (await rows('select dataset from receipt order by 1')).map(({ dataset: of }) => of);
    /** As it is done when a store is opened. */
    const reopen = (): Promise<Migrated> => store.transaction((tx) => migrate(tx));
    const fill = async (): Promise<readonly Row[]> => {
      await publish(store, publication(['x'], other));
      await publish(store, publication(['a', 'b']));
      return rows('select dataset, app, id, at, rating, label, predicted, model_version, language from review_sentiment where dataset = $1 order by id', [dataset]);
    };

    test('whatever somebody else changes of what was published takes the receipts away, and the next publication brings all of it back', async () => {
      const published = await fill();
      assert.deepEqual(await receipts(), [dataset, other.dataset].sort());
      for (const change of [
        "delete from prediction where id = 'a'", 'delete from prediction', 'truncate prediction', 'truncate review cascade', "update review set label = 'negative'", 'delete from dataset', 'delete from report', 'delete from model', "insert into review select dataset, 'c', at, rating, label, label_source, language, app_version, raw, tokens from review where id = 'a'",
      ]) {
        await rows(change);
        assert.deepEqual(await receipts(), [], change);
        assert.deepEqual(await fill(), published, change);
      }
    });

    test('what is done to the history by time takes no receipt away: a team may keep as much of it as it likes', async () => {
      await fill();
      await rows('delete from metric');
      await rows('delete from run');
      assert.equal((await receipts()).length, 2);
    });

    test('a view that somebody made another one stays theirs, and is in no way of what is lost beside it', async () => {
      await fill();
      await rows("create or replace view quality_now as select q.*, 'ours' as note from quality_check q where q.at = (select max(c.at) from quality_check c where c.dataset = q.dataset)");
      await rows('drop index review_by_time');
      assert.deepEqual(await reopen(), { ok: true });
      assert.equal((await rows("select 1 as one from information_schema.columns where table_name = 'quality_now' and column_name = 'note'")).length, 1);
      await rows('drop view quality_now');
      await reopen();
      assert.deepEqual(await rows(CATALOGUE), catalogue);
    });

    test('a view, an index, a trigger that is gone or switched off is made again, and the rows stay as they are', async () => {
      await fill();
      for (const change of ['drop view review_sentiment', 'drop view label cascade', 'drop index review_by_time', 'drop trigger prediction_changed on prediction', 'alter table review disable trigger all', 'drop function forget_receipts() cascade']) {
        await rows(change);
        assert.notDeepEqual(await rows(CATALOGUE), catalogue, change);
        assert.deepEqual(await reopen(), { ok: true });
        assert.deepEqual(await rows(CATALOGUE), catalogue, change);
        assert.equal((await rows('select id from review')).length, 3);
        assert.equal((await receipts()).length, 2, change);
      }
    });

    test('each table that is dropped with all that hangs on it is made again, and no receipt holds, so that it is filled', async () => {
      const tables = (await rows("select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1")).map((row) => String(row.name));
      assert.ok(tables.includes('prediction') && tables.includes('migration') && tables.length > 10, tables.join());
      for (const table of tables) {
        const published = await fill();
        await rows(`drop table ${table} cascade`);
        assert.deepEqual(await reopen(), { ok: true });
        assert.deepEqual(await rows(CATALOGUE), catalogue, table);
        assert.deepEqual(await receipts(), table === 'migration' ? [dataset, other.dataset].sort() : [], table);
        assert.deepEqual(await fill(), published, table);
      }
    });

    test('a table that others point to comes back without a loss of theirs', async () => {
      await fill();
      const history = await rows('select dataset, at, reviews from run order by 1, 2');
      assert.equal(history.length, 2);
      await rows('drop table dataset, app cascade');
      await reopen();
      assert.deepEqual(await rows('select dataset, at, reviews from run order by 1, 2'), history);
      assert.deepEqual(await rows('select dataset, app, source from dataset order by 1'), [{ dataset, app: 'com.example.app', source: 'file' }, { ...other, app: 'com.example.app' }]);
      assert.deepEqual(await rows('select app from app'), [{ app: 'com.example.app' }]);
    });

    test('a relation or column that is missing in the middle of the work is a failure with what to do, no bug', async () => {
      await fill();
      for (const [change, why] of [['drop table prediction cascade', /relation "prediction" does not exist/], ['alter table review drop column tokens', /column "tokens" of relation "review" does not exist/], ['drop table review cascade; create table review (id text)', /column/]] as const) {
        for (const statement of change.split(';')) await rows(statement);
        const published = await attempt(store.failureOf, () => publish(store, publication(['a'])));
        assert.ok(!published.ok && published.failure.kind === 'schema', JSON.stringify(published));
        assert.match(published.failure.why, why);
        const { problem, remedy } = wording.store(published.failure);
        assert.match(problem, /^The tables of (pglite|postgres):\S+ are not those that were made there: /);
        assert.match(remedy, /^run it again: what was dropped is made and filled anew; what was changed by hand has to be dropped first(; or move stores\/sql away|, or DATABASE_URL to name an empty database)/);
        if (/create|alter/.test(change)) await rows('drop table review cascade');
        assert.deepEqual(await reopen(), { ok: true });
        assert.deepEqual(await rows(CATALOGUE), catalogue);
      }
    });

    test('a database whose tables are of somebody else, as far as there are any, is left alone', async () => {
      await rows('drop table migration, prediction cascade');
      const refused = await attempt(store.failureOf, reopen);
      assert.ok(!refused.ok && refused.failure.kind === 'schema' && /"dataset" already exists/.test(refused.failure.why), JSON.stringify(refused));
    });

    test('the steps that were released are never edited: each database has their checksums', async () => {
      const fresh = await bench.open();
      assert.deepEqual(await fresh.transaction((tx) => tx.query('select version::integer as version, checksum from migration order by 1')), [
        { version: 1, checksum: '8a313c5653768a64' }, { version: 2, checksum: '875486765a8b7bd8' }, { version: 3, checksum: '6d7c673ec0e25445' },
      ]);
      assert.equal(MIGRATIONS.length, 3);
      await fresh.close();
    });
  });
}
