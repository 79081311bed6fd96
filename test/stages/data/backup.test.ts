import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { readRows } from '../../../records/read-csv.ts';
import { Review, ReviewRevision } from '../../../schema/review.ts';
import { run as collect } from '../../../stages/collect.ts';
import type { StageOutcome } from '../../../stages/context.ts';
import { openEmbeddedRawStore } from '../../../storage/embedded-raw-store.ts';
import { data } from '../../scripts/rig.ts';
import { stageRig } from '../context.ts';
import type { Rig } from '../context.ts';

let rig: Rig;
beforeEach(() => (rig = stageRig()));
afterEach(() => rig.remove());

const [EXPORT, HISTORY] = ['data/collect/reviews.csv', 'data/collect/history.jsonl'];
const DATASET = 'file:com.valar.pintu';
const FIRST = 'id,text,rating,at\na,lambat,1,2026-01-01\nb,bagus,5,2026-01-02\nleft,tetap,3,2026-01-03\n';
const SECOND = 'id,text,rating,at\na,sudah cepat,5,2026-01-01\nb,bagus,5,2026-01-02\nc,oke,4,2026-01-03\n';
/** A source that was emptied, as by an export that found nothing. */
const EMPTY = 'id,text,rating,at\n';

const sample = (changes: object = {}): Promise<StageOutcome> => rig.run('collect', collect, { collect: { sample: { reviews: 60 } }, ...changes });

function file(content: string): Promise<StageOutcome> {
  rig.write('reviews.csv', content);
  return rig.run('collect', collect, { collect: { source: 'file', path: 'reviews.csv' } });
}

async function done(running: Promise<StageOutcome>): Promise<Extract<StageOutcome, { kind: 'done' }>> {
  const outcome = await running;
  assert.ok(outcome.kind === 'done', JSON.stringify(outcome));
  return outcome;
}

function exported(): readonly Review[] {
  const read = readRows(path.join(rig.folder, EXPORT), Review);
  assert.ok(read.ok, JSON.stringify(read));
  return read.rows;
}

const lines = () => rig.read(HISTORY).split('\n').slice(0, -1).map((line) => ReviewRevision.parse(JSON.parse(line)));
const tell = () => lines().map(({ id, review: { text } }) => `${id} ${text}`);
const at = (name: string): string => path.join(rig.folder, name);
const losing = (): void => rmSync(at('stores'), { recursive: true });

async function held(dataset = DATASET) {
  const store = openEmbeddedRawStore(at('stores/raw'));
  assert.ok(store.ok);
  try {
    return [await store.value.all(dataset), await store.value.history(dataset), await store.value.stamp(dataset)];
  } finally {
    await store.value.close();
  }
}

describe('the backup of a source that is read whole', () => {
  test('has what was said before, and the reviews that the source no longer shows', async () => {
    await file(FIRST);
    await file(SECOND);
    assert.deepEqual(lines().map(({ id, revision, review: { text }, goneAt }) => [id, revision, text, goneAt]), [['a', 0, 'lambat', null], ['left', 0, 'tetap', null]]);
    assert.deepEqual(exported().map(({ id }) => id), ['a', 'b', 'c']);
  });

  test('fills a lost store before the source does: edits and reviews of before are there again, the export and its backup stay', async () => {
    await file(FIRST);
    await file(SECOND);
    const [before, export_, history] = [await held(), rig.read(EXPORT), rig.read(HISTORY)];
    losing();
    const outcome = await file(SECOND);
    assert.deepEqual(outcome.kind === 'done' && outcome.facts, { dataset: 'file:com.valar.pintu', rows: 3, new: 0, edited: 0, unchanged: 3, otherApps: 0, repeatedHeaders: 0, restored: 4 });
    assert.deepEqual([await held(), rig.read(EXPORT), rig.read(HISTORY)], [before, export_, history]);
  });

  test('is kept apart where another dataset is collected, and counts again when it is the first one\'s turn', async () => {
    await file(FIRST);
    await file(SECOND);
    const before = await held();
    await sample();
    assert.deepEqual(readdirSync(path.join(rig.folder, 'data/collect/others/file/com.valar.pintu')).toSorted(), ['history.jsonl', 'reviews.csv']);
    losing();
    await file(SECOND);
    assert.deepEqual(await held(), before);
    assert.ok(!existsSync(path.join(rig.folder, 'data/collect/others/file/com.valar.pintu')), 'the export is the backup again');
    assert.ok(!existsSync(path.join(rig.folder, 'data/collect/others/sample/com.valar.pintu')), 'the sample can be made again');
  });

  test('grows old with everything else', async () => {
    await file(FIRST);
    await file(SECOND);
    await sample({ privacy: { retentionDays: 180 } });
    const kept = rig.read('data/collect/others/file/com.valar.pintu/reviews.csv') + rig.read('data/collect/others/file/com.valar.pintu/history.jsonl');
    assert.doesNotMatch(kept, /sudah cepat|lambat/, 'of the first day of the year');
    assert.match(kept, /oke/);
    assert.match(kept, /tetap/);
  });

  test('stays whole where a run fails before it has everything', async () => {
    await file(FIRST);
    const before = [rig.read(EXPORT), rig.read(HISTORY)];
    // The place of the history cannot be written.
    const draft = path.join(rig.folder, 'data/collect/others/.history.jsonl.new');
    mkdirSync(draft, { recursive: true });
    await assert.rejects(file(SECOND));
    assert.deepEqual([rig.read(EXPORT), rig.read(HISTORY)], before);
  });
});

describe('a store that another one took the place of for a while', () => {
  /** Lays the store of now aside, and takes the other one, which is new at first. */
  function turn(): void {
    if (existsSync(at('stores/other'))) renameSync(at('stores/other'), at('stores/next'));
    renameSync(at('stores/raw'), at('stores/other'));
    if (existsSync(at('stores/next'))) renameSync(at('stores/next'), at('stores/raw'));
  }
  const said = (text: string): string => `id,text,rating,at\na,${text},1,2026-01-01\nb,bagus,5,2026-01-02\n`;

  test('takes over what that one learned of a file, before it exports: no earlier version and no review is lost', async () => {
    await file(FIRST);
    turn();
    for (const text of ['dua', 'tiga']) await file(said(text));
    const before = tell();
    assert.deepEqual(before, ['a lambat', 'a dua', 'left tetap']);
    turn();
    const { headline, facts } = await done(file(said('empat')));
    assert.deepEqual([tell(), exported().map(({ text }) => text)], [['a lambat', 'a dua', 'a tiga', 'left tetap'], ['empat', 'bagus']]);
    assert.deepEqual([headline, facts?.['restored']], ['0 new reviews, 1 edited; 1 review came back from the backup', 1]);
    turn();
    await file(said('lima'));
    assert.deepEqual(tell(), ['a lambat', 'a dua', 'a tiga', 'a empat', 'left tetap']);
    assert.equal((await done(file(said('lima')))).facts?.['restored'], undefined);
  });

  test('also of a dataset that was not collected in the meantime, and whose backup grew old there', async () => {
    await file(FIRST);
    turn();
    await file(said('dua'));
    await sample({ privacy: { retentionDays: 180 } });
    turn();
    await file(said('tiga'));
    assert.deepEqual(tell(), ['a lambat', 'left tetap'], 'of the first day of the year, and older than what the retention kept there');
  });
});

describe('a backup without a first row', () => {
  const before = async (): Promise<readonly string[]> => {
    await file(FIRST);
    await file(SECOND);
    await file(EMPTY);
    assert.deepEqual(exported(), []);
    return tell();
  };
  const expected = ['a lambat', 'a sudah cepat', 'b bagus', 'c oke', 'left tetap'];

  test('of a source that was emptied fills a lost store all the same', async () => {
    assert.deepEqual(await before(), expected);
    losing();
    assert.equal((await done(file(EMPTY))).facts?.['restored'], 4);
    assert.deepEqual(tell(), expected);
  });

  test('is kept apart where another dataset is collected', async () => {
    await before();
    await sample();
    assert.equal(rig.read('data/collect/others/file/com.valar.pintu/history.jsonl').split('\n').length, expected.length + 1);
    losing();
    await file(EMPTY);
    assert.deepEqual(tell(), expected);
  });

  test('is taken by pnpm data restore', async () => {
    await before();
    losing();
    const said = await data('restore', '--workspace', rig.folder, '--no-publish');
    assert.equal(said.status, 0, said.output);
    assert.match(said.output, /holds 4 reviews of file:com\.valar\.pintu again, with 1 earlier versions \(4 reviews written\)/);
  });

  test('that begins with a byte order mark is read as ever', async () => {
    await file(FIRST);
    await file(SECOND);
    const history = rig.read(HISTORY);
    writeFileSync(at(EXPORT), `\ufeff${rig.read(EXPORT)}`);
    losing();
    assert.equal((await done(file(SECOND))).facts?.['restored'], 4);
    assert.equal(rig.read(HISTORY), history);
  });

  test('since it is lost still gives its history', async () => {
    await file(FIRST);
    await file(SECOND);
    const history = rig.read(HISTORY);
    rmSync(at(EXPORT));
    losing();
    assert.equal((await done(file(SECOND))).facts?.['restored'], 2);
    assert.equal(rig.read(HISTORY), history);
  });

  test('that cannot be read stops the run where the store is lost, whatever is left of it; nothing is overwritten', async () => {
    await file(FIRST);
    await file(SECOND);
    const [csv, history] = [rig.read(EXPORT), rig.read(HISTORY)];
    losing();
    for (const [reviews, revisions, said] of [
      ['\0\x01garbage', history, /no column "app"/], ['', history, /reviews\.csv as it is empty/], ['\0\x01garbage', '', /no column "app"/], ['\ufeffnone of ours\n', 'nor this', /no column "app"/],
      [csv, history.slice(0, -20), /history\.jsonl as line 2 is malformed/], [`${Object.keys(Review.shape).join(',')}\n`, 'nor this', /history\.jsonl as line 1 is malformed/],
    ] as const) {
      writeFileSync(at(EXPORT), reviews);
      writeFileSync(at(HISTORY), revisions);
      for (const source of [SECOND, EMPTY]) {
        const outcome = await file(source);
        assert.match(outcome.kind === 'failed' ? outcome.problem : 'done', /^The raw store holds no review, and its backup cannot be read: /);
        assert.match(outcome.kind === 'failed' ? outcome.problem : 'done', said);
      }
      assert.deepEqual([rig.read(EXPORT), rig.read(HISTORY)], [reviews, revisions]);
    }
    writeFileSync(at(EXPORT), csv);
    writeFileSync(at(HISTORY), history);
    await file(SECOND);
    assert.deepEqual([rig.read(EXPORT), rig.read(HISTORY)], [csv, history]);
  });
});
