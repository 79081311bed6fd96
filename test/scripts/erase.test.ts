import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { writeRows } from '../../records/csv.ts';
import { writeJsonl } from '../../records/jsonl.ts';
import { Review } from '../../schema/review.ts';
import { writeBackup } from '../../stages/collect/export.ts';
import { openEmbeddedSqlStore } from '../../storage/embedded-sql-store.ts';
import { lockFile } from '../../storage/process-lock.ts';
import { ERASING_FILE, readErasing } from '../../storage/erasing.ts';
import { publish } from '../../storage/published.ts';
import type { RawStore } from '../../storage/raw-store.ts';
import { writeServedReviews } from '../../storage/served-reviews.ts';
import { setsOfRun } from '../../scripts/data/erase/again.ts';
import { Pipeline, worked } from '../pipeline/rig.ts';
import { cleanReview, prediction, publication } from '../storage/published-rows.ts';
import { DATASET, review } from '../storage/reviews.ts';
import { data, filesShowing, ownSource, startData, withRawStore } from './rig.ts';

/** A person's id, and what they wrote at first, then, and was replied: too short a text to be found by it, then a long one. */
const ID = 'gp:AOqpTOE-erased-one';
const FIRST = 'rahasia';
const TEXT = 'saya tidak mau bilang siapa saya dan di mana saya tinggal, sungguh, karena itu urusan saya sendiri saja';
const PIECE = 'bilang siapa saya dan di mana';

let workspace = '';
beforeEach(() => void (workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-erase-'))));
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

const at = (file: string): string => path.join(workspace, file);
const showing = (text: string): readonly string[] => filesShowing(workspace, text).filter((file) => file !== ERASING_FILE);

function write(file: string, content: string | Uint8Array): void {
  mkdirSync(path.dirname(at(file)), { recursive: true });
  writeFileSync(at(file), content);
}

const withRaw = <T>(work: (store: RawStore) => Promise<T>): Promise<T> => withRawStore(at('stores/raw'), work);

/** A workspace as runs leave it, made by hand: both stores, files of every kind, two releases, of which one is of before the review. */
async function fill({ sql = true }: { readonly sql?: boolean } = {}): Promise<void> {
  await withRaw(async (store) => {
    await store.upsert(DATASET, [review(ID, { text: FIRST }), review('gp:stays'), review('17'), review('117')]);
    await store.upsert(DATASET, [review(ID, { text: TEXT, reply: 'halo kakak, mohon maaf atas kendala yang kakak alami' })]);
    await store.stamp(DATASET);
    mkdirSync(at('data/collect'), { recursive: true });
    writeRows(at('data/collect/reviews.csv'), Review, await store.all(DATASET));
    writeJsonl(at('data/collect/history.jsonl'), await store.history(DATASET));
  });
  const collected = readFileSync(at('data/collect/reviews.csv'));
  write('.repro/cache/objects/ab/cdef', collected);
  write('.repro/kept/1/data/collect/reviews.csv', collected);
  write('data/train/naive/model.json', '{"terms":["rahasia"]}');
  write('data/champion/champion.json', '{}');
  write('site/dist/index.html', `<p>${FIRST}</p>`);
  write('logs/serve.log', `GET /api/reviews?text=x ${TEXT}\n`);
  write('logs/other.log', 'nothing of it\n');
  write('stores/raw/answers/1.txt.gz', gzipSync(JSON.stringify([ID, TEXT])));
  const served = (id: string, text: string) => ({ app: 'com.example.app', id, at: '2026-01-01T00:00:00Z', rating: 5, label: 'positive' as const, negative: 0, neutral: 0, positive: 1, model: 'm', starsLabel: 'positive' as const, language: 'id' as const, version: null, text });
  writeServedReviews(at('releases/2/data/reviews.sqlite'), [served(ID, TEXT), served('gp:stays', 'bagus')]);
  writeServedReviews(at('releases/1/data/reviews.sqlite'), [served('gp:stays', 'bagus')]);
  if (!sql) return;
  const opened = await openEmbeddedSqlStore(at('stores/sql'));
  assert.ok(opened.ok);
  await publish(opened.value, publication([], { reviews: [cleanReview(ID, TEXT), cleanReview('gp:stays')], predictions: [prediction(ID), prediction('gp:stays')] }));
  await opened.value.close();
}

const erase = (...args: readonly string[]) => data('erase', '--source', 'file', '--app', 'com.example.app', '--workspace', workspace, '--no-run', ...args);

describe('pnpm data erase', () => {
  test('takes a review out of every place: stores, files, cache, kept files and answers, logs, releases', async () => {
    await fill();
    for (const place of ['stores/raw/reviews.db', 'stores/sql/', 'data/', 'logs/', 'releases/2/', '.repro/kept/', '.repro/cache/', 'stores/raw/answers/']) assert.ok(showing(PIECE).some((file) => file.startsWith(place)), place);
    const said = await erase(ID);
    assert.equal(said.status, 0, said.output);
    assert.match(said.output, /stores: 1 of 1 in the raw store, 1 in the SQL store/);
    assert.match(said.output, /verified: no file of the workspace shows them/);
    for (const text of [PIECE, ID, FIRST, 'kendala yang kakak alami']) assert.deepEqual(filesShowing(workspace, text), [], text);
    for (const file of ['logs/other.log', 'releases/1/data/reviews.sqlite', 'data/champion/champion.json']) assert.ok(existsSync(at(file)), file);
    assert.deepEqual(await withRaw(async (store) => (await store.all(DATASET)).map(({ id }) => id)), ['117', '17', 'gp:stays']);
    assert.ok(!existsSync(at(ERASING_FILE)));
    const again = await erase(ID);
    assert.deepEqual([again.status, /stores: 0 of 1 in the raw store/.test(again.output)], [0, true], again.output);
  });

  test('a short id takes nothing with it that is no review, and no review whose id begins or ends so', async () => {
    await fill({ sql: false });
    write('data/watch/history.jsonl', '{"hours":17}\n');
    const said = await erase('17');
    assert.equal(said.status, 0, said.output);
    assert.ok(existsSync(at('data/watch/history.jsonl')));
    assert.deepEqual(await withRaw(async (store) => (await store.all(DATASET)).map(({ id }) => id)), ['117', ID, 'gp:stays']);
  });

  test('an id that nobody has is told, and nothing is done', async () => {
    await fill({ sql: false });
    const before = filesShowing(workspace, '');
    for (const ids of [['gp:mistyped'], [ID, 'gp:mistyped']]) {
      const said = await erase(...ids);
      assert.equal(said.status, 1);
      assert.match(said.output, /There is no review "gp:mistyped" in file:com\.example\.app; nothing was erased\n {2}hint: look at the column "id"/);
      assert.doesNotMatch(said.output, /verified/);
    }
    assert.deepEqual(filesShowing(workspace, '').filter((file) => !file.startsWith('.repro/')), before.filter((file) => !file.startsWith('.repro/')));
    assert.equal((await data('erase', '--workspace', workspace)).status, 2, 'nor is there anything that was begun');
  });

  test('does not take the only copy of reviews away, where the raw store lost them', async () => {
    await fill({ sql: false });
    rmSync(at('stores/raw'), { recursive: true });
    const said = await erase(ID);
    assert.equal(said.status, 1);
    assert.match(said.output, /data\/collect holds 3 reviews that the raw store does not, and is the only copy of them\n {2}hint: run {2}pnpm data restore {2}first/);
    assert.ok(existsSync(at('data/collect/reviews.csv')));
  });

  test('leaves every backup in place, without the review: a raw store that is lost afterwards gets everything else back', async () => {
    await fill({ sql: false });
    const other = 'play:com.other.app';
    const held = () => withRaw(async (store) => [await store.all(DATASET), await store.history(DATASET), await store.all(other), await store.history(other)]);
    await withRaw(async (store) => {
      for (const text of ['one', 'two']) await store.upsert(DATASET, [review('gp:stays', { text })]);
      for (const text of ['one', 'two']) await store.upsert(other, [review(ID, { app: 'com.other.app', source: 'play', text }), review('b', { app: 'com.other.app', source: 'play' })]);
      for (const [folder, dataset] of [['data/collect', DATASET], ['data/collect/others/play/com.other.app', other]] as const) await writeBackup(at(folder), { reviews: await store.all(dataset), history: await store.history(dataset) });
    });
    const backup = ['reviews.csv', 'history.jsonl'].map((name) => readFileSync(at(`data/collect/others/play/com.other.app/${name}`), 'utf8'));
    const said = await erase(ID);
    assert.equal(said.status, 0, said.output);
    assert.match(said.output, /backups: 1 written again without them/);
    assert.deepEqual(filesShowing(workspace, PIECE), []);
    assert.ok(!readFileSync(at('data/collect/reviews.csv'), 'utf8').includes(ID));
    const before = await held();
    assert.deepEqual(before.map((rows) => rows.length), [3, 2, 2, 1]);
    rmSync(at('stores/raw'), { recursive: true });
    const restored = await data('restore', '--workspace', workspace, '--no-publish');
    assert.equal(restored.status, 0, restored.output);
    assert.deepEqual(await held(), before);
    // The same of a dataset whose backup is not the one in data/collect.
    const second = await data('erase', ID, '--set', 'collect.source=play', '--set', 'collect.app=com.other.app', '--workspace', workspace, '--no-run');
    assert.equal(second.status, 0, second.output);
    rmSync(at('stores/raw'), { recursive: true });
    assert.equal((await data('restore', '--workspace', workspace, '--no-publish')).status, 0);
    assert.deepEqual((await held()).map((rows) => rows.length), [3, 2, 1, 0]);
    assert.deepEqual([backup.every((text) => text.includes(ID)), filesShowing(workspace, ID)], [true, []]);
  });

  test('with the SQL store away the rest is erased, what is left is kept, and the second try finishes', async () => {
    await fill();
    const lock = lockFile(at('stores/sql/lock'));
    assert.ok(lock.ok);
    const cut = await erase(ID);
    assert.equal(cut.status, 1, cut.output);
    assert.match(cut.output, /Not everything is erased: pglite:stores\/sql: process \d+ has it open/);
    assert.doesNotMatch(cut.output, /verified/);
    assert.ok(showing(PIECE).length > 0 && showing(PIECE).every((file) => file.startsWith('stores/sql/')), String(showing(PIECE)));
    assert.deepEqual(readErasing(at(ERASING_FILE)).map(({ run }) => run), [['collect.source=file', 'collect.app=com.example.app']], 'and so is of which dataset the run is to be');
    // Made again meanwhile by a program that knew nothing of it.
    write('site/dist/late.html', `<p>${TEXT}</p>`);
    lock.release();
    const finished = await data('erase', '--workspace', workspace, '--no-run');
    assert.equal(finished.status, 0, finished.output);
    assert.match(finished.output, /goes on with what was begun before: 1 review\n[^]*verified/);
    for (const text of [PIECE, ID]) assert.deepEqual(filesShowing(workspace, text), [], text);
  });

  test('killed at any moment, it is finished by the next try', async () => {
    await fill();
    for (const wait of [0, 30, 300, 1500]) {
      const begun = startData('erase', ID, '--source', 'file', '--app', 'com.example.app', '--workspace', workspace, '--no-run');
      while (!existsSync(at(ERASING_FILE)) && (await Promise.race([begun.said, sleep(5)])) === undefined) continue;
      await sleep(wait);
      begun.kill();
      await begun.said;
    }
    const finished = await erase(ID);
    assert.equal(finished.status, 0, finished.output);
    for (const text of [PIECE, ID]) assert.deepEqual(filesShowing(workspace, text), [], text);
    assert.deepEqual(await withRaw(async (store) => (await store.all(DATASET)).map(({ id }) => id)), ['117', '17', 'gp:stays']);
  });

  test('what people keep themselves is theirs to mend, and the erasure waits for it', async () => {
    await fill({ sql: false });
    write('corrections.csv', `app,id,label,by,note\ncom.example.app,${ID},negative,ani,\n`);
    const said = await erase(ID);
    assert.equal(said.status, 1);
    assert.match(said.output, /still there: .*corrections\.csv names them: take those lines out/);
    write('corrections.csv', 'app,id,label,by,note\n');
    assert.equal((await data('erase', '--workspace', workspace, '--no-run')).status, 0);
  });

  test('the same id in another dataset stays, and is told of', async () => {
    await fill({ sql: false });
    await withRaw((store) => store.upsert('play:com.example.app', [review(ID, { text: TEXT, source: 'play' })]));
    const said = await erase(ID);
    assert.equal(said.status, 0, said.output);
    assert.match(said.output, /play:com\.example\.app has a review "gp:AOqpTOE-erased-one" as well, which stays: erase it by --source and --app/);
    assert.equal(await withRaw(async (store) => (await store.all('play:com.example.app')).length), 1);
  });

  test('a list of what is left that cannot be read is not passed over', async () => {
    await fill({ sql: false });
    write(ERASING_FILE, '[{"dataset"');
    const said = await erase(ID);
    assert.equal(said.status, 1);
    assert.match(said.output, /Cannot read stores\/erasing\.json, which says what is still to be erased/);
  });
});

describe('the run after an erasure', () => {
  const [file, play] = ['file:com.example.app', 'play:com.other.app'];

  test('is about the dataset of data/collect, whichever the reviews were of; about another one where --set says so', () => {
    assert.deepEqual(setsOfRun(workspace, { dataset: play, set: [] }), ['collect.source=play', 'collect.app=com.other.app'], 'where nothing is there');
    mkdirSync(at('data/collect'), { recursive: true });
    writeRows(at('data/collect/reviews.csv'), Review, [review('a')]);
    const own = ['collect.source=file', 'collect.app=com.example.app'];
    assert.deepEqual(setsOfRun(workspace, { dataset: play, set: [] }), own);
    assert.deepEqual(setsOfRun(workspace, { dataset: file, set: ['train.folds=3'] }), ['train.folds=3', ...own]);
    assert.deepEqual(setsOfRun(workspace, { dataset: play, set: ['collect.source=play'] }), ['collect.source=play', 'collect.source=play', 'collect.app=com.other.app']);
  });

  test('makes models and report of that dataset again, with the path it was read from, and its backup stays; cut, the next try makes the same', async () => {
    const pipeline = new Pipeline();
    try {
      const source = path.join(pipeline.workspace, 'own.csv');
      writeFileSync(source, ownSource());
      worked(await pipeline.repro('--set', 'collect.source=file', '--set', 'collect.app=com.example.app', '--set', 'collect.path=own.csv'));
      const datasets = () => ['data/champion/champion.json', 'data/publish/published.json', 'releases/current/manifest.json'].map((name) => (JSON.parse(pipeline.read(name)) as { readonly dataset: string }).dataset);
      assert.deepEqual(datasets(), [file, file, file]);
      writeFileSync(source, ownSource().split('\n').filter((line) => !/^own-(?:7|8),/.test(line)).join('\n'));
      assert.equal((await data('erase', 'own-7', '--source', 'file', '--app', 'com.example.app', '--workspace', pipeline.workspace, '--no-run')).status, 0);
      const begun = startData('erase', 'own-8', '--source', 'file', '--app', 'com.example.app', '--workspace', pipeline.workspace);
      while (!existsSync(path.join(pipeline.workspace, ERASING_FILE)) && (await Promise.race([begun.said, sleep(5)])) === undefined) continue;
      begun.kill();
      await begun.said;
      const said = await data('erase', '--workspace', pipeline.workspace);
      assert.equal(said.status, 0, said.output);
      assert.match(said.output, /verified: no file of the workspace shows them/);
      assert.deepEqual(datasets(), [file, file, file]);
      const ids: readonly string[] = pipeline.read('data/clean/reviews.csv').match(/own-\d+/g) ?? [];
      assert.deepEqual([ids.length, ids.includes('own-7'), ids.includes('own-8')], [298, false, false]);
      assert.equal(pipeline.read('data/collect/reviews.csv').match(/own-\d+/g)?.length, 298);
    } finally {
      pipeline.remove();
    }
  });
});

describe('an erasure in a pipeline', () => {
  test('makes models, predictions and the report again without the review; a run that finds one which was cut finishes it', async () => {
    const pipeline = new Pipeline();
    try {
      worked(await pipeline.repro());
      const shown = (text: string) => filesShowing(pipeline.workspace, text).filter((file) => !file.startsWith('.repro/compile-cache'));
      const lines = pipeline.read('data/collect/reviews.csv').split('\n').filter((row) => !row.includes('"')).map((line) => line.split(','));
      const [one = [], two = []] = lines.filter((cells) => (cells[4] ?? '').length > 30);
      const [id, otherId] = [one[1] ?? '', two[1] ?? ''];
      assert.ok(id !== '' && otherId !== '');
      const sets = ['collect.sample.reviews=900', 'train.folds=3', 'train.random-forest.trees=8'].flatMap((set) => ['--set', set]);
      const history = pipeline.read('data/watch/history.jsonl');
      const said = await data('erase', id, '--source', 'sample', '--workspace', pipeline.workspace, ...sets);
      assert.equal(said.status, 0, said.output);
      assert.match(said.output, /verified: no file of the workspace shows them/);
      assert.deepEqual([shown(id), pipeline.read('data/watch/history.jsonl').startsWith(history)], [[], true]);
      assert.ok(existsSync(path.join(pipeline.workspace, 'releases/current/manifest.json')), 'a new release is served');
      // As a process leaves it that was killed right after it had begun.
      const before = pipeline.read('stores/raw/receipts.json');
      const begun = startData('erase', otherId, '--source', 'sample', '--workspace', pipeline.workspace, '--no-run');
      while (!existsSync(path.join(pipeline.workspace, ERASING_FILE)) && (await Promise.race([begun.said, sleep(5)])) === undefined) continue;
      begun.kill();
      await begun.said;
      assert.ok(existsSync(path.join(pipeline.workspace, ERASING_FILE)));
      assert.notEqual(pipeline.read('stores/raw/receipts.json'), before);
      const run = await pipeline.repro();
      assert.equal(run.status, 0, run.output);
      assert.match(run.output, /an erasure is not finished yet/);
      assert.deepEqual([existsSync(path.join(pipeline.workspace, ERASING_FILE)), shown(otherId)], [false, []], 'the hook of the run finished it');
      rmSync(path.join(pipeline.workspace, 'stores/raw'), { recursive: true });
      worked(await pipeline.repro('collect'));
      for (const gone of [id, otherId]) assert.ok(!pipeline.read('data/collect/reviews.csv').includes(gone), 'also when the store is lost and filled again');
    } finally {
      pipeline.remove();
    }
  });
});
