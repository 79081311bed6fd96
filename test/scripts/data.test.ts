import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { writeRows } from '../../records/csv.ts';
import { writeJsonl } from '../../records/jsonl.ts';
import { Review } from '../../schema/review.ts';
import { writeBackup } from '../../stages/collect/export.ts';
import { openEmbeddedRawStore } from '../../storage/embedded-raw-store.ts';
import { openEmbeddedSqlStore } from '../../storage/embedded-sql-store.ts';
import type { RawStore } from '../../storage/raw-store.ts';
import { Pipeline, worked } from '../pipeline/rig.ts';
import { DATASET, review } from '../storage/reviews.ts';
import { data, ownSource } from './rig.ts';

let workspace = '';
beforeEach(() => void (workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-data-'))));
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

function open(): RawStore {
  const opened = openEmbeddedRawStore(path.join(workspace, 'stores/raw'));
  assert.ok(opened.ok);
  return opened.value;
}

async function exportOf(store: RawStore): Promise<void> {
  mkdirSync(path.join(workspace, 'data/collect'), { recursive: true });
  writeRows(path.join(workspace, 'data/collect/reviews.csv'), Review, await store.all(DATASET));
  writeJsonl(path.join(workspace, 'data/collect/history.jsonl'), await store.history(DATASET));
}

describe('pnpm data', () => {
  test('says what there is, and refuses what there is not', async () => {
    assert.deepEqual([(await data()).status, (await data('--help')).status, (await data('destroy')).status, (await data('erase')).status, (await data('restore', '--what')).status], [2, 0, 2, 2, 2]);
    assert.match((await data('destroy')).output, /Unknown command "destroy"/);
  });
});

describe('pnpm data restore', () => {
  test('fills a raw store that was lost from data/collect: same reviews, same history, same stamp', async () => {
    const store = open();
    for (const text of ['one', 'two', 'three']) await store.upsert(DATASET, [review('edited', { text }), review('b')], { sweep: 1 });
    await store.upsert(DATASET, [review('gone', { text: 'bye' })]);
    await store.markGone(DATASET, ['gone'], '2026-03-01T00:00:00Z');
    await store.upsert(DATASET, [review('back')]);
    await store.markGone(DATASET, ['back'], '2026-03-01T00:00:00Z');
    await store.upsert(DATASET, [review('back', { text: 'here again' })]);
    await exportOf(store);
    const [all, history, stamp] = [await store.all(DATASET), await store.history(DATASET), await store.stamp(DATASET)];
    await store.close();
    rmSync(path.join(workspace, 'stores'), { recursive: true });
    const said = await data('restore', '--workspace', workspace, '--no-publish');
    assert.equal(said.status, 0, said.output);
    assert.match(said.output, /holds 3 reviews of file:com\.example\.app again, with 5 earlier versions \(4 reviews written\)/);
    const holds = async (): Promise<readonly unknown[]> => {
      const again = open();
      try {
        return [await again.all(DATASET), await again.history(DATASET), await again.stamp(DATASET), await again.count(DATASET)];
      } finally {
        await again.close();
      }
    };
    assert.deepEqual(await holds(), [all, history, stamp, 4]);
    for (let turn = 0; turn < 2; turn++) {
      assert.match((await data('restore', '--workspace', workspace, '--no-publish')).output, /with 5 earlier versions \(0 reviews written\)/, 'again does no harm');
      assert.deepEqual(await holds(), [all, history, stamp, 4]);
    }
  });

  test('restores the datasets that are not in data/collect from their own backups', async () => {
    const other = 'play:com.other.app';
    const store = open();
    await store.upsert(DATASET, [review('a')]);
    for (const text of ['one', 'two']) await store.upsert(other, [review('b', { app: 'com.other.app', source: 'play', text })]);
    await exportOf(store);
    await writeBackup(path.join(workspace, 'data/collect/others/play/com.other.app'), { reviews: await store.all(other), history: await store.history(other) });
    const before = [await store.all(other), await store.history(other)];
    await store.close();
    for (const folder of ['stores', 'data/collect/reviews.csv']) {
      rmSync(path.join(workspace, folder), { recursive: true });
      const said = await data('restore', '--workspace', workspace, '--no-publish');
      assert.equal(said.status, 0, said.output);
      assert.match(said.output, /holds 1 reviews of play:com\.other\.app again, with 1 earlier versions/);
    }
    const again = open();
    assert.deepEqual([[await again.all(other), await again.history(other)], await again.datasets()], [before, [DATASET, other]]);
    await again.close();
  });

  test('says what is missing or broken', async () => {
    assert.match((await data('restore', '--workspace', workspace)).output, /Cannot read data\/collect\/reviews\.csv as there is no such file/);
    const store = open();
    await store.upsert(DATASET, [review('a')]);
    await exportOf(store);
    await store.close();
    writeFileSync(path.join(workspace, 'data/collect/history.jsonl'), '{"id":"a"}\n');
    const said = await data('restore', '--workspace', workspace);
    assert.equal(said.status, 1);
    assert.match(said.output, /Cannot read data\/collect\/history\.jsonl as line 1 is malformed: it is no earlier version of a review/);
  });
});

describe('the stores of a pipeline that were dropped', () => {
  test('are filled again, from data/collect and by the pipeline, and nothing else is done', async () => {
    const pipeline = new Pipeline();
    try {
      worked(await pipeline.repro('publish'));
      const receipts = ['stores/raw/receipts.json', 'stores/sql/receipts.json'].map((file) => pipeline.read(file));
      rmSync(path.join(pipeline.workspace, 'stores'), { recursive: true });
      const sets = ['collect.sample.reviews=900', 'train.folds=3', 'train.random-forest.trees=8'].flatMap((set) => ['--set', set]);
      const said = await data('restore', '--workspace', pipeline.workspace, ...sets);
      assert.equal(said.status, 0, said.output);
      assert.deepEqual(['stores/raw/receipts.json', 'stores/sql/receipts.json'].map((file) => pipeline.read(file)), receipts);
      assert.deepEqual(worked(await pipeline.repro('publish')), []);
      // What a run cannot see, since it leaves the embedded store closed, is made again all the same.
      const rows = async (sql: string): Promise<readonly unknown[]> => {
        const opened = await openEmbeddedSqlStore(path.join(pipeline.workspace, 'stores/sql'));
        assert.ok(opened.ok);
        try {
          return await opened.value.transaction((tx) => tx.query(sql));
        } finally {
          await opened.value.close();
        }
      };
      const seen = 'select count(*)::integer as n, count(predicted)::integer as predicted from review_sentiment';
      const before = await rows(seen);
      await rows('drop view label');
      await rows('drop table prediction cascade');
      assert.equal((await data('restore', '--workspace', pipeline.workspace, ...sets)).status, 0);
      assert.deepEqual(await rows(seen), before);
      assert.deepEqual(['stores/raw/receipts.json', 'stores/sql/receipts.json'].map((file) => pipeline.read(file)), receipts);
    } finally {
      pipeline.remove();
    }
  });

  test('get the dataset of data/collect under its own name, whatever params.yaml says; results of one are never published as another', async () => {
    const pipeline = new Pipeline();
    const [own, sample] = ['file:com.example.app', 'sample:com.valar.pintu'];
    try {
      worked(await pipeline.repro('publish'));
      writeFileSync(path.join(pipeline.workspace, 'own.csv'), ownSource());
      const sets = ['collect.source=file', 'collect.path=own.csv', 'collect.app=com.example.app'].flatMap((set) => ['--set', set]);
      worked(await pipeline.repro('publish', ...sets));
      const held = async (): Promise<readonly unknown[]> => {
        const opened = await openEmbeddedSqlStore(path.join(pipeline.workspace, 'stores/sql'));
        assert.ok(opened.ok);
        try {
          return await opened.value.transaction((tx) => tx.query('select dataset::text, count(*)::integer as n, count(*) filter (where id like $1)::integer as own from review group by 1 order by 1', ['own-%']));
        } finally {
          await opened.value.close();
        }
      };
      const before = await held();
      assert.deepEqual(before.map((row) => (row as { readonly dataset: unknown }).dataset), [own, sample]);
      const wrong = await pipeline.repro('publish', '--single');
      assert.equal(wrong.status, 1, wrong.output);
      assert.match(wrong.output, /Cannot publish sample:com\.valar\.pintu as data\/champion\/champion\.json is of file:com\.example\.app/);
      const said = await data('restore', '--workspace', pipeline.workspace);
      assert.equal(said.status, 0, said.output);
      assert.deepEqual(await held(), before);
      rmSync(path.join(pipeline.workspace, 'stores/sql'), { recursive: true });
      assert.equal((await data('restore', '--workspace', pipeline.workspace)).status, 0);
      assert.deepEqual(await held(), [{ dataset: own, n: 300, own: 300 }]);
    } finally {
      pipeline.remove();
    }
  });
});
