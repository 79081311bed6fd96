import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { readRows } from '../../../records/read-csv.ts';
import { Review } from '../../../schema/review.ts';
import { run as collect } from '../../../stages/collect.ts';
import type { StageOutcome } from '../../../stages/context.ts';
import { check } from '../../../storage/check-raw.ts';
import { openEmbeddedRawStore } from '../../../storage/embedded-raw-store.ts';
import { stageRig } from '../context.ts';
import type { Rig } from '../context.ts';

let rig: Rig;
beforeEach(() => (rig = stageRig()));
afterEach(() => rig.remove());

const EXPORT = 'data/collect/reviews.csv';

function sample(changes: object = {}): Promise<StageOutcome> {
  return rig.run('collect', collect, { collect: { sample: { reviews: 60 }, ...changes } });
}

function file(content: string | Uint8Array, name = 'reviews.csv'): Promise<StageOutcome> {
  rig.write(name, content);
  return rig.run('collect', collect, { collect: { source: 'file', path: name } });
}

function exported(): readonly Review[] {
  const read = readRows(path.join(rig.folder, EXPORT), Review);
  assert.ok(read.ok, JSON.stringify(read));
  return read.rows.map((row) => Review.parse(row));
}

const hash = (): string => createHash('sha256').update(rig.read(EXPORT)).digest('hex');

describe('collect', () => {
  test('from the sample: everything is new once, then known; the bytes stay', async () => {
    const first = await sample();
    assert.ok(first.kind === 'done');
    assert.deepEqual(first.facts, { dataset: 'sample:com.valar.pintu', rows: 60, new: 60, edited: 0, unchanged: 0 });
    assert.equal(first.headline, '60 new reviews');
    const before = hash();
    const second = await sample();
    assert.deepEqual(second.kind === 'done' && second.facts, { dataset: 'sample:com.valar.pintu', rows: 60, new: 0, edited: 0, unchanged: 60 });
    assert.deepEqual(second.kind === 'done' && second.receipt, first.receipt);
    assert.equal(hash(), before);
  });

  test('exports by time and id, each row with its app and source', async () => {
    await sample();
    const rows = exported();
    const keys = rows.map(({ at, id }) => `${at} ${id}`);
    assert.deepEqual(keys, [...keys].sort());
    assert.deepEqual([...new Set(rows.map(({ app, source }) => `${app} ${source}`))], ['com.valar.pintu sample']);
  });

  test('leaves a receipt that the check finds again', async () => {
    const outcome = await sample();
    assert.ok(outcome.kind === 'done' && outcome.receipt !== undefined);
    assert.equal(outcome.receipt.target, 'sqlite:stores/raw#sample:com.valar.pintu');
    assert.deepEqual(await check({ workspace: rig.folder, env: {}, receipt: outcome.receipt }), outcome.receipt);
  });

  test('sample, then file, then sample gives the same bytes, whatever else the store holds', async () => {
    await sample();
    const before = hash();
    await file('review_id,review_text,score,review_date\nx,bagus,5,2026-01-01\n');
    assert.deepEqual(exported().map(({ id }) => id), ['x']);
    await sample({ sample: { reviews: 60, seed: 8 } });
    assert.notEqual(hash(), before);
    await sample();
    assert.equal(hash(), before);
  });

  test('an edited review is told apart from a new one', async () => {
    await file('id,text,rating,at\na,lambat,1,2026-01-01\nb,bagus,5,2026-01-02\n');
    const outcome = await file('id,text,rating,at\na,sudah cepat,5,2026-01-01\nb,bagus,5,2026-01-02\nc,oke,4,2026-01-03\n');
    assert.ok(outcome.kind === 'done');
    assert.deepEqual(outcome.facts, { dataset: 'file:com.valar.pintu', rows: 3, new: 1, edited: 1, unchanged: 1, otherApps: 0, repeatedHeaders: 0 });
    assert.equal(outcome.headline, '1 new review, 1 edited');
  });
});

describe('collect from a file', () => {
  test('maps columns by the first name that exists, also when they are in another order and others stand between', async () => {
    await file('scraped_at,review_date,rating,user,review_text,review_id,thumbs_up,app_version,reply_text,reply_date,app_id\n2026,2025-12-07 08:10:14,5.0,,"bagus, ""mantap""\nsekali",r-1,3,4.2.0,terima kasih,2025-12-08,com.valar.pintu\n');
    assert.deepEqual(exported(), [
      {
        app: 'com.valar.pintu', id: 'r-1', at: '2025-12-07T08:10:14Z', rating: 5, text: 'bagus, "mantap"\nsekali', thumbsUp: 3, version: '4.2.0', reply: 'terima kasih',
        repliedAt: '2025-12-08T00:00:00Z', source: 'file', author: null,
      },
    ]);
  });

  test('reads JSON Lines as well', async () => {
    await file('{"reviewId":"a","content":"bagus","score":4,"at":"2026-01-01T00:00:00.000Z","thumbsUpCount":2}\n{"reviewId":"b","content":null,"score":null,"at":null}\n', 'reviews.jsonl');
    assert.deepEqual(exported().map(({ id, text, rating, at, thumbsUp }) => [id, text, rating, at, thumbsUp]), [['b', '', null, null, 0], ['a', 'bagus', 4, '2026-01-01T00:00:00Z', 2]]);
  });

  test('leaves out rows of other apps and headers in the middle, and says how many', async () => {
    const outcome = await file('id,text,rating,at,app_id\na,x,5,2026-01-01,com.valar.pintu\nid,text,rating,at,app_id\nb,x,5,2026-01-01,com.other.app\nc,x,5,2026-01-01,\n');
    assert.deepEqual(outcome.kind === 'done' && outcome.facts, { dataset: 'file:com.valar.pintu', rows: 2, new: 2, edited: 0, unchanged: 0, otherApps: 1, repeatedHeaders: 1 });
  });

  test('ratings that are no numbers and dates that are none become null, for validate to judge', async () => {
    await file('id,text,rating,at\na,x,NaN,yesterday\nb,x,,5 bulan lalu\nc,x,five,2026-02-31\nd,x,"4,5",2026-13-01\n');
    assert.deepEqual(exported().map(({ id, rating, at }) => [id, rating, at]), [['a', null, null], ['b', null, null], ['c', null, null], ['d', 4.5, null]]);
  });

  test('a row without an id is named by what it says, so that a new row above makes no other review of it', async () => {
    const rows = [',x,5,2026-01-01', '"",y,5,2026-01-01', ',x,5,2026-01-01', ',x,4,2026-01-01'];
    const named = async (...lines: readonly string[]) => {
      const outcome = await file(`id,text,rating,at\n${lines.join('\n')}\n`);
      assert.ok(outcome.kind === 'done');
      return { facts: outcome.facts ?? {}, ids: new Map(exported().map(({ id, text, rating }) => [id, `${text}${rating}`])) };
    };
    const first = await named(...rows);
    assert.deepEqual([[...first.ids.values()].toSorted(), first.facts.new], [['x4', 'x5', 'x5', 'y5'], 4], 'the same twice is two reviews');
    for (const id of first.ids.keys()) assert.match(id, /^row-[\w-]{22}(-2)?$/);
    const second = await named(',new,1,2026-01-01', ...rows);
    assert.deepEqual([second.facts.new, second.facts.edited, second.facts.unchanged], [1, 0, 4]);
    for (const [id, said] of first.ids) assert.equal(second.ids.get(id), said);
  });

  test('ids that are too long stay apart where they differ at their end only, and the same one stays itself', async () => {
    const long = 'x'.repeat(300);
    const rows = `id,text,rating,at\n${long}1,a,5,2026-01-01\n${long}2,b,5,2026-01-01\n${'y'.repeat(200)},c,5,2026-01-01\n`;
    assert.deepEqual([(await file(rows)).kind, (await file(rows)).kind], ['done', 'done']);
    const ids = exported().map(({ id }) => id);
    assert.deepEqual([new Set(ids).size, ids.every(({ length }) => length <= 200), ids.includes('y'.repeat(200))], [3, true, true]);
  });

  test('an id that comes twice is kept twice for validate to judge, but is no edit, however often it is collected', async () => {
    const rows = 'id,text,rating,at\na,newer,5,2026-01-02\na,older,5,2026-01-01\nb,x,5,2026-01-01\nb,y,5,2026-01-01\nc,z,1,\n';
    const history = () => rig.read('data/collect/history.jsonl');
    for (let turn = 0; turn < 3; turn++) {
      const outcome = await file(rows);
      assert.deepEqual(outcome.kind === 'done' && outcome.facts, { dataset: 'file:com.valar.pintu', rows: 5, new: turn === 0 ? 3 : 0, edited: 0, unchanged: turn === 0 ? 0 : 3, otherApps: 0, repeatedHeaders: 0, repeatedIds: 2 });
      assert.equal(history(), '');
    }
    assert.deepEqual(exported().map(({ id, text }) => id + text), ['cz', 'aolder', 'bx', 'by', 'anewer']);
    const store = openEmbeddedRawStore(path.join(rig.folder, 'stores/raw'));
    assert.ok(store.ok);
    assert.deepEqual((await store.value.all('file:com.valar.pintu')).map(({ id, text }) => id + text), ['cz', 'by', 'anewer'], 'the store keeps the newest, and of the same time the last');
    const backup = { reviews: exported(), history: [] };
    assert.equal(await store.value.restore('file:com.valar.pintu', backup), 0, 'and a backup says the same');
    await store.value.close();
  });

  test('NUL goes, every other character stays', async () => {
    await file('id,text,rating,at\na,"a\0b\u202E👍\u200d\r\n<b>",5,2026-01-01\n');
    assert.equal(exported()[0]?.text, 'ab\u202E👍\u200d\r\n<b>');
  });

  test('a million characters are taken as they are', async () => {
    await file(`id,text,rating,at\na,${'x'.repeat(1_000_000)},5,2026-01-01\n`);
    assert.equal(exported()[0]?.text.length, 1_000_000);
  });
});

describe('collect with a retention', () => {
  const OLD = '2026-01-01';
  const aged = (content: string, asOf: string, retentionDays: number | null = 30): Promise<StageOutcome> => {
    rig.write('reviews.csv', content);
    const context = rig.context('collect', { collect: { source: 'file', path: 'reviews.csv' }, privacy: { retentionDays } });
    return collect({ ...context, asOf });
  };
  const ids = (): readonly string[] => exported().map(({ id }) => id);
  const texts = async (dataset: string): Promise<readonly string[]> => {
    const opened = openEmbeddedRawStore(path.join(rig.folder, 'stores/raw'));
    assert.ok(opened.ok);
    const all = await opened.value.all(dataset);
    await opened.value.close();
    return all.map(({ id }) => id);
  };

  test('drops what is too old, also of other datasets, and tells the hook that earlier results still show it', async () => {
    await sample();
    await aged(`id,text,rating,at\nold,x,5,${OLD}\nnew,x,5,2026-06-20\n`, '2026-07-01T07:00:00.000Z', null);
    assert.deepEqual([ids(), rig.events], [['old', 'new'], []]);
    const outcome = await aged(`id,text,rating,at\nold,x,5,${OLD}\nnew,x,5,2026-06-20\n`, '2026-07-01T07:00:00.000Z');
    assert.deepEqual([ids(), await texts('file:com.valar.pintu'), outcome.kind === 'done' && outcome.facts?.tooOld], [['new'], ['new'], 1]);
    assert.ok((await texts('sample:com.valar.pintu')).length < 60, 'and so does the sample, which this run did not collect');
    assert.equal(await check({ workspace: rig.folder, env: {}, receipt: { target: 'sqlite:stores/raw#sample:com.valar.pintu', rows: 60, checksum: '' } }), null, 'its receipt goes with it');
    assert.deepEqual(rig.events, [{ kind: 'reviews-dropped', facts: {} }]);
    assert.deepEqual(rig.json('stores/raw/dropped.json'), { before: '2026-06-01T00:00:00Z' });
  });

  test('a review without a date counts from when it was first seen, and does not come in again', async () => {
    const file = 'id,text,rating,at\nno-date-1,x,5,\nnew,x,5,2026-09-30\n';
    await aged(file, '2026-07-01T07:00:00.000Z');
    await aged(file, '2026-07-31T07:00:00.000Z');
    assert.deepEqual(ids(), ['no-date-1', 'new']);
    for (const day of ['01', '02']) {
      await aged(file, `2026-08-${day}T07:00:00.000Z`);
      assert.deepEqual([ids(), await texts('file:com.valar.pintu')], [['new'], ['new']], day);
    }
    assert.ok(!readFileSync(path.join(rig.folder, 'stores/raw/reviews.db')).includes('no-date-1'), 'by a hash of its id alone');
    await aged('id,text,rating,at\nnew,x,5,2026-09-30\n', '2026-08-03T07:00:00.000Z');
    await aged(file, '2026-08-04T07:00:00.000Z');
    assert.deepEqual(ids(), ['no-date-1', 'new'], 'what the source did not have meanwhile is new to us');
  });

  test('one that was stored before there was a retention counts from then', async () => {
    const file = 'id,text,rating,at\nno-date-1,x,5,\nnew,x,5,2026-09-30\n';
    await aged(file, '2025-01-01T07:00:00.000Z', null);
    await aged('id,text,rating,at\nnew,x,5,2026-09-30\n', '2026-07-01T07:00:00.000Z');
    assert.deepEqual(await texts('file:com.valar.pintu'), ['no-date-1', 'new'], 'the store keeps earlier rows');
    await aged('id,text,rating,at\nnew,x,5,2026-09-30\n', '2026-08-01T07:00:00.000Z');
    assert.deepEqual(await texts('file:com.valar.pintu'), ['new']);
  });
});

describe('collect beside an erasure that was cut', () => {
  test('says so, in its headline and to the hook that finishes it', async () => {
    rig.write('stores/erasing.json', '[]');
    const outcome = await sample();
    assert.equal(outcome.kind === 'done' && outcome.headline, '60 new reviews; an erasure is not finished yet (pnpm data erase goes on with it)');
    assert.deepEqual(rig.events, [{ kind: 'erasure-unfinished', facts: {} }]);
  });
});

describe('two collectors at once', () => {
  const dataset = 'sample:com.valar.pintu';
  async function heldBy(holder: string): Promise<StageOutcome> {
    await sample();
    const opened = openEmbeddedRawStore(path.join(rig.folder, 'stores/raw'));
    assert.ok(opened.ok);
    await opened.value.hold(dataset, holder, { seconds: 3600 });
    await opened.value.close();
    return sample();
  }

  test('the second says who is at work', async () => {
    const outcome = await heldBy(`process ${process.ppid} on ${hostname()}`);
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.problem, /Another collector \(process \d+ on .*\) is writing to sqlite:stores\/raw/);
  });

  test('one that was killed is in nobody\'s way; of another machine it cannot be known', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    assert.equal((await heldBy(`process ${gone} on ${hostname()}`)).kind, 'done');
    assert.equal((await heldBy(`process ${gone} on elsewhere`)).kind, 'failed');
  });
});
