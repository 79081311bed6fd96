import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { APP, startCollector } from './rig.ts';
import type { Collector } from './rig.ts';
import { rowOf, writtenReviews } from './rows.ts';
import type { Behaviour } from './store.ts';

let made: Collector;
beforeEach(async () => (made = await startCollector()));
afterEach(() => made.close());

const REVIEWS = writtenReviews(400);
const shelve = (reviews = REVIEWS): void => made.store.set(APP, 'id', reviews);

const shift = (by: number) => (rows: readonly (readonly unknown[])[]) => rows.map((row) => [...Array.from({ length: by }, () => null), ...row]);
const swap = (from: number, to: number) => (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.map((cell, index) => (index === from ? row[to] : index === to ? row[from] : cell)));

/** Every way in which an answer was seen, or can be thought, to differ. The library makes "no reviews" or garbage of all of these. */
const CHANGED: readonly (readonly [string, Behaviour, RegExp])[] = [
  ['a page of HTML', { kind: 'body', body: '<!doctype html><title>Sorry</title>' }, /begins with "<!doctype html>/],
  ['an empty body', { kind: 'body', body: '' }, /the answer is empty/],
  ['JSON that is cut', { kind: 'body', body: ")]}'\n\n[[\"wrb.fr\",\"UsvDTd\",\"[[" }, /is not what the library reads/],
  ['no payload', { kind: 'payload', payload: null }, /holds a text of 4 characters instead of a list/],
  ['an error instead of a frame', { kind: 'error-frame' }, /of another call than the one for reviews: an error/],
  ['a frame of another call', { kind: 'other-call' }, /of another call than the one for reviews: qnKhOb/],
  ['no frames', { kind: 'body', body: ")]}'\n\n[]" }, /no frame where there was one, but null/],
  ['an empty list', { kind: 'payload', payload: [] }, /no review at all, where 400 were seen before/],
  ['rows at another place', { kind: 'payload', payload: [null, ['x', null], REVIEWS.map(rowOf)] }, /the rows are not where they were: there is null/],
  ['rows that are an object', { kind: 'payload', payload: [{ rows: [] }, null] }, /there is an object/],
  ['fields shifted by one', { kind: 'rows', change: shift(1) }, /150 of 150 rows of a page cannot be read: as "id" there is null/],
  ['stars and text exchanged', { kind: 'rows', change: swap(2, 4) }, /as "rating" there is a text/],
  ['dates in milliseconds', { kind: 'rows', change: (rows) => rows.map((row) => row.map((cell, index) => (index === 5 ? [(cell as readonly number[])[0] ?? 0 * 1000, 0].map((n) => n * 1000) : cell))) }, /as "date" there is the number/],
  ['dates as text', { kind: 'rows', change: (rows) => rows.map((row) => row.map((cell, index) => (index === 5 ? '2026-06-30' : cell))) }, /as "date" there is null/],
  ['names where texts were', { kind: 'rows', change: swap(1, 4) }, /as "text" there is a list/],
  ['a mark of the next page that is no text', { kind: 'token', token: 7 as unknown as string }, /mark of the next page is the number 7/],
];

describe('a store whose format changed', () => {
  for (const [name, behaviour, said] of CHANGED) {
    test(`${name}: is reported as that, the answer is kept, the reviews stay`, async () => {
      shelve();
      await made.run();
      const before = made.bytes();
      made.store.script(() => behaviour);
      const outcome = await made.run({ retries: 0 });
      assert.ok(outcome.kind === 'failed', JSON.stringify(outcome));
      assert.match(outcome.problem, /^The store's format changed/);
      assert.match(outcome.problem, said);
      assert.deepEqual(made.events.map(({ kind }) => kind), ['format-changed']);
      assert.equal(made.bytes(), before);
      made.store.script({});
      assert.equal((await made.facts()).rows, 400, 'and when it is as before, all is well');
    });
  }

  test('on the second page it is noticed too: nothing is cut short without a word', async () => {
    for (const behaviour of [{ kind: 'payload', payload: null }, { kind: 'error-frame' }, { kind: 'payload', payload: [] }, { kind: 'rows', change: shift(1) }] as const) {
      const fresh = await startCollector();
      fresh.store.set(APP, 'id', REVIEWS);
      fresh.store.script((_, index) => (index === 0 ? undefined : behaviour));
      const outcome = await fresh.run({ retries: 0 });
      assert.ok(outcome.kind === 'failed', JSON.stringify(behaviour));
      assert.match(outcome.problem, /^The store's format changed/);
      fresh.store.script({});
      assert.equal((await fresh.facts()).rows, 400);
      await fresh.close();
    }
  });

  test('a page that names itself as the next one, and empty pages without end, are stopped', async () => {
    shelve();
    made.store.script(() => ({ kind: 'token', token: 'again' }));
    assert.match(JSON.stringify(await made.run()), /names a next page that was already read/);
    let page = 0;
    made.store.script(() => ({ kind: 'payload', payload: [[], ['x', `page ${page++}`]] }));
    assert.match(JSON.stringify(await made.run({ backfill: 'now' })), /are empty and yet name a next one/);
  });

  test('a few odd rows are left out and told, and kill no page: also those that the library stumbles over', async () => {
    shelve();
    const odd = (rows: readonly (readonly unknown[])[]): readonly unknown[] => rows.map((row, index) => (index < 3 ? row.map((cell, at) => (at === 2 ? 9 : cell)) : index === 5 ? row.map((cell, at) => (at === 12 ? [7] : cell)) : row));
    made.store.script({ 0: { kind: 'rows', change: odd } });
    const facts = await made.facts();
    assert.deepEqual([facts.rows, facts.oddRows], [397, 3]);
    assert.deepEqual(made.events, [{ kind: 'collect-odd-rows', facts: { app: APP, rows: 3 } }]);
  });

  test('the kept answer shows the layout, and neither names nor texts', async () => {
    shelve();
    made.store.script(() => ({ kind: 'rows', change: shift(1) }));
    await made.run({ retries: 0 });
    const [file = ''] = made.answers();
    const kept = gunzipSync(readFileSync(path.join(made.folder, 'stores/raw/answers', file))).toString();
    assert.match(kept, /UsvDTd/);
    assert.doesNotMatch(kept, /Pengguna|ulasan nomor|googleusercontent/);
    await made.run({ retries: 0, answers: 'whole' }, '2026-07-02T07:00:00.000Z');
    const whole = gunzipSync(readFileSync(path.join(made.folder, 'stores/raw/answers', made.answers().at(-1) ?? ''))).toString();
    assert.match(whole, /ulasan nomor/);
  });

  test('an app without any review is told apart from a changed format', async () => {
    shelve([]);
    const outcome = await made.run();
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.problem, /shows no review of "com\.valar\.pintu" in any of the languages/);
  });
});
