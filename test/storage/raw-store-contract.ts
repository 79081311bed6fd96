import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Review } from '../../schema/review.ts';
import { tombstoneOf } from '../../storage/content.ts';
import type { RawStore } from '../../storage/raw-store.ts';
import type { Backup } from '../../storage/versions.ts';
import { DATASET, review } from './reviews.ts';

export interface RawBench {
  /** A store with nothing in it. `now`: milliseconds, for leases. */
  open(now: () => number): Promise<RawStore>;
  /** A second connection to the same one. */
  again(): Promise<RawStore>;
  clear(): Promise<void>;
}

const NOTHING = { added: 0, edited: 0, touched: 0, unchanged: 0, refused: 0 };
export const NASTY = [
  '', '\0', 'before\0after', "'; drop table review; --", '{"$gt": ""}', '$where', 'a.b.$c', '👨\u200d👩\u200d👧', '\r\n', '\u202E\u2067', '\ud800', 'cut \udc00 half', '<script>alert(1)</script>', '\\', '"', "'", '\u2028',
  'é'.repeat(10_000),
];

/** What every raw store does, embedded or server. */
export function rawStoreContract(name: string, bench: RawBench, options: { readonly skip?: string | false } = {}): void {
  describe(`${name}: the raw store`, { skip: options.skip ?? false }, () => {
    let store: RawStore;
    let now = 0;
    beforeEach(async () => {
      now = 1_000_000;
      store = await bench.open(() => now);
    });
    afterEach(async () => {
      await store.close();
      await bench.clear();
    });
    const ids = async (dataset = DATASET): Promise<readonly string[]> => (await store.all(dataset)).map(({ id }) => id);
    const texts = async (dataset = DATASET): Promise<readonly string[]> => (await store.all(dataset)).map(({ text }) => text);
    const upsert = (reviews: readonly Review[], sweep?: number) => store.upsert(DATASET, reviews, sweep === undefined ? {} : { sweep });

    test('adds what is new, leaves what is known, and says so', async () => {
      assert.deepEqual(await upsert([review('a'), review('b')]), { ...NOTHING, added: 2 });
      assert.deepEqual(await upsert([review('b'), review('c')]), { ...NOTHING, added: 1, unchanged: 1 });
      assert.deepEqual(await ids(), ['a', 'b', 'c']);
      assert.deepEqual(await store.history(DATASET), []);
    });

    test('keeps what an edited review said before, in order', async () => {
      for (const text of ['one', 'two', 'three']) await upsert([review('a', { text })]);
      assert.deepEqual(await upsert([review('a', { text: 'three' })]), { ...NOTHING, unchanged: 1 });
      assert.deepEqual(await texts(), ['three']);
      assert.deepEqual((await store.history(DATASET)).map(({ id, revision, review: before, goneAt }) => [id, revision, before.text, goneAt]), [['a', 0, 'one', null], ['a', 1, 'two', null]]);
    });

    test('takes thumbs and the hash of the author over without a history: neither is an edit', async () => {
      await upsert([review('a', { thumbsUp: 1 })]);
      assert.deepEqual(await upsert([review('a', { thumbsUp: 2 })]), { ...NOTHING, touched: 1 });
      assert.deepEqual(await upsert([review('a', { thumbsUp: 2, author: 'another key' })]), { ...NOTHING, touched: 1 });
      assert.deepEqual([(await store.all(DATASET)).map(({ thumbsUp, author }) => [thumbsUp, author]), await store.history(DATASET)], [[[2, 'another key']], []]);
    });

    test('fills in parts as upsert and stamp would, and has taken all of them before it first waits', async () => {
      const many = Array.from({ length: 5000 }, (_, index) => review(`m${index}`));
      const parts = [many, [review('m7', { text: 'edited' }), review('m8', { thumbsUp: 3 }), review('m9')], [review('z')]];
      let taken = 0;
      function* passing(): Generator<readonly Review[]> {
        for (const part of parts) {
          taken++;
          yield part;
        }
      }
      const filling = store.fill(DATASET, passing());
      assert.equal(taken, 3);
      const { stamp, ...counts } = await filling;
      assert.deepEqual(counts, { added: 5001, edited: 1, touched: 1, unchanged: 1, refused: 0 });
      assert.deepEqual(stamp, await store.stamp(DATASET));
      assert.deepEqual([stamp.rows, (await store.history(DATASET)).map(({ id }) => id)], [5001, ['m7']]);
      const { stamp: same, ...again } = await store.fill(DATASET, [many.slice(10), parts.slice(1).flat()]);
      assert.deepEqual([again, same], [{ ...NOTHING, unchanged: 4994 }, stamp]);
      assert.deepEqual([(await store.fill('file:com.example.other', [])).stamp.rows, (await store.fill(DATASET, [[review('few')]])).added], [0, 1]);
    });

    test('a review that comes twice in a batch is compared with itself', async () => {
      assert.deepEqual(await upsert([review('a', { text: 'one' }), review('a', { text: 'two' }), review('a', { text: 'two' })]), { ...NOTHING, added: 1, edited: 1, unchanged: 1 });
      assert.deepEqual([await texts(), (await store.history(DATASET)).map(({ review: before }) => before.text)], [['two'], ['one']]);
    });

    test('gives reviews back by time and id, those without a time first', async () => {
      await upsert([review('b'), review('a'), review('late', { at: '2026-02-01T00:00:00Z' }), review('early', { at: '2025-01-01T00:00:00Z' }), review('never', { at: null })]);
      assert.deepEqual(await ids(), ['never', 'early', 'a', 'b', 'late']);
    });

    test('keeps datasets apart, also where ids are the same', async () => {
      await store.upsert(DATASET, [review('a', { text: 'of the file' })]);
      await store.upsert('sample:com.example.app', [review('a', { text: 'of the sample' })]);
      assert.deepEqual([await texts(), await texts('sample:com.example.app'), await texts('play:com.example.app')], [['of the file'], ['of the sample'], []]);
      assert.deepEqual(await store.datasets(), [DATASET, 'sample:com.example.app']);
    });

    test('gives every text and id back as it was', async () => {
      const reviews = NASTY.map((text, index) => review(`r${String(index).padStart(2, '0')}`, { text }));
      await upsert(reviews);
      assert.deepEqual(await texts(), NASTY);
      await upsert(reviews.map((one) => ({ ...one, text: `${one.text}!` })));
      assert.deepEqual((await store.history(DATASET)).map(({ review: before }) => before.text), NASTY);
      const odd = ['gp:AOqpTOE', 'gp:aoqptoe', '$id', 'a.b', 'a/b', "'", '👍', ' '];
      await store.upsert('play:com.example.app', odd.map((id) => review(id)));
      assert.deepEqual((await ids('play:com.example.app')).toSorted(), odd.toSorted());
      assert.deepEqual(await store.known('play:com.example.app', [...odd, 'GP:AOQPTOE']), new Set(odd));
      assert.deepEqual((await store.read('play:com.example.app', [...odd, 'GP:AOQPTOE'])).map(({ id }) => id).toSorted(), odd.toSorted());
    });

    test('has a stamp that depends on the content alone, not on the order or number of writes', async () => {
      await upsert([review('b'), review('a', { text: 'draft' })]);
      await upsert([review('a', { text: 'final' })]);
      const first = await store.stamp(DATASET);
      assert.equal(first.rows, 2);
      await store.upsert('sample:com.example.app', [review('a', { text: 'final' }), review('b')]);
      assert.equal((await store.stamp('sample:com.example.app')).checksum, first.checksum);
      await upsert([review('b', { thumbsUp: 1 })]);
      assert.notEqual((await store.stamp(DATASET)).checksum, first.checksum);
      assert.equal(first.target, `${store.target}#${DATASET}`);
    });

    test('knows which reviews no full pass has shown since a given one', async () => {
      await upsert([review('a'), review('b'), review('c')], 1);
      await upsert([review('a')], 2);
      await upsert([review('b')]);
      assert.deepEqual(await store.unseen(DATASET, 2), ['b', 'c']);
      assert.deepEqual(await store.unseen(DATASET, 1), []);
    });

    test('a deleted review leaves, stays in the history with the time, and comes back when it is seen again', async () => {
      await upsert([review('a'), review('b')], 1);
      const before = await store.stamp(DATASET);
      assert.equal(await store.markGone(DATASET, ['a', 'unknown'], '2026-03-01T00:00:00Z'), 1);
      assert.deepEqual(await store.read(DATASET, ['a', 'unknown']), [review('a')], 'whoever asks for it by its id still gets it');
      assert.equal(await store.markGone(DATASET, ['a'], '2026-04-01T00:00:00Z'), 0);
      assert.deepEqual([await ids(), (await store.stamp(DATASET)).rows], [['b'], 1]);
      assert.deepEqual((await store.history(DATASET)).map(({ id, revision, goneAt }) => [id, revision, goneAt]), [['a', 0, '2026-03-01T00:00:00Z']]);
      assert.deepEqual(await store.unseen(DATASET, 2), ['b']);
      await upsert([review('a')], 2);
      assert.deepEqual([await ids(), (await store.stamp(DATASET)).checksum], [['a', 'b'], before.checksum]);
      await upsert([review('a', { text: 'edited' })], 2);
      assert.deepEqual((await store.history(DATASET)).map(({ revision, goneAt }) => [revision, goneAt]), [[0, '2026-03-01T00:00:00Z'], [1, null]]);
    });

    test('erases for good: review, history, and every later try', async () => {
      await upsert([review('a', { text: 'one' }), review('b')]);
      await upsert([review('a', { text: 'two' })]);
      assert.equal(await store.erase(DATASET, ['a', 'never seen']), 1);
      assert.deepEqual([await ids(), await store.history(DATASET)], [['b'], []]);
      assert.deepEqual(await upsert([review('a'), review('never seen'), review('b')]), { ...NOTHING, unchanged: 1, refused: 2 });
      assert.deepEqual(await store.upsert('sample:com.example.app', [review('a')]), { ...NOTHING, added: 1 }, 'of this dataset only');
      assert.equal(await store.erase(DATASET, ['a']), 0);
    });

    test('takes over tombstones that were kept elsewhere', async () => {
      await upsert([review('a'), review('b')]);
      await store.bury(DATASET, [tombstoneOf(DATASET, 'a'), tombstoneOf(DATASET, 'c'), tombstoneOf('play:com.example.app', 'b')]);
      await store.bury(DATASET, [tombstoneOf(DATASET, 'a')]);
      assert.deepEqual([await ids(), await upsert([review('a'), review('c')])], [['b'], { ...NOTHING, refused: 2 }]);
    });

    test('drops what is too old, which may come back', async () => {
      await upsert([review('old', { at: '2025-01-01T00:00:00Z' }), review('new'), review('never', { at: null })]);
      assert.equal(await store.dropBefore(DATASET, '2026-01-01T00:00:00Z'), 1);
      assert.deepEqual(await ids(), ['never', 'new']);
      assert.equal((await upsert([review('old')])).added, 1);
    });

    test('names what has no time, and drops it by its id, with its history', async () => {
      await upsert([review('b', { at: null }), review('a', { at: null, text: 'draft' }), review('new')]);
      await upsert([review('a', { at: null, text: 'final' })]);
      await store.upsert('sample:com.example.app', [review('a', { at: null })]);
      assert.deepEqual(await store.undated(DATASET), ['a', 'b']);
      assert.equal(await store.dropBefore(DATASET, '2025-01-01T00:00:00Z', ['a', 'unknown']), 1);
      assert.deepEqual([await ids(), await store.history(DATASET), await store.undated('sample:com.example.app')], [['b', 'new'], [], ['a']]);
    });

    test('says which ids were erased, and how many reviews it holds with those that are gone', async () => {
      await upsert([review('a'), review('b'), review('c')]);
      await store.erase(DATASET, ['a']);
      await store.markGone(DATASET, ['b'], '2026-03-01T00:00:00Z');
      assert.deepEqual(await store.erased(DATASET, ['a', 'b', 'never seen']), new Set(['a']));
      assert.deepEqual([await store.erased('play:com.example.app', ['a']), await store.erased(DATASET, [])], [new Set(), new Set()]);
      assert.deepEqual([await store.count(DATASET), await store.count('play:com.example.app')], [2, 0]);
    });

    /** Reviews with a past: edited, deleted, deleted and back, back with another text. */
    async function live(): Promise<void> {
      for (const text of ['one', 'two', 'one']) await upsert([review('edited', { text }), review('plain', { thumbsUp: 3, author: 'hash' })]);
      await upsert(['gone', 'back', 'changed'].map((id) => review(id)), 1);
      await store.markGone(DATASET, ['gone', 'back', 'changed'], '2026-03-01T00:00:00Z');
      await upsert([review('back'), review('changed', { text: 'another' })], 1);
    }
    const backupOf = async (): Promise<Backup> => ({ reviews: await store.all(DATASET), history: await store.history(DATASET) });
    const emptied = async (): Promise<void> => {
      await store.close();
      await bench.clear();
      store = await bench.open(() => now);
    };
    const holds = async () => {
      const { rows, checksum } = await store.stamp(DATASET);
      return { ...(await backupOf()), count: await store.count(DATASET), rows, checksum };
    };

    test('is filled from a backup as it was, and the same again, or over a part of it, changes nothing', async () => {
      await live();
      const [backup, before] = [await backupOf(), await holds()];
      assert.equal(await store.restore(DATASET, backup), 0, 'what is there is there');
      assert.deepEqual(await holds(), before);
      await emptied();
      // Some of the reviews only, as a bulk that was cut leaves them; then all of it again.
      const some = new Set(['back', 'edited', 'gone']);
      assert.equal(await store.restore(DATASET, { reviews: backup.reviews.filter(({ id }) => some.has(id)), history: backup.history.filter(({ id }) => some.has(id)) }), 3);
      assert.equal(await store.restore(DATASET, backup), 2);
      assert.deepEqual(await holds(), before);
      assert.equal(await store.restore(DATASET, backup), 0);
      assert.deepEqual(await holds(), before);
    });

    test('takes over what was before, where it was filled again from the source meanwhile, and keeps what came since', async () => {
      await live();
      const backup = await backupOf();
      await emptied();
      await upsert([review('edited', { text: 'one' }), review('plain', { thumbsUp: 9 }), review('gone'), review('new')]);
      await upsert([review('edited', { text: 'three' })]);
      await store.restore(DATASET, backup);
      const said = async () => [(await store.history(DATASET)).map(({ id, revision, review: { text }, goneAt }) => `${id} ${revision} ${text} ${goneAt?.slice(5, 7) ?? '-'}`), (await store.all(DATASET)).map(({ id, text, thumbsUp }) => `${id} ${text} ${thumbsUp}`)];
      const expected = [
        ['back 0 bagus 03', 'changed 0 bagus 03', 'changed 1 bagus -', 'edited 0 one -', 'edited 1 two -', 'edited 2 one -', 'gone 0 bagus 03'],
        ['back bagus 0', 'changed another 0', 'edited three 0', 'gone bagus 0', 'new bagus 0', 'plain bagus 9'],
      ];
      assert.deepEqual(await said(), expected);
      assert.equal(await store.restore(DATASET, backup), 0);
      assert.deepEqual(await said(), expected);
      assert.deepEqual(await upsert([review('edited', { text: 'four' })]), { ...NOTHING, edited: 1 }, 'and goes on from there');
      assert.deepEqual((await store.history(DATASET)).filter(({ id }) => id === 'edited').map(({ revision, review: { text } }) => revision + text), ['0one', '1two', '2one', '3three']);
    });

    test('refuses what was erased also from a backup, and gives every text of it back as it was', async () => {
      const reviews = NASTY.map((text, index) => review(`r${String(index).padStart(2, '0')}`, { text }));
      const history = reviews.map((one) => ({ app: one.app, id: one.id, revision: 0, review: { ...one, text: `${one.text}!` }, goneAt: null }));
      await store.erase(DATASET, ['r00']);
      assert.equal(await store.restore(DATASET, { reviews, history }), NASTY.length - 1);
      assert.deepEqual([await texts(), (await store.history(DATASET)).map(({ review: { text } }) => text)], [NASTY.slice(1), NASTY.slice(1).map((text) => `${text}!`)]);
      assert.deepEqual(await store.unseen(DATASET, 1), reviews.slice(1).map(({ id }) => id), 'no full pass has shown it yet');
    });

    test('remembers for the collector', async () => {
      assert.equal(await store.readMemory(DATASET), null);
      for (const memory of [{ token: 'a"b\0', gaps: [1, null] }, []]) {
        await store.writeMemory(DATASET, memory);
        assert.deepEqual(await store.readMemory(DATASET), memory);
      }
      assert.equal(await store.readMemory('play:com.example.app'), null);
    });

    test('is held by one collector at a time, until it lets go or is silent for too long', async () => {
      const mine = await store.hold(DATASET, 'first', { seconds: 60 });
      assert.ok('release' in mine);
      assert.deepEqual(await store.hold(DATASET, 'second', { seconds: 60 }), { heldBy: 'first' });
      assert.ok('release' in (await store.hold('play:com.example.app', 'second', { seconds: 60 })));
      await mine.release();
      assert.ok('release' in (await store.hold(DATASET, 'second', { seconds: 60 })));
      now += 60_000;
      const third = await store.hold(DATASET, 'third', { seconds: 60 });
      assert.ok('release' in third, 'the second was silent for a minute');
      await mine.release();
      assert.deepEqual(await store.hold(DATASET, 'fourth', { seconds: 60 }), { heldBy: 'third' });
      now += 50_000;
      assert.ok('release' in (await store.hold(DATASET, 'third', { seconds: 60 })), 'its holder takes it again in time');
      now += 50_000;
      assert.deepEqual(await store.hold(DATASET, 'fourth', { seconds: 60 }), { heldBy: 'third' });
      assert.deepEqual(await store.hold(DATASET, 'fourth', { seconds: 60, over: 'somebody else' }), { heldBy: 'third' });
      assert.ok('release' in (await store.hold(DATASET, 'fourth', { seconds: 60, over: 'third' })), 'over one that is known to be gone');
    });

    test('the same batch from two at once is stored once', async () => {
      const other = await bench.again();
      try {
        const reviews = Array.from({ length: 300 }, (_, index) => review(`r${String(index).padStart(3, '0')}`));
        await Promise.all([store.upsert(DATASET, reviews), other.upsert(DATASET, reviews)]);
        assert.equal((await store.stamp(DATASET)).rows, 300);
        assert.deepEqual(await store.history(DATASET), []);
        await Promise.all([store, other].map((one) => one.upsert(DATASET, reviews.map((each) => ({ ...each, text: 'edited' })))));
        assert.equal((await store.history(DATASET)).length, 300, 'and edited once');
      } finally {
        await other.close();
      }
    });
  });
}
