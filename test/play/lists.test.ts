import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { PlayParams } from '../../schema/params.ts';
import { APP, startCollector } from './rig.ts';
import type { Collector } from './rig.ts';
import { writtenReviews } from './rows.ts';
import type { Written } from './rows.ts';

let made: Collector;
beforeEach(async () => (made = await startCollector()));
afterEach(() => made.close());

const REVIEWS = writtenReviews(30);
const LANGUAGES: Partial<PlayParams> & { readonly languages: string[] } = { languages: ['id', 'en'], backfill: 'now' };
const changed = (reviews: readonly Written[], change: (review: Written) => Partial<Written>): readonly Written[] => reviews.map((review, index) => (index < 2 ? { ...review, ...change(review) } : review));
const historyLines = (): number => made.bytes().split('\n').filter((line) => line.startsWith('{')).length;

describe('the lists of two languages', () => {
  for (const [lagging, current] of [['en', 'id'], ['id', 'en']] as const) {
    test(`of which that of ${lagging} lags behind for ever make no edits of an unchanged store: the bytes stay`, async () => {
      made.store.set(APP, lagging, REVIEWS);
      made.store.set(APP, current, changed(REVIEWS, ({ text, second }) => ({ text: `${text ?? ''} (diubah)`, second: second + 60 })));
      await made.run(LANGUAGES);
      await made.run(LANGUAGES, '2026-07-02T07:00:00.000Z');
      const before = made.bytes();
      for (const day of ['03', '04', '05']) {
        const facts = await made.facts(LANGUAGES, `2026-07-${day}T07:00:00.000Z`);
        assert.deepEqual([facts.new, facts.edited, made.bytes() === before], [0, 0, true]);
      }
      assert.equal(made.exported().filter(({ text }) => text.endsWith('(diubah)')).length, 2, 'and what was said last stands');
    });
  }

  test('that differ without a time that would tell stay as they are, too', async () => {
    made.store.set(APP, 'id', REVIEWS);
    made.store.set(APP, 'en', changed(REVIEWS, () => ({ text: 'lain' })));
    await made.run(LANGUAGES);
    assert.equal(historyLines(), 2);
    for (const day of ['02', '03', '04', '05']) assert.equal((await made.facts(LANGUAGES, `2026-07-${day}T07:00:00.000Z`)).edited, 0);
    assert.equal(historyLines(), 2);
  });

  test('that both no longer show a reply are believed, in time', async () => {
    const bare = REVIEWS.map(({ reply: _reply, ...review }): Written => review);
    const answered = changed(bare, ({ second }) => ({ reply: { text: 'maaf', second: second + 90 } }));
    const answers: number[] = [];
    for (const [day, reviews] of [['01', bare], ['02', answered], ['03', bare], ['04', bare]] as const) {
      for (const language of LANGUAGES.languages) made.store.set(APP, language, reviews);
      await made.run(LANGUAGES, `2026-07-${day}T07:00:00.000Z`);
      answers.push(made.exported().filter(({ reply }) => reply === 'maaf').length);
    }
    assert.deepEqual(answers, [0, 2, 2, 0]);
  });

  test('are believed at once where somebody has compared', async () => {
    const bare = REVIEWS.map(({ reply: _reply, ...review }): Written => review);
    const all = bare.map((review): Written => ({ ...review, reply: { text: 'maaf', second: review.second + 90 } }));
    for (const reviews of [bare, all, bare]) {
      made.store.set(APP, 'id', reviews);
      await made.run({ backfill: 'now' });
    }
    assert.equal((await made.facts({ backfill: 'now', believe: ['reply'] })).edited, 30);
    assert.equal((await made.facts({ backfill: 'now' })).edited, 0);
  });
});
