import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { redactAnswer } from '../../stages/collect/play/archive.ts';
import { APP, startCollector } from './rig.ts';
import type { Collector } from './rig.ts';
import { rowOf, shortReviews, writtenReviews } from './rows.ts';
import type { Written } from './rows.ts';
import type { Behaviour } from './store.ts';

let made: Collector;
beforeEach(async () => (made = await startCollector()));
afterEach(() => made.close());

const REVIEWS = writtenReviews(400);
const shelve = (reviews = REVIEWS, language = 'id'): void => made.store.set(APP, language, reviews);

const shift = (by: number) => (rows: readonly (readonly unknown[])[]) => rows.map((row) => [...Array.from({ length: by }, () => null), ...row]);
const swap = (from: number, to: number) => (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.map((cell, index) => (index === from ? row[to] : index === to ? row[from] : cell)));
/** Another cell in each row, made of the row. */
const put = (at: number, cell: (row: readonly unknown[], index: number) => unknown) => (rows: readonly (readonly unknown[])[]) => rows.map((row, index) => row.map((old, place) => (place === at ? cell(row, index) : old)));

/** Fields at another place where a row alone mostly says nothing: another text, or none, may be what a review has. */
const MOVED: readonly (readonly [string, Behaviour, RegExp])[] = [
  ['the text at another place', { kind: 'rows', change: swap(3, 4) }, /none of the 150 rows of a page has a text/],
  ['id and text exchanged', { kind: 'rows', change: swap(0, 4) }, /as "id" there is a text/],
  ['text and version exchanged', { kind: 'rows', change: swap(4, 10) }, /1\d\d of 1\d\d texts of a page are numbers of versions/],
  ['the reply at another place', { kind: 'rows', change: swap(7, 8) }, /no row of a page has a "reply" at its place, but something like it stands at \[8\]/],
  ['the version at another place', { kind: 'rows', change: swap(10, 11) }, /no row of a page has a "version" at its place, but something like it stands at \[11\]/],
];

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
  ...MOVED,
  ['something else where the text was', { kind: 'rows', change: put(4, (_, index) => `hl=id ${index}`) }, /(\d+) of \1 known reviews on a page that had a "text" have none, or another one, though their time is as it was/],
  ['no version any more', { kind: 'rows', change: put(10, () => null) }, /(\d+) of \1 known reviews .* "version"/],
  ['replies in a list of their own', { kind: 'rows', change: put(7, (row) => (row[7] === null ? null : [row[7]])) }, /(\d+) of \1 known reviews .* "reply"/],
  ['replies without their date', { kind: 'rows', change: put(7, (row) => (row[7] === null ? null : (row[7] as readonly unknown[]).slice(0, 2))) }, /(\d+) of \1 known reviews .* "repliedAt"/],
  ['other stars', { kind: 'rows', change: put(2, (row) => 6 - (row[2] as number)) }, /\d+ of 150 known reviews .* "rating"/],
  ['thumbs at another place', { kind: 'rows', change: swap(6, 8) }, /(\d+) of \1 known reviews .* "thumbsUp"/],
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

  for (const [name, behaviour] of MOVED) {
    test(`${name}: is noticed also on a page of new reviews, and in the very first run; nothing of such a page is kept, and its answer is`, async () => {
      shelve(REVIEWS.slice(200));
      await made.run();
      shelve();
      made.store.script(() => behaviour);
      const outcome = await made.run();
      assert.match(outcome.kind === 'failed' ? outcome.problem : '', /^The store's format changed.*the answer is kept in stores\/raw\/answers/);
      assert.deepEqual(await made.withStore(async (raw) => [await raw.count(`play:${APP}`), (await raw.history(`play:${APP}`)).length]), [200, 0]);
      assert.equal(made.answers().length, 1);
      made.store.script({});
      const facts = await made.facts();
      assert.deepEqual([facts.rows, facts.new, facts.edited], [400, 200, 0], 'and when it is as before, all comes in');
      const fresh = await startCollector();
      fresh.store.set(APP, 'id', REVIEWS);
      fresh.store.script(() => behaviour);
      assert.match(JSON.stringify(await fresh.run()), /The store's format changed/);
      await fresh.close();
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

  test('a kept answer names nobody, however short names and texts are, and whether it is whole, cut or another layout', async () => {
    const reviews = shortReviews(20);
    const answer = (payload: unknown): string => `)]}'\n\n${JSON.stringify([['wrb.fr', 'UsvDTd', JSON.stringify(payload), null, null, null, 'generic'], ['di', 42]])}`;
    const rows = reviews.map(rowOf);
    const told = answer([rows, ['x', null]]);
    const named = answer({ rows: Object.fromEntries(reviews.map(({ user, text }) => [`${user} ${text}`, text])) });
    for (const body of [told, told.slice(0, 250), told.slice(0, -10), named, `)]}'Budi\n\n${JSON.stringify(rows)}`, JSON.stringify(rows), `)]}'\n\n${JSON.stringify(rows)}`]) {
      const kept = redactAnswer(body);
      assert.doesNotMatch(kept, /Budi|Siti|Agus|Ani|Eko|bagus|jelek|oke|rusak|lemot|gp:s|googleusercontent|"er"/, kept.slice(0, 300));
    }
    assert.match(redactAnswer(told), /"wrb\.fr"[^]*"UsvDTd"[^]*"json"[^]*"generic"[^]*"di"/);
    assert.match(redactAnswer(told.slice(0, 250)), /^\)\]\}'\n\n\[\["wrb\.fr","UsvDTd","\[\[\[\\"xx:xx\\",\[\\"xxxx\\"/);
    assert.equal(redactAnswer('<!doctype html><Title>Maaf, Budi</Title><p class="x">1 👍</p>'), '<!doctype xxxx><Title>xxxx, xxxx</Title><p xxxxx="x">x x</p>');
    shelve();
    for (const body of [told.slice(0, 250), JSON.stringify(rows), `)]}'\n\n${JSON.stringify([['gp:s0', 'Budi', 5]])}`]) {
      made.store.script(() => ({ kind: 'body', body }));
      assert.doesNotMatch(JSON.stringify(await made.run({ retries: 0 })), /Budi|bagus|gp:s/, 'nor does what the run says of it');
    }
  });

  test('the kept answers of several languages lie beside each other', async () => {
    shelve();
    shelve(REVIEWS, 'en');
    made.store.script(() => ({ kind: 'rows', change: shift(1) }));
    const outcome = await made.run({ retries: 0, languages: ['id', 'en'] });
    assert.deepEqual(made.answers().toSorted(), ['en', 'id'].map((language) => `2026-07-01T07_00_00Z-${APP}-${language}-1.txt.gz`));
    assert.match(outcome.kind === 'failed' ? outcome.problem : '', /-id-1\.txt\.gz/, 'and the one that is told of is the first');
  });

  test('an app without any review is told apart from a changed format', async () => {
    shelve([]);
    const outcome = await made.run();
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.problem, /shows no review of "com\.valar\.pintu" in any of the languages/);
  });
});

describe('what is no change of the format', () => {
  /** Changes what every third or tenth review says, and so on: `each` of them. */
  const each = (every: number, change: (review: Written) => Partial<Written>) => (reviews: readonly Written[]): Written[] => reviews.map((review, index) => (index % every === 0 ? { ...review, ...change(review) } : review));
  const told = async (): Promise<readonly unknown[]> => {
    const facts = await made.facts({ backfill: 'now' });
    return [facts.rows, made.events, made.answers()];
  };

  test('an app without versions and replies, and one that begins to have them', async () => {
    const bare = REVIEWS.map(({ reply: _reply, ...review }): Written => ({ ...review, version: null }));
    for (const reviews of [bare, bare, REVIEWS, REVIEWS]) {
      shelve(reviews);
      assert.deepEqual(await told(), [400, [], []]);
    }
  });

  test('stars without a word, on all but a few reviews of a page or on all of a short one', async () => {
    const wordless = REVIEWS.map((review, index): Written => (index % 30 === 7 ? review : { ...review, text: index % 2 === 0 ? null : '' }));
    shelve(wordless);
    assert.deepEqual(await told(), [400, [], []]);
    made.store.set('com.few.words', 'id', wordless.filter(({ text }) => text === null || text === '').slice(0, 19));
    const facts = await made.facts({ apps: ['com.few.words'] });
    assert.deepEqual([facts.otherApps, made.events], [19, []]);
  });

  test('texts that are a number, among others', async () => {
    shelve(each(3, () => ({ text: '5.0' }))(REVIEWS));
    assert.deepEqual(await told(), [400, [], []]);
  });

  test('a developer who takes replies back, or writes all of them anew', async () => {
    const isAnswered = ({ reply }: Written): boolean => reply !== undefined;
    const answered = REVIEWS.filter(isAnswered);
    shelve();
    await made.run();
    const back = new Set(answered.filter((_, index) => index % 3 === 0).map(({ id }) => id));
    shelve(REVIEWS.map(({ reply, ...review }): Written => (reply === undefined || back.has(review.id) ? review : { ...review, reply })));
    assert.equal((await made.facts({ backfill: 'now' })).edited, back.size);
    shelve(REVIEWS.map((review): Written => (review.reply === undefined ? review : { ...review, reply: { text: 'maaf atas kendalanya', second: review.reply.second } })));
    assert.equal((await made.facts({ backfill: 'now' })).edited, answered.length);
    assert.deepEqual([made.events, made.answers()], [[], []]);
  });

  test('edits, however many at once: they have a new time', async () => {
    shelve();
    await made.run();
    shelve(REVIEWS.map(({ reply: _reply, ...review }): Written => ({ ...review, text: 'lebih baik sekarang', stars: 6 - review.stars, version: null, second: review.second + 7 })));
    assert.equal((await made.facts({ backfill: 'now' })).edited, 400);
    assert.deepEqual([made.events, made.answers()], [[], []]);
  });

  test('a few known reviews that are all different: a small app tells too little', async () => {
    shelve(REVIEWS.slice(0, 9));
    await made.run();
    shelve(REVIEWS.slice(0, 9).map((review): Written => ({ ...review, text: 'lain', version: null })));
    assert.equal((await made.facts({ backfill: 'now' })).edited, 9);
  });
});
