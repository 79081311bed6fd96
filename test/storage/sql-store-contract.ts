import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { migrate } from '../../storage/sql/migrate.ts';
import { MIGRATIONS } from '../../storage/sql/migrations.ts';
import { dropFromSql, eraseFromSql, publish } from '../../storage/published.ts';
import type { Row, SqlStore } from '../../storage/sql-store.ts';
import { cleanReview, prediction, publication } from './published-rows.ts';

export interface SqlBench {
  open(): Promise<SqlStore>;
}

/** What every SQL store does, embedded or server. */
export function sqlStoreContract(name: string, bench: SqlBench, options: { readonly skip?: string | false } = {}): void {
  describe(`${name}: the SQL store`, { skip: options.skip ?? false }, () => {
    const { dataset } = publication([]);
    let store: SqlStore;
    before(async () => {
      store = await bench.open();
    });
    after(() => store.close());
    const rows = (sql: string, params: readonly unknown[] = []): Promise<readonly Row[]> => store.transaction((tx) => tx.query(sql, params));
    const ids = async (of = dataset): Promise<readonly unknown[]> => (await rows('select id from review where dataset = $1 order by id', [of])).map(({ id }) => id);

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

    test('what did not change is not written again', async () => {
      await publish(store, publication(['a', 'b']));
      const versions = () => rows('select id, xmin::text as xmin from review where dataset = $1 order by id', [dataset]);
      const before = await versions();
      await publish(store, publication(['a', 'b'], { reviews: [cleanReview('a'), cleanReview('b', 'lain')] }));
      const now = await versions();
      assert.deepEqual([now[0]?.xmin === before[0]?.xmin, now[1]?.xmin === before[1]?.xmin], [true, false]);
    });

    test('two publications at once wait for each other, and the later one stays', async () => {
      await Promise.all([publish(store, publication(['a', 'b'])), publish(store, publication(['a', 'b']))]);
      assert.deepEqual(await ids(), ['a', 'b']);
    });

    test('the receipt lies beside the data', async () => {
      const receipt = await publish(store, publication(['a', 'b']));
      assert.deepEqual(await rows('select rows::integer as rows, checksum from receipt where dataset = $1', [dataset]), [receipt]);
    });

    test('a review that is erased goes with its prediction, and the receipt with it', async () => {
      await publish(store, publication(['a', 'b']));
      assert.equal(await eraseFromSql(store, dataset, ["a", "x'; drop table review; --"]), 1);
      assert.deepEqual([await ids(), await rows('select id from prediction where dataset = $1', [dataset]), await rows('select * from receipt where dataset = $1', [dataset])], [['b'], [{ id: 'b' }], []]);
    });

    test('reviews older than an instant go from every dataset, with the receipts of those that had some', async () => {
      const other = 'sample:com.example.app';
      await publish(store, publication([], { reviews: [cleanReview('new'), { ...cleanReview('old'), at: '2024-12-31T23:59:59Z' }], predictions: [prediction('old')] }));
      await publish(store, publication(['x'], { dataset: other, source: 'sample' }));
      assert.deepEqual(await dropFromSql(store, '2025-01-01T00:00:00Z'), [dataset]);
      assert.deepEqual([await ids(), await ids(other), await rows('select dataset from receipt order by 1')], [['new'], ['x'], [{ dataset: other }]]);
      assert.deepEqual(await dropFromSql(store, '2025-01-01T00:00:00Z'), []);
    });

    test('metrics, drift and quality are there by time, and the views show them', async () => {
      const reports = {
        metrics: { estimators: [{ estimator: 'multinomial-nb', crossValidation: { mean: 0.7 }, test: { accuracy: 0.75, macro: { f1: 0.66, precision: 0.65, recall: 0.68 } } }] },
        drift: { features: [{ feature: 'label', effectName: 'psi', effect: 0.3, limit: 0.2, drifted: true }] },
        quality: { passed: true, newest: '2026-01-01T00:00:00Z', checks: [{ rule: 'empty-text', severity: 'warning', passed: false, rows: 3, share: 0.1, limit: 0.05 }] },
      };
      await publish(store, publication(['a'], { reports, at: '2026-07-01T00:00:00.000Z' }));
      await publish(store, publication(['a', 'b'], { reports, at: '2026-07-02T00:00:00.000Z' }));
      await publish(store, publication(['a', 'b'], { reports, at: '2026-07-02T00:00:00.000Z' }));
      const count = async (table: string) => (await rows(`select count(*)::integer as n from ${table} where dataset = $1`, [dataset]))[0]?.n;
      assert.deepEqual([await count('metric'), await count('drift'), await count('quality_check')], [10, 2, 2]);
      assert.deepEqual(await rows('select name, value from model_metric where dataset = $1 order by name', [dataset]), [
        { name: 'cv_macro_f1', value: 0.7 }, { name: 'test_accuracy', value: 0.75 }, { name: 'test_macro_f1', value: 0.66 }, { name: 'test_precision', value: 0.65 }, { name: 'test_recall', value: 0.68 },
      ]);
      assert.deepEqual(await rows('select feature, effect, drifted from newest_drift where dataset = $1', [dataset]), [{ feature: 'label', effect: 0.3, drifted: true }]);
      assert.deepEqual(await rows('select rule, passed, share from quality_now where dataset = $1', [dataset]), [{ rule: 'empty-text', passed: false, share: 0.1 }]);
      assert.deepEqual(await rows('select day::text as day, label, reviews from sentiment_per_day where dataset = $1', [dataset]), [{ day: '2026-01-01', label: 'positive', reviews: 2 }]);
      assert.deepEqual(await rows('select day::text as day, rating, reviews from rating_per_day where dataset = $1', [dataset]), [{ day: '2026-01-01', rating: 5, reviews: 2 }]);
      assert.deepEqual(await rows('select id, label, source from label where dataset = $1 order by id limit 1', [dataset]), [{ id: 'a', label: 'positive', source: 'stars' }]);
    });

    test('every text survives the bulk load as it is', async () => {
      const texts = ['', '\\N', '\\.', 'a\tb\nc\rd\\e', '\\\\', '\u2028', ' ', "{\"}'", '\u0001', '👨\u200d👩\u200d👧', 'ä'.repeat(100_000)];
      const copied = await store.transaction(async (tx) => {
        await tx.query('create temporary table texts (number integer, text text) on commit drop');
        const sent = await tx.copy('texts', ['number', 'text'], [...texts, null].map((text, index) => [index, text]));
        return { sent, seen: await tx.query('select text from texts order by number') };
      });
      assert.deepEqual([copied.sent, copied.seen.map(({ text }) => text)], [texts.length + 1, [...texts, null]]);
      await assert.rejects(store.transaction((tx) => tx.copy('texts; drop table review', ['a'], [])), /no plain name/);
    });

    test('migrations are applied once; a newer database, and one whose steps were others, are refused', async () => {
      const versions = MIGRATIONS.map(({ version }) => ({ version }));
      assert.deepEqual(await rows('select version::integer as version from migration order by version'), versions);
      const only = (migrations = MIGRATIONS) => store.transaction((tx) => migrate(tx, migrations));
      assert.deepEqual(await only(), { ok: true });
      const newer = await only(MIGRATIONS.slice(0, 1));
      assert.ok(!newer.ok && /newer version of ulasan/.test(newer.why));
      const other = await only(MIGRATIONS.map((migration) => ({ ...migration, sql: `${migration.sql} -- edited` })));
      assert.ok(!other.ok && /step 1 of its schema was another one/.test(other.why));
    });
  });
}
