import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { APP, startCollector } from './rig.ts';
import type { Collector } from './rig.ts';
import { writtenReviews } from './rows.ts';
import type { Written } from './rows.ts';

let made: Collector;
beforeEach(async () => (made = await startCollector()));
afterEach(() => made.close());

const REVIEWS = writtenReviews(400);
const shelve = (reviews: readonly Written[]): void => made.store.set(APP, 'id', reviews);
const problem = async (play = {}): Promise<string> => {
  const outcome = await made.run({ backfill: 'now', ...play });
  return outcome.kind === 'failed' ? `${outcome.problem}; ${outcome.remedy}` : 'none';
};

describe('a page that only looks as if the format changed', () => {
  test('all replies taken back: each run says how to go on, and after one that believes it all is as usual', async () => {
    shelve(REVIEWS);
    await made.run();
    const answered = REVIEWS.filter(({ reply }) => reply !== undefined).length;
    shelve(REVIEWS.map(({ reply: _reply, ...review }): Written => review));
    for (let time = 0; time < 2; time++) assert.match(await problem(), /had a "reply" have none.*where the store itself shows just that, run once with {2}--set 'collect\.play\.believe=\[reply\]'/);
    assert.match(await problem({ believe: ['text', 'version'] }), /"reply"/, 'what was not named is judged as ever');
    const facts = await made.facts({ backfill: 'now', believe: ['reply'] });
    assert.deepEqual([facts.rows, facts.edited], [400, answered]);
    assert.equal(made.exported().filter(({ reply }) => reply !== null).length, 0);
    assert.equal(await problem(), 'none');
  });

  test('an app that lost its versions, and one of which nobody writes a word', async () => {
    shelve(REVIEWS);
    await made.run();
    shelve(REVIEWS.map((review): Written => ({ ...review, version: null })));
    assert.match(await problem(), /believe=\[version\]/);
    assert.equal(await problem({ believe: ['version'] }), 'none');
    const silent = await startCollector();
    silent.store.set(APP, 'id', REVIEWS.map((review): Written => ({ ...review, text: null })));
    const outcome = await silent.run();
    assert.match(JSON.stringify(outcome), /none of the 150 rows of a page has a text.*believe=\[text\]/);
    assert.equal((await silent.facts({ believe: ['text'] })).rows, 400);
    await silent.close();
  });

  test('rows that cannot be read at all are never believed, and no way past them is named', async () => {
    shelve(REVIEWS);
    await made.run();
    made.store.script(() => ({ kind: 'rows', change: (rows) => rows.map((row) => [null, ...row]) }));
    const said = await problem({ believe: ['rating', 'text', 'version', 'reply', 'repliedAt', 'thumbsUp'] });
    assert.match(said, /rows of a page cannot be read/);
    assert.doesNotMatch(said, /believe/);
  });
});
