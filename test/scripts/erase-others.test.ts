import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { writeRows } from '../../records/csv.ts';
import { CleanReview } from '../../schema/clean-review.ts';
import { formsReader } from '../../scripts/data/erase/forms.ts';
import { id as pages } from '../../site/wording/id.ts';
import { writeBackup } from '../../stages/collect/export.ts';
import { nameIn } from '../../storage/backup.ts';
import { readErasing } from '../../storage/erasing.ts';
import { knownBackups, rememberBackup } from '../../storage/known-backups.ts';
import { cleanReview } from '../storage/published-rows.ts';
import { DATASET, review } from '../storage/reviews.ts';
import { data, filesShowing, withRawStore } from './rig.ts';

const ID = 'gp:AOqpTOE-erased-one';
const [OWN, SHARED] = ['kata yang tidak pernah dipakai siapa pun selain saya', 'menu bayar tagihan listrik itu rapi dan saya suka sekali'];
/** Only its tokens run on where the other one does: "menu bayar tagihan listrik air". */
const STAYS = review('gp:stays', { text: 'menu bayar tagihan. Listrik/air' });

let workspace = '';
beforeEach(() => void (workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-erase-'))));
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

const at = (file: string): string => path.join(workspace, file);
function write(file: string, content: string): void {
  mkdirSync(path.dirname(at(file)), { recursive: true });
  writeFileSync(at(file), content);
}

/** The stores and the backup with these reviews, and the one that stays as the pipeline cleaned it. */
async function fill(...reviews: readonly ReturnType<typeof review>[]): Promise<void> {
  await withRawStore(at('stores/raw'), async (store) => {
    await store.upsert(DATASET, [...reviews, STAYS]);
    mkdirSync(at('data/collect'), { recursive: true });
    writeBackup(at('data/collect'), { reviews: await store.all(DATASET), history: [] });
  });
  mkdirSync(at('data/clean'), { recursive: true });
  writeRows(at('data/clean/reviews.csv'), CleanReview, [{ ...cleanReview(STAYS.id, STAYS.text), text: STAYS.text.toLowerCase(), tokens: 'menu bayar tagihan listrik air' }]);
}

const named = ['--source', 'file', '--app', 'com.example.app', '--no-run'];
const erase = (...args: readonly string[]) => data('erase', '--workspace', workspace, ...args);
/** What people keep themselves, by which an erasure cannot end. */
const KEPT = `app,id,label,by,note\ncom.example.app,${ID},negative,ani,\n`;

describe('what others say too', () => {
  test('gives nobody away in the tokens of a review that stays, which has a mark where the words run on', async () => {
    await fill(review(ID, { text: SHARED }));
    const clean = readFileSync(at('data/clean/reviews.csv'), 'utf8');
    const said = await erase(ID, ...named);
    assert.equal(said.status, 0, said.output);
    assert.match(said.output, /verified: no file of the workspace shows them/);
    assert.equal(readFileSync(at('data/clean/reviews.csv'), 'utf8'), clean);
  });

  test('is looked at in every form that a file holds: tokens in each way, within JSON, in one line, beside itself, a reply', () => {
    const way = { stopwords: 'none', stem: 'none', slang: true, punctuation: true } as const;
    const formsOf = formsReader([way, { ...way, slang: false, punctuation: false }, { ...way, stem: 'indonesian' }, { ...way, stopwords: 'all' }]);
    const forms = [...formsOf({ text: 'Gk bisa, pembayaran\nditolak!', reply: 'Halo\nkakak' })];
    for (const form of ['Gk bisa, pembayaran\nditolak!Gk bisa, pembayaran\nditolak!', 'gk bisa, pembayaran ditolak!', 'tidak bisa pembayaran ditolak !', 'gk bisa pembayaran ditolak', 'tidak bisa bayar tolak !', 'pembayaran ditolak !', String.raw`"Gk bisa, pembayaran\nditolak!"`, 'Halo\nkakak', 'Halo kakak']) assert.ok(forms.includes(form), `${form} of ${JSON.stringify(forms)}`);
  });

  test('leaves the backup the one that the raw store wrote: it does not overrule the store afterwards', async () => {
    await fill(review(ID, { text: OWN }));
    const folder = at('data/collect');
    await withRawStore(at('stores/raw'), async (store) => rememberBackup(store, DATASET, { name: nameIn(folder), held: await store.count(DATASET) }));
    assert.equal((await erase(ID, ...named)).status, 0);
    const known = await withRawStore(at('stores/raw'), async (store) => ({ ...(await knownBackups(store, DATASET)), count: await store.count(DATASET) }));
    assert.deepEqual([known.names.at(-1), known.held], [nameIn(folder), known.count]);
  });

  test('is asked for anew by each try: somebody may have written the same meanwhile', async () => {
    await fill(review(ID, { text: `${OWN} begitu` }));
    write('corrections.csv', KEPT);
    assert.equal((await erase(ID, ...named)).status, 1);
    await withRawStore(at('stores/raw'), (store) => store.upsert(DATASET, [review('gp:later', { text: OWN })]));
    write('data/split/train.csv', `id,text\ngp:later,${OWN}\n`);
    rmSync(at('corrections.csv'));
    const said = await erase('--resume');
    assert.equal(said.status, 0, said.output);
    assert.ok(existsSync(at('data/split/train.csv')));
  });

  test('is also what our own pages say', async () => {
    const page = pages.try.placeholder.split(': ')[1] ?? '';
    await fill(review(ID, { text: page }));
    write('corrections.csv', KEPT);
    assert.equal((await erase(ID, ...named)).status, 1);
    write('site/dist/try.html', `<textarea placeholder="${page}"></textarea>`);
    rmSync(at('corrections.csv'));
    const said = await erase('--resume');
    assert.equal(said.status, 0, said.output);
    assert.ok(existsSync(at('site/dist/try.html')));
  });

  test('and a model that knows a long word is named, and goes on serving', async () => {
    const word = 'bagusbangetbangetbangetbanget';
    await fill(review(ID, { text: word }), review('gp:twin', { text: word }));
    write('releases/1/model/model.json', JSON.stringify({ terms: [word] }));
    write('site/dist/index.html', word);
    const said = await erase(ID, 'gp:twin', ...named);
    assert.equal(said.status, 0, said.output);
    assert.match(said.output, /releases\/1\/model\/model\.json still knows 1 terms that only they had/);
    assert.deepEqual(filesShowing(workspace, word), ['releases/1/model/model.json']);
  });
});

describe('an erasure that cannot end yet', () => {
  test('leaves what was made since, by each later try, but for what shows the review', async () => {
    await fill(review(ID, { text: OWN }));
    write('corrections.csv', KEPT);
    const first = { 'site/dist/index.html': 'of before', '.repro/cache/objects/ab/cd': 'of before', 'data/train/naive/model.json': '{}' };
    for (const [file, content] of Object.entries(first)) write(file, content);
    assert.equal((await erase(ID, ...named)).status, 1);
    assert.deepEqual(Object.keys(first).filter((file) => existsSync(at(file))), [], 'made of data that held it');
    for (const file of Object.keys(first)) write(file, 'made since');
    for (let round = 0; round < 2; round++) {
      const said = await erase('--resume');
      assert.equal(said.status, 1, said.output);
      assert.deepEqual(Object.keys(first).filter((file) => existsSync(at(file))), Object.keys(first), said.output);
    }
    write('site/dist/late.html', OWN);
    assert.equal((await erase('--resume')).status, 1);
    assert.deepEqual(Object.keys(first).filter((file) => existsSync(at(file))), ['.repro/cache/objects/ab/cd', 'data/train/naive/model.json']);
    assert.deepEqual(readErasing(at('stores/erasing.json')).map(({ isCleared }) => isCleared), [true]);
    rmSync(at('corrections.csv'));
    assert.equal((await erase('--resume')).status, 0);
  });

  test('removes them again where more reviews are named, of which they may be made', async () => {
    await fill(review(ID, { text: OWN }), review('gp:second', { text: SHARED }));
    write('corrections.csv', KEPT);
    assert.equal((await erase(ID, ...named)).status, 1);
    write('site/dist/index.html', 'made of the second');
    assert.equal((await erase('gp:second', ...named)).status, 1);
    assert.ok(!existsSync(at('site/dist/index.html')));
  });
});

describe('a review of another dataset', () => {
  test('is not erased by an id alone: nothing is removed, and the flags are named', async () => {
    await fill(review(ID, { text: OWN }));
    for (const file of ['site/dist/index.html', '.repro/cache/objects/ab/cd']) write(file, `${ID} ${OWN}`);
    const before = filesShowing(workspace, ID);
    for (const flags of [['--source', 'sample', '--app', 'com.example.app'], ['--source', 'play', '--app', 'com.other.app']]) {
      const said = await erase(ID, ...flags);
      assert.equal(said.status, 1, said.output);
      assert.match(said.output, /^error: There is no review "gp:AOqpTOE-erased-one" in \w+:com\.\w+\.app; nothing was erased\n {2}hint: file:com\.example\.app has it: if that is meant, say {2}--source file --app com\.example\.app\n$/);
      assert.deepEqual([filesShowing(workspace, ID), existsSync(at('stores/erasing.json')), existsSync(at('stores/erased.jsonl'))], [before, false, false]);
    }
    const right = await erase(ID, ...named);
    assert.equal(right.status, 0, right.output);
    assert.deepEqual(filesShowing(workspace, ID), []);
  });
});
