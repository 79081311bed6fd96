import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Review } from '../../schema/review.ts';
import type { RawStore, UpsertOptions } from '../../storage/raw-store.ts';
import type { RawBench } from './raw-store-contract.ts';
import { DATASET, review } from './reviews.ts';

const LATER = '2026-02-01T00:00:00Z';
const REPLIED = { reply: 'terima kasih', repliedAt: '2026-01-02T00:00:00Z' };

/** What every raw store does where the lists of a source say different things of the same review. */
export function laggingContract(name: string, bench: RawBench, options: { readonly skip?: string | false } = {}): void {
  describe(`${name}: lists that lag behind one another`, { skip: options.skip ?? false }, () => {
    let store: RawStore;
    beforeEach(async () => (store = await bench.open(() => 0)));
    afterEach(async () => {
      await store.close();
      await bench.clear();
    });
    /** What a list shows of the review in a pass, and how many edits that were. */
    const shows = async (changes: Partial<Review>, sweep?: number, more: UpsertOptions = {}): Promise<number> => {
      const { edited, unchanged, touched } = await store.upsert(DATASET, [review('a', changes)], { ...more, ...(sweep === undefined ? {} : { sweep }) });
      assert.ok(edited + unchanged + touched <= 1);
      return edited;
    };
    const says = async (): Promise<string> => [...(await store.history(DATASET)), ...(await store.all(DATASET)).map((one) => ({ review: one }))].map(({ review: { text, reply } }) => (reply === null ? text : `${text}+`)).join(' ');

    test('what a review said before is no edit, pass after pass, in whichever order they are asked', async () => {
      for (const turn of [['one', 'two'], ['one', 'two'], ['two', 'one'], ['one', 'two']].entries()) for (const text of turn[1]) await shows({ text }, turn[0] + 1);
      assert.equal(await says(), 'one two');
      assert.deepEqual(await store.unseen(DATASET, 4), [], 'it was seen');
      const { checksum } = await store.stamp(DATASET);
      assert.deepEqual([await shows({ text: 'one', thumbsUp: 7 }, 5), (await store.all(DATASET))[0]?.thumbsUp, (await store.stamp(DATASET)).checksum], [0, 0, checksum], 'nor are the thumbs of an old list');
      assert.deepEqual([await shows({ text: 'three' }, 5), await says()], [1, 'one two three'], 'what was never said is');
    });

    test('a change back is an edit where it has a new time', async () => {
      await shows({ text: 'one' }, 1);
      await shows({ text: 'two', at: LATER }, 1);
      assert.equal(await shows({ text: 'one', at: '2026-03-01T00:00:00Z' }, 1), 1);
      assert.equal(await says(), 'one two one');
    });

    test('the newest time stays, also where the older one came last and however many passes show it alone', async () => {
      await shows({ text: 'new', at: LATER }, 1);
      await shows({ text: 'old' }, 1);
      for (const sweep of [2, 3, 9, 20]) {
        await shows({ text: 'new', at: LATER }, 2);
        assert.equal(await shows({ text: 'old' }, sweep), 0);
      }
      assert.equal(await says(), 'new old new');
    });

    test('a reply that is taken away again, which gives no new time, is believed when a whole pass has shown nothing newer', async () => {
      await shows({}, 1);
      await shows(REPLIED, 2);
      assert.deepEqual([await shows({}, 3), await says()], [0, 'bagus bagus+'], 'the other list may still have it');
      await shows(REPLIED, 3);
      assert.deepEqual([await shows({}, 4), await shows({}, 4), await says()], [0, 0, 'bagus bagus+']);
      assert.deepEqual([await shows({}, 5), await says()], [1, 'bagus bagus+ bagus']);
    });

    test('what somebody has looked at is so at once, and so is what is no list: a file', async () => {
      await shows({}, 1);
      await shows(REPLIED, 1);
      assert.equal(await shows({}, 1, { isTrusted: true }), 1);
      assert.equal(await shows(REPLIED), 1);
      assert.equal(await says(), 'bagus bagus+ bagus bagus+');
    });

    test('what was deleted and is shown again says what it is shown to say', async () => {
      await shows({ text: 'one' }, 1);
      await shows({ text: 'two' }, 1);
      await store.markGone(DATASET, ['a'], LATER);
      assert.equal(await shows({ text: 'one' }, 1), 1);
      assert.equal((await store.all(DATASET))[0]?.text, 'one');
    });

    test('within one batch it is as in two', async () => {
      const batch = ['one', 'two', 'one'].map((text) => review('a', { text }));
      assert.deepEqual(await store.upsert(DATASET, batch, { sweep: 1 }), { added: 1, edited: 1, touched: 0, unchanged: 1, refused: 0 });
      assert.equal(await says(), 'one two');
    });
  });
}
