import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { opinionOf, turnOf } from '../../../ml/text/opinion-words.ts';
import { QualityReport } from '../../../schema/quality.ts';
import type { Review } from '../../../schema/review.ts';
import { writeRows } from '../../../records/csv.ts';
import { Review as Schema } from '../../../schema/review.ts';
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

  test('an error stops the run, and says which', async () => {
    steady();
    day(70, 1, { id: 'r0' });
    writeRows(rig.context('validate').path('data/collect/reviews.csv'), Schema, made);
    const outcome = await rig.run('validate', validate, { collect: { app: APP } });
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.problem, /duplicate-id in 1 rows/);
    assert.deepEqual(rig.events.map(({ kind }) => kind), ['quality-error']);
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
