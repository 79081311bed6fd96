import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Memory } from '../../stages/collect/play/memory.ts';
import { openEmbeddedRawStore } from '../../storage/embedded-raw-store.ts';
import { readStamps } from '../../storage/stamp.ts';
import { APP, startCollector } from './rig.ts';
import type { Collector } from './rig.ts';
import { NASTY_TEXTS, writtenReviews } from './rows.ts';
import type { Behaviour } from './store.ts';

let made: Collector;
beforeEach(async () => (made = await startCollector()));
afterEach(() => made.close());

const REVIEWS = writtenReviews(400);
const shelve = (reviews = REVIEWS, language = 'id'): void => made.store.set(APP, language, reviews);
const asked = (): readonly (string | null)[] => made.store.requests.map(({ token }) => token);

describe('collecting from the Play Store', () => {
  test('the first run brings every review of every page, sorted, without names, with whole seconds', async () => {
    shelve();
    const facts = await made.facts();
    assert.deepEqual([facts.new, facts.pages, facts.incomplete], [400, 3, false]);
    const rows = made.exported();
    assert.deepEqual(rows.map(({ id }) => id), REVIEWS.map(({ id }) => id).toReversed());
    assert.equal(rows.at(-1)?.at, '2026-06-30T00:00:00Z');
    assert.doesNotMatch(made.bytes(), /Pengguna Rahasia/);
    const texts = new Set(rows.map(({ text }) => text));
    for (const text of NASTY_TEXTS) assert.ok(texts.has(text === 'wa 081234567890' ? 'wa [phone]' : text.replace('\0', '').toWellFormed()), JSON.stringify(text));
  });

  test('a run with nothing new asks for one page, and writes the same bytes', async () => {
    shelve();
    await made.run();
    const before = made.bytes();
    made.store.script({});
    const asks = made.store.requests.length;
    const facts = await made.facts();
    assert.deepEqual([facts.new, facts.edited, made.store.requests.length - asks], [0, 0, 1]);
    assert.equal(made.bytes(), before);
  });

  test('new reviews come in; an edit keeps what was said before; a reply is taken over', async () => {
    shelve();
    await made.run();
    const [newest, second, third, ...rest] = REVIEWS;
    assert.ok(newest !== undefined && second !== undefined && third !== undefined);
    const now = newest.second + 5000;
    const edited = { ...third, text: 'sekarang lambat', stars: 1, second: now };
    shelve([{ ...newest, id: 'gp:new', second: now + 1 }, edited, newest, { ...second, reply: { text: 'kami perbaiki', second: now } }, ...rest]);
    const facts = await made.facts();
    assert.deepEqual([facts.new, facts.edited, facts.pages], [1, 2, 1]);
    const byId = new Map(made.exported().map((row) => [row.id, row]));
    assert.deepEqual([byId.get(third.id)?.text, byId.get(third.id)?.rating, byId.get(second.id)?.reply], ['sekarang lambat', 1, 'kami perbaiki']);
    const history = readFileSync(path.join(made.folder, 'data/collect/history.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { readonly id: string; readonly review: { readonly rating: number } });
    assert.deepEqual(history.map(({ id, review }) => [id, review.rating]), [[second.id, second.stars], [third.id, third.stars]].toSorted());
  });

  test('all languages are asked, a review that two of them show is one', async () => {
    shelve(REVIEWS.slice(0, 200));
    shelve([...REVIEWS.slice(0, 50), ...writtenReviews(30, 'en:')], 'en');
    const facts = await made.facts({ languages: ['id', 'en'] });
    assert.deepEqual([facts.rows, new Set(made.store.requests.map(({ language, country }) => `${language}-${country}`))], [230, new Set(['id-id', 'en-id'])]);
  });

  test('further apps go into the raw store, and not into the export', async () => {
    shelve(REVIEWS.slice(0, 10));
    made.store.set('com.other.app', 'id', writtenReviews(5, 'other:'));
    const facts = await made.facts({ apps: ['com.other.app'] });
    assert.deepEqual([facts.rows, facts.otherApps, new Set(made.exported().map(({ app }) => app))], [10, 5, new Set([APP])]);
  });

  test('reviews that are too old are not taken in, and those that became too old go', async () => {
    shelve();
    await made.run();
    made.since = '2026-06-25T00:00:00Z';
    const facts = await made.facts({ backfill: 'now' });
    assert.deepEqual([facts.new, made.exported().map(({ at }) => at ?? '').every((at) => at >= '2026-06-25T00:00:00Z'), facts.rows], [0, true, 121]);
    assert.deepEqual([(await made.facts({ backfill: 'now' })).new, (await made.facts()).rows], [0, 121]);
  });

  test('reviews of further apps that became too old go as well', async () => {
    shelve(REVIEWS.slice(0, 10));
    made.store.set('com.other.app', 'id', writtenReviews(200, 'other:'));
    await made.run({ apps: ['com.other.app'] });
    made.since = '2026-06-25T00:00:00Z';
    await made.run({ apps: ['com.other.app'] });
    const raw = openEmbeddedRawStore(path.join(made.folder, 'stores/raw'));
    assert.ok(raw.ok);
    const [left, receipt] = [await raw.value.all('play:com.other.app'), readStamps(path.join(made.folder, 'stores/raw'))['play:com.other.app']];
    await raw.value.close();
    assert.deepEqual([left.length, left.every(({ at }) => (at ?? '') >= '2026-06-25T00:00:00Z'), receipt?.rows], [121, true, 121]);
    assert.match(readFileSync(path.join(made.folder, 'stores/raw/dropped.json'), 'utf8'), /"before":"2026-06-25T00:00:00Z"/);
  });

  test('reviews that are too old, or erased for good, are no news: a run without any asks for one page', async () => {
    shelve();
    made.since = '2026-06-27T12:00:00Z';
    assert.equal((await made.facts()).rows, 61);
    const quiet = async (): Promise<number> => {
      const asks = made.store.requests.length;
      const facts = await made.facts();
      assert.deepEqual([facts.new, facts.edited, facts.incomplete], [0, 0, false]);
      return made.store.requests.length - asks;
    };
    assert.equal(await quiet(), 1, 'of the 150 on it 89 are too old');
    await made.withStore((raw) => raw.erase(`play:${APP}`, ['gp:AOq0', 'gp:AOq30', 'gp:AOq60']));
    assert.equal(await quiet(), 1);
    assert.equal(made.exported().length, 58);
    // New ones above them come in all the same, also more than a page has.
    const newest = REVIEWS[0]?.second ?? 0;
    shelve([...writtenReviews(170, 'gp:new').map((review, index) => ({ ...review, second: newest + 60 * (index + 1) })), ...REVIEWS]);
    assert.equal((await made.facts()).new, 170);
  });

  test('it waits between pages', async () => {
    shelve();
    await made.run({ pauseMs: 500 });
    assert.equal(made.slept.length, 2);
    assert.ok(made.slept.every((ms) => ms >= 250 && ms <= 500), String(made.slept));
  });
});

describe('a run that cannot finish', () => {
  test('a back-fill goes on where the budget ended, and asks for no page twice but the newest', async () => {
    shelve();
    const first = await made.facts({ pagesMax: 1 });
    assert.deepEqual([first.rows, first.incomplete], [150, true]);
    const second = await made.facts({ pagesMax: 2 });
    assert.deepEqual([second.rows, second.incomplete], [300, true]);
    const third = await made.facts();
    assert.deepEqual([third.rows, third.incomplete], [400, false]);
    assert.deepEqual(asked().map((token) => token === null), [true, true, false, true, false]);
    assert.deepEqual(made.events.map(({ kind }) => kind), ['collect-incomplete', 'collect-incomplete']);
  });

  test('new reviews that were not reached leave a gap, which the next run fills', async () => {
    const old = REVIEWS.slice(300);
    shelve(old);
    await made.run();
    shelve();
    const cut = await made.facts({ pagesMax: 1 });
    assert.deepEqual([cut.rows, cut.incomplete], [250, true]);
    assert.equal((await made.memory()).languages.id?.gaps.length, 1);
    const filled = await made.facts();
    assert.deepEqual([filled.rows, filled.incomplete], [400, false]);
    assert.deepEqual((await made.memory()).languages.id?.gaps, []);
    made.store.script({});
    const asks = made.store.requests.length;
    await made.run();
    assert.equal(made.store.requests.length - asks, 1);
  });

  test('known reviews above a gap do not hide it, also when the run that left them was killed before it could note it', async () => {
    shelve(REVIEWS.slice(300));
    await made.run();
    const before = await made.memory();
    shelve();
    await made.run({ pagesMax: 1 });
    // As if the process had died between storing the page and noting the gap.
    const raw = openEmbeddedRawStore(path.join(made.folder, 'stores/raw'));
    assert.ok(raw.ok);
    await raw.value.writeMemory(`play:${APP}`, before);
    await raw.value.close();
    assert.equal((await made.facts()).rows, 400);
  });

  test('a place that the store no longer knows is started again from the top', async () => {
    shelve();
    await made.run({ pagesMax: 1 });
    // The review that the mark stands for was deleted, so the mark means nothing now.
    shelve(REVIEWS.filter((_, index) => index !== 149));
    const facts = await made.facts();
    assert.deepEqual([facts.rows, facts.incomplete], [400, false]);
  });

  test('429 with Retry-After, 503, a cut answer, a reset and a silence pass with patience', async () => {
    shelve();
    made.store.script({
      0: { kind: 'status', status: 429, retryAfter: '7' }, 1: { kind: 'status', status: 503 }, 3: { kind: 'cut' }, 4: { kind: 'reset' }, 6: { kind: 'silence' }, 7: { kind: 'payload', payload: null },
    });
    const facts = await made.facts({ timeoutMs: 300, pauseMs: 0 });
    assert.deepEqual([facts.rows, facts.incomplete], [400, false]);
    const waits = made.slept.filter((ms) => ms > 0);
    assert.equal(waits[0], 7000, 'as long as the store asked for');
    assert.ok((waits[1] ?? 0) >= 1000 && (waits[1] ?? 0) <= 2000, 'twice the first back-off, with jitter');
  });

  test('a date of Retry-After is as long as it is from the date of the answer, whatever our own clock says', async () => {
    shelve();
    const date = 'Wed, 21 Oct 2015 07:28:00 GMT';
    made.store.script({ 0: { kind: 'status', status: 429, retryAfter: 'Wed, 21 Oct 2015 07:29:00 GMT', date }, 1: { kind: 'status', status: 503, retryAfter: 'Wed, 21 Oct 2015 07:00:00 GMT', date }, 2: { kind: 'status', status: 503, retryAfter: 'soon', date } });
    await made.facts({ pauseMs: 0, retries: 3 });
    const waits = made.slept.filter((ms) => ms > 0);
    assert.equal(waits[0], 60_000);
    assert.ok(waits.length === 3 && waits.slice(1).every((ms) => ms <= 4000), 'one that is past, or none at all, leaves it to the back-off');
  });

  test('a store that keeps asking to slow down: what came in stays, and the run says what is open', async () => {
    shelve();
    made.store.script((_, index) => (index === 0 ? undefined : { kind: 'status', status: 429 }));
    const facts = await made.facts();
    assert.deepEqual([facts.rows, facts.incomplete], [150, true]);
    assert.deepEqual(made.events, [{ kind: 'collect-incomplete', facts: { app: APP, language: 'id', why: 'busy' } }]);
    made.store.script({});
    assert.equal((await made.facts()).rows, 400);
  });

  test('an outage before the first page fails the run, and says so', async () => {
    shelve();
    await made.run();
    const before = made.bytes();
    for (const [behaviour, said] of [
      [{ kind: 'status', status: 503 }, /asks to slow down \(HTTP 503\)/], [{ kind: 'reset' }, /Cannot reach the Play Store/], [{ kind: 'status', status: 451 }, /refuses to answer \(HTTP 451\)/],
      [{ kind: 'status', status: 404 }, /has no app "com\.valar\.pintu"/], [{ kind: 'silence' }, /Cannot reach/],
    ] as const satisfies readonly (readonly [Behaviour, RegExp])[]) {
      made.store.script(() => behaviour);
      const outcome = await made.run({ timeoutMs: 100, retries: 1 });
      assert.ok(outcome.kind === 'failed', JSON.stringify(behaviour));
      assert.match(outcome.problem, said);
    }
    assert.equal(made.bytes(), before, 'the export of before is untouched');
  });
});

describe('deleted reviews', () => {
  const later = (days: number): string => new Date(Date.UTC(2026, 6, 1) + days * 86_400_000).toISOString();

  test('are noticed by full passes, as many as the params ask for, and leave the export but not the history', async () => {
    shelve();
    await made.run({}, later(0));
    shelve(REVIEWS.filter((_, index) => index !== 200));
    assert.equal((await made.facts({}, later(1))).gone, 0, 'no full pass is due');
    assert.equal((await made.facts({}, later(31))).gone, 0, 'one pass may be mistaken');
    const facts = await made.facts({}, later(62));
    assert.deepEqual([facts.gone, facts.rows], [1, 399]);
    assert.match(readFileSync(path.join(made.folder, 'data/collect/history.jsonl'), 'utf8'), /"id":"gp:AOq200".*"goneAt":"2026-09-01/);
    shelve();
    assert.deepEqual([(await made.facts({ backfill: 'now' }, later(63))).rows, (await made.facts({}, later(64))).gone], [400, 0], 'and it comes back');
  });

  test('are not what a language showed that is no longer asked for; those of the others are noticed all the same', async () => {
    shelve();
    shelve(writtenReviews(40, 'en:'), 'en');
    const history = (): string => readFileSync(path.join(made.folder, 'data/collect/history.jsonl'), 'utf8');
    const pass = async (number: number, languages: readonly string[]): Promise<readonly unknown[]> => {
      const facts = await made.facts({ languages: [...languages], backfill: 'now' }, later(number));
      return [facts.gone, facts.rows];
    };
    const both = ['id', 'en'];
    assert.deepEqual(await pass(0, both), [0, 440]);
    for (const number of [1, 2, 3]) assert.deepEqual(await pass(number, ['id']), [0, 440]);
    assert.doesNotMatch(history(), /"goneAt":"/);
    shelve(REVIEWS.filter((_, index) => index !== 200));
    shelve(writtenReviews(40, 'en:').filter((_, index) => index !== 20), 'en');
    assert.deepEqual([await pass(4, ['id']), await pass(5, ['id'])], [[0, 440], [1, 439]]);
    assert.deepEqual([await pass(6, both), await pass(7, both)], [[0, 439], [1, 438]], 'and in a language that is asked for again by as many passes as ever');
    assert.deepEqual([...history().matchAll(/"id":"([^"]+)","revision"/g)].map(([, id]) => id).toSorted(), ['en:20', 'gp:AOq200']);
  });

  test('are not what a language showed that left while a pass was under way, also by the memory of an earlier version', async () => {
    shelve();
    shelve(writtenReviews(40, 'en:'), 'en');
    await made.run({ languages: ['id', 'en'] }, later(0));
    await made.run({ languages: ['id', 'en'], backfill: 'now', pagesMax: 3 }, later(1));
    await made.withStore(async (raw) => {
      const { shown: _shown, askedSince: _since, ...before } = (await raw.readMemory(`play:${APP}`)) as Memory;
      await raw.writeMemory(`play:${APP}`, before);
    });
    for (const number of [2, 3, 4]) assert.equal((await made.facts({ backfill: 'now', goneAfter: 1 }, later(number))).gone, 0);
    assert.equal(made.exported().length, 440);
  });

  test('are not those that a pass did not come to before it was cut off by backfill: never', async () => {
    shelve();
    await made.run({}, later(0));
    shelve(REVIEWS.filter((_, index) => index !== 390));
    await made.run({ backfill: 'now', pagesMax: 2 }, later(1));
    const { sweep, sweeps } = await made.memory();
    assert.deepEqual([sweep?.number, sweeps], [2, 2], 'a pass is under way');
    await made.run({ backfill: 'never' }, later(2));
    const passes = [await made.facts({ backfill: 'now' }, later(3)), await made.facts({ backfill: 'now' }, later(4))];
    assert.deepEqual(passes.map(({ gone }) => gone), [0, 1]);
  });

  test('are not believed in where the list was cut short', async () => {
    shelve();
    await made.run({}, later(0));
    shelve(REVIEWS.slice(0, 250));
    await made.run({ goneAfter: 1, backfill: 'now' }, later(1));
    assert.equal(made.exported().length, 400);
    assert.deepEqual(made.events.map(({ kind }) => kind), ['collect-doubtful']);
  });
});
