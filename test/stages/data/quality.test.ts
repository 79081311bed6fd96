import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { opinionOf, turnOf } from '../../../ml/text/opinion-words.ts';
import { QualityReport } from '../../../schema/quality.ts';
import type { Review } from '../../../schema/review.ts';
import { writeRows } from '../../../records/csv.ts';
import { Review as Schema } from '../../../schema/review.ts';
import { run as accept } from '../../../stages/accept.ts';
import { run as validate } from '../../../stages/validate.ts';
import { stageRig } from '../context.ts';
import type { Rig } from '../context.ts';

const APP = 'com.valar.pintu';
const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 5);
let rig: Rig;
let made: Review[] = [];
beforeEach(() => {
  rig = stageRig();
  made = [];
});
afterEach(() => rig.remove());

const WORDS = ['aplikasi', 'ini', 'saya', 'pakai', 'untuk', 'jual', 'beli', 'uang', 'dan', 'cara', 'daftar', 'akun', 'tarik', 'saldo', 'biaya', 'masuk', 'bank', 'lama', 'kemarin', 'lagi'];

/** Reviews of a day; texts are all different, and say nothing for or against. */
function day(index: number, count: number, changes: Partial<Review> = {}): void {
  for (let turn = 0; turn < count; turn++) {
    const number = made.length;
    const text = Array.from({ length: 8 }, (_, place) => WORDS[(number * (place + 3) + place * place + Math.floor(number / 7)) % WORDS.length]).join(' ');
    made.push({
      app: APP, id: `r${number}`, at: new Date(START + index * DAY_MS + turn * 60_000).toISOString().replace('.000Z', 'Z'), rating: 1 + (number % 5), text: `${text} ${number}`,
      thumbsUp: 0, version: null, reply: null, repliedAt: null, source: 'sample', author: null, ...changes,
    });
  }
}

async function judged(params: object = {}): Promise<QualityReport> {
  writeRows(rig.context('validate').path('data/collect/reviews.csv'), Schema, made);
  await rig.run('validate', validate, { collect: { app: APP }, ...params });
  return QualityReport.parse(rig.json('reports/quality.json'));
}

async function check(rule: string, params: object = {}): Promise<QualityReport['checks'][number]> {
  const found = (await judged(params)).checks.find((one) => one.rule === rule);
  assert.ok(found !== undefined);
  return found;
}

/** Ten weeks of twenty reviews a day. */
function steady(): void {
  for (let index = 0; index < 70; index++) day(index, 20);
}

describe('the quality of the data', () => {
  test('of steady, varied reviews nothing is said', async () => {
    steady();
    const report = await judged();
    assert.deepEqual(report.checks.filter(({ passed }) => !passed), []);
    assert.deepEqual([report.passed, report.volume.length, report.volume.at(-1)], [true, 63, { day: '2026-03-15', rows: 20 }]);
  });

  test('days with far fewer reviews than the same weekday had before are quiet', async () => {
    steady();
    for (let index = 70; index < 84; index++) day(index, index < 83 ? 2 : 20);
    const quiet = await check('quiet-day');
    assert.deepEqual([quiet.rows, quiet.passed], [13, false]);
  });

  test('a quiet weekday that is always quiet is no quiet day', async () => {
    for (let index = 0; index < 84; index++) day(index, index % 7 === 6 ? 1 : 20);
    assert.equal((await check('quiet-day')).rows, 0);
  });

  test('a day with a wave of one-star reviews is a review bomb, each of its rows named', async () => {
    steady();
    const first = made.length;
    day(70, 400, { rating: 1 });
    const bomb = await check('review-bomb');
    assert.deepEqual([bomb.rows, bomb.passed, bomb.examples[0]], [400, false, first + 1]);
  });

  test('twice as many as usual, or five stars as many as ever, are no bomb', async () => {
    steady();
    day(70, 16, { rating: 1 });
    day(71, 8, { rating: 5 });
    assert.equal((await check('review-bomb')).rows, 0);
  });

  test('a longer text that is copied and slightly changed is a near-duplicate; short praise and the very same text are not', async () => {
    steady();
    const spam = 'gunakan kode referral saya untuk dapat bonus lima puluh ribu rupiah langsung cair hari ini juga kawan';
    for (let copy = 0; copy < 30; copy++) day(70, 1, { text: `${spam} ${['sip', 'ayo', 'mari', 'yuk', 'gas'][copy % 5] ?? ''}` });
    for (let copy = 0; copy < 30; copy++) day(70, 1, { text: `bagus sekali ${copy}` });
    assert.equal((await check('near-duplicate')).rows, 24, 'all but those that are the very first text');
    assert.equal((await check('duplicate-text')).rows, 25);
  });

  test('words that say clearly the opposite of the stars are counted, negation understood', async () => {
    steady();
    day(70, 1, { rating: 1, text: 'mantap bagus sekali, sangat membantu' });
    day(70, 1, { rating: 5, text: 'penipu, uang hilang, jelek sekali' });
    day(70, 1, { rating: 1, text: 'tidak bagus, tidak membantu' });
    day(70, 1, { rating: 5, text: 'tidak jelek, tidak lambat' });
    assert.equal((await check('rating-text')).rows, 2);
    assert.deepEqual(['bagus mantap', 'tidak bagus', 'not good', "don't love", 'jangan pernah kecewa', 'aplikasi'].map((text) => opinionOf(text.split(' ').map((word) => ({ turn: turnOf(word) })))), [2, -1, -1, -1, 1, 0]);
  });

  test('a language outside of its declared share is named by the mix', async () => {
    steady();
    assert.equal((await check('language-mix', { validate: { languages: { en: [0.5, 1], id: [0, 1] } } })).rows, 1);
    assert.equal((await check('language-mix')).rows, 0);
  });

  test('ids that differ in case only are told, and are not the same', async () => {
    steady();
    day(70, 1, { id: 'R0' });
    assert.deepEqual([(await check('other-case-id')).rows, (await check('duplicate-id')).rows], [1, 0]);
  });

  test('a rule that there is not is told, with the one that was meant', async () => {
    steady();
    const of = async (name: string): Promise<unknown> => {
      const outcome = await rig.run('validate', validate, { validate: { rules: { [name]: { severity: 'error', limit: 0 } } } });
      return outcome.kind === 'failed' ? outcome.problem : outcome;
    };
    assert.equal(await of('mising-date'), 'Cannot use params.yaml: there is no validate.rules.mising-date: did you mean "missing-date"?');
    assert.match(String(await of('weather')), /^Cannot use params\.yaml: there is no validate\.rules\.weather: the rules are missing-rating, .*, day-gap$/);
  });

  test('an error stops the run, says which, and the report with it stays', async () => {
    steady();
    day(70, 1, { id: 'r0' });
    assert.equal((await judged()).passed, false);
    const outcome = await rig.run('accept', accept);
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.problem, /duplicate-id in 1 rows/);
    assert.deepEqual(rig.events, [{ kind: 'quality-error', facts: { rule: 'duplicate-id', rows: 1, share: 1 / 1401, limit: 0 } }]);
  });

  test('warnings let the run go on; fewer reviews than asked for do not', async () => {
    steady();
    day(70, 400, { rating: 1 });
    assert.equal((await judged()).passed, true);
    assert.deepEqual(await rig.run('accept', accept), { kind: 'done', facts: { rows: 1800, warnings: 1 } });
    const outcome = await rig.run('accept', accept, { validate: { rowsMin: 1801 } });
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.problem, /1,800 reviews, fewer than the 1,801/);
  });

  /** Of each rule that looks at rows one by one: what one row has to have to fail it, and what just passes. */
  const ROWS: readonly (readonly [string, Partial<Review>, Partial<Review>])[] = [
    ['missing-rating', { rating: null }, { rating: 3 }],
    ['rating-range', { rating: 6 }, { rating: 5 }],
    ['rating-range', { rating: 0 }, { rating: 1 }],
    ['rating-range', { rating: 2.5 }, { rating: null }],
    ['missing-date', { at: null }, {}],
    ['future-date', { at: '2029-01-01T00:00:00Z' }, { at: '2026-06-01T00:00:00Z' }],
    ['future-date', { at: '2001-01-01T00:00:00Z' }, {}],
    ['wrong-app', { app: 'com.example.other' }, {}],
    ['empty-text', { text: ' \u00a0\n' }, { text: '.' }],
    ['no-letters', { text: '👍 !!!' }, { text: '👍 ok' }],
    ['broken-encoding', { text: 'bagus \ufffd sekali' }, { text: 'bagus é sekali' }],
    ['broken-encoding', { text: 'cafÃ© yang bagus' }, { text: 'Ã' }],
    ['unusual-length', { text: 'a b '.repeat(1251) }, { text: 'a b '.repeat(1250) }],
    ['other-language', { text: 'приложение очень хорошее' }, { text: 'aplikasi ini sangat bagus' }],
    ['other-language', { text: 'zxcvb qwert' }, { text: '👍' }],
  ];
  for (const [rule, bad, good] of ROWS) {
    test(`a row with ${JSON.stringify(bad).slice(0, 50)} fails ${rule}, and it alone`, async () => {
      for (let index = 0; index < 40; index++) day(index, 2, { text: `aplikasi ini saya pakai untuk jual dan beli ${index}` });
      const before = (await check(rule)).rows;
      day(40, 1, good);
      assert.equal((await check(rule)).rows, before, 'what just passes');
      day(40, 1, bad);
      const { rows, examples } = await check(rule);
      assert.deepEqual([rows - before, before > 0 || examples[0] === made.length], [1, true]);
    });
  }

  test('what comes after a long silence, where reviews came every day, is a gap', async () => {
    steady();
    day(85, 3);
    const gap = await check('day-gap');
    assert.deepEqual([gap.rows, gap.examples[0]], [3, 1401]);
    made = made.slice(0, -3);
    day(79, 3);
    assert.equal((await check('day-gap')).rows, 0, 'ten days are none');
  });

  test('of no reviews, of undated ones and of a single one it is judged without a fault', async () => {
    for (const count of [0, 1, 3]) {
      made = [];
      day(0, count, count === 3 ? { at: null } : {});
      const report = await judged();
      assert.ok(report.checks.every(({ share }) => share >= 0 && share <= 1));
    }
  });
});
