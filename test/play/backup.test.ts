import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { rememberErased } from '../../storage/erased.ts';
import { APP, startCollector } from './rig.ts';
import type { Collector } from './rig.ts';
import { writtenReviews } from './rows.ts';

let made: Collector;
beforeEach(async () => (made = await startCollector()));
afterEach(() => made.close());

const REVIEWS = writtenReviews(400);
const OTHER = 'com.other.app';
const OTHERS = writtenReviews(30, 'other:');
const at = (file: string): string => path.join(made.folder, file);
const lines = (file: string): readonly string[] => readFileSync(at(file), 'utf8').split('\n').slice(0, -1);
const losing = (): void => rmSync(at('stores'), { recursive: true });

/** 400 reviews, of which 20 were edited and one was deleted. */
async function lived(): Promise<void> {
  const later = REVIEWS[0]?.second ?? 0;
  made.store.set(APP, 'id', REVIEWS);
  await made.run();
  const edited = REVIEWS.map((review, index) => (index >= 300 && index < 320 ? { ...review, text: `diubah ${index}`, second: later + index } : review));
  made.store.set(APP, 'id', edited.filter((_, index) => index !== 200));
  for (let turn = 1; turn <= 2; turn++) await made.run({ goneAfter: 1, backfill: 'now' }, `2026-07-0${turn}T08:00:00.000Z`);
}

describe('a raw store that was lost', () => {
  test('is filled from its own export before the store is asked, so that the backup is not overwritten with less', async () => {
    await lived();
    const before = made.bytes();
    assert.deepEqual([lines('data/collect/reviews.csv').length > 399, lines('data/collect/history.jsonl').length], [true, 21]);
    losing();
    const facts = await made.facts({ pagesMax: 1 });
    assert.deepEqual([facts.rows, facts.restored, facts.new, facts.edited], [399, 400, 0, 0]);
    assert.equal(made.bytes(), before);
    assert.deepEqual(made.events.filter(({ kind }) => kind === 'collect-restored'), [{ kind: 'collect-restored', facts: { dataset: `play:${APP}`, reviews: 400 } }]);
    assert.equal((await made.facts()).restored, undefined, 'once');
    assert.equal(made.bytes(), before);
  });

  test('also where it lost a part of its reviews only, and where the Play Store is away', async () => {
    await lived();
    const before = made.bytes();
    await made.withStore((raw) => raw.dropBefore(`play:${APP}`, '2026-06-25T00:00:00Z'));
    made.store.script(() => ({ kind: 'status', status: 503 }));
    assert.equal((await made.run({ retries: 0 })).kind, 'failed');
    made.store.script({});
    await made.run();
    assert.equal(made.bytes(), before);
  });

  test('does not bring back what was erased or is too old by now', async () => {
    await lived();
    losing();
    await made.withStore((raw) => raw.erase(`play:${APP}`, ['gp:AOq5', 'gp:AOq300']));
    made.since = '2026-06-20T00:00:00Z';
    await made.run({ pagesMax: 1 });
    assert.ok(made.exported().length > 200);
    assert.doesNotMatch(made.bytes(), /gp:AOq5[",]|gp:AOq300[",]/);
    assert.ok(made.exported().every((row) => (row.at ?? '') >= '2026-06-20T00:00:00Z'));
  });

  test('whose backup cannot be read stops the run, and the backup stays; with a store that holds its reviews it is written anew', async () => {
    await lived();
    const good = readFileSync(at('data/collect/reviews.csv'), 'utf8');
    const cut = good.slice(0, -40).replace(/\n[^\n]*$/, '\n"cut');
    writeFileSync(at('data/collect/reviews.csv'), cut);
    losing();
    const outcome = await made.run();
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.problem, /The raw store holds no review, and its backup cannot be read: Cannot read data\/collect\/reviews\.csv as line \d+ is malformed/);
    assert.match(outcome.remedy, /move it away/);
    assert.equal(readFileSync(at('data/collect/reviews.csv'), 'utf8'), cut);
    writeFileSync(at('data/collect/reviews.csv'), good);
    await made.run();
    writeFileSync(at('data/collect/reviews.csv'), cut);
    await made.run();
    assert.equal(readFileSync(at('data/collect/reviews.csv'), 'utf8'), good);
  });

  test('gets its history back also where the reviews of the backup begin with a byte order mark, or are gone', async () => {
    await lived();
    const [before, csv] = [made.bytes(), readFileSync(at('data/collect/reviews.csv'), 'utf8')];
    for (const [spoil, restored] of [[(): void => writeFileSync(at('data/collect/reviews.csv'), `\ufeff${csv}`), 400], [(): void => rmSync(at('data/collect/reviews.csv')), 21]] as const) {
      spoil();
      losing();
      assert.deepEqual([(await made.facts()).restored, made.bytes() === before], [restored, true]);
    }
  });

  test('of a workspace without any backup is filled from the source as ever', async () => {
    made.store.set(APP, 'id', REVIEWS);
    await made.run();
    rmSync(at('data'), { recursive: true });
    losing();
    const facts = await made.facts();
    assert.deepEqual([facts.new, facts.restored], [400, undefined]);
  });
});

describe('further apps', () => {
  const run = () => made.facts({ apps: [OTHER] });
  const backup = `data/collect/others/play/${OTHER}`;
  beforeEach(() => {
    made.store.set(APP, 'id', REVIEWS.slice(0, 20));
    made.store.set(OTHER, 'id', OTHERS);
  });

  test('have a backup of their own, with their history, from which a lost store is filled', async () => {
    await run();
    const [newest, ...rest] = OTHERS;
    assert.ok(newest !== undefined);
    made.store.set(OTHER, 'id', [{ ...newest, text: 'diubah', second: newest.second + 60 }, ...rest]);
    await run();
    const before = [`${backup}/reviews.csv`, `${backup}/history.jsonl`].map(lines);
    assert.deepEqual([(before[0]?.length ?? 0) > 30, before[1]?.length], [true, 1]);
    losing();
    made.store.set(OTHER, 'id', rest.slice(0, 3));
    await run();
    assert.deepEqual([`${backup}/reviews.csv`, `${backup}/history.jsonl`].map(lines), before);
    assert.deepEqual(made.events.filter(({ kind }) => kind === 'collect-restored').map(({ facts }) => facts), [{ dataset: `play:${APP}`, reviews: 20 }, { dataset: `play:${OTHER}`, reviews: 30 }]);
  });

  test('stay without what was erased of them, also when the store is lost', async () => {
    rememberErased(at('stores/erased.jsonl'), `play:${OTHER}`, ['other:3']);
    await run();
    const ids = await made.withStore(async (raw) => (await raw.all(`play:${OTHER}`)).map(({ id }) => id));
    assert.deepEqual([ids.length, ids.includes('other:3')], [29, false]);
  });

  test('lose what became too old', async () => {
    await run();
    made.since = '2026-06-29T12:00:00Z';
    await run();
    const rows = await made.withStore((raw) => raw.all(`play:${OTHER}`));
    assert.deepEqual([rows.length, lines(`${backup}/reviews.csv`).some((line) => line.includes('other:13,'))], [13, false]);
  });

  test('are left to another collector that is at them, and the configured app is collected all the same', async () => {
    await run();
    made.store.set(OTHER, 'id', writtenReviews(40, 'other:'));
    const asks = made.store.requests.length;
    await made.withStore((raw) => raw.hold(`play:${OTHER}`, `process ${process.ppid} on ${hostname()}`, { seconds: 3600 }));
    const facts = await run();
    assert.deepEqual([facts.rows, facts.otherApps], [20, undefined]);
    assert.ok(made.store.requests.slice(asks).every(({ app }) => app === APP));
    assert.deepEqual(made.events, [{ kind: 'collect-incomplete', facts: { app: OTHER, why: 'left' } }]);
    assert.ok(made.log.some((line) => /Another collector \(process \d+ on .*\) is writing/.test(line)));
  });

  test('whose backup cannot be read are not asked for, and stop nothing', async () => {
    await run();
    writeFileSync(at(`${backup}/reviews.csv`), 'app,id\n"cut');
    losing();
    const facts = await run();
    assert.equal(facts.rows, 20);
    assert.equal(readFileSync(at(`${backup}/reviews.csv`), 'utf8'), 'app,id\n"cut');
    assert.ok(made.log.some((line) => line.startsWith(`${OTHER}: The raw store holds no review`)));
  });

  test('that become the configured one need no second backup, and the one of before keeps its own', async () => {
    await run();
    const before = made.exported();
    await made.run({ apps: [] }, undefined, OTHER);
    assert.deepEqual([existsSync(at(backup)), made.exported().length], [false, 30]);
    losing();
    await made.run({ apps: [OTHER] });
    assert.deepEqual(made.exported(), before);
  });
});
