import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Review } from '../../schema/review.ts';
import { readBackup } from '../../storage/backup.ts';
import type { Backup } from '../../storage/versions.ts';
import type { RawPlace } from '../../storage/open-raw-store.ts';
import { APP, startCollector } from './rig.ts';
import type { Collector } from './rig.ts';
import { writtenReviews } from './rows.ts';
import type { Written } from './rows.ts';

const REVIEWS = writtenReviews(400);
const LATER = REVIEWS[0]?.second ?? 0;
const FILES = ['data/collect/reviews.csv', 'data/collect/history.jsonl'];

/** What holds for a workspace whose raw store is another one for a while. `other`: an empty one for each test. */
export function switchingStores(name: string, other: (folder: string) => RawPlace, options: { readonly skip?: string | false } = {}): void {
  describe(`a raw store that is switched to ${name} and back`, { skip: options.skip ?? false }, () => {
    let made: Collector;
    let places: readonly [RawPlace, RawPlace];
    let day = 0;
    let shelf: readonly Written[] = [];
    beforeEach(async () => {
      made = await startCollector();
      places = [made.place, other(made.folder)];
      day = 0;
      shelve(REVIEWS);
      await run(0);
    });
    afterEach(() => made.close());
    const shelve = (reviews: readonly Written[]): void => made.store.set(APP, 'id', (shelf = reviews));
    /** Somebody writes a review anew. */
    const edit = (index: number): void => shelve(shelf.map((one) => (one.id === `gp:AOq${index}` ? { ...one, text: 'diubah', second: LATER + index } : one)));
    /** A full pass on one of the two stores; how many reviews came back. */
    const run = async (store: 0 | 1): Promise<unknown> => {
      made.place = places[store];
      made.events.length = 0;
      day++;
      return (await made.facts({ backfill: 'now', goneAfter: 2 }, `2026-07-${String(day).padStart(2, '0')}T07:00:00.000Z`)).restored;
    };
    const backup = (): Backup => {
      const read = readBackup(path.join(made.folder, 'data/collect'), 'data/collect');
      assert.ok(read.ok);
      return read.rows;
    };
    const seen = (): Review => {
      const [first] = backup().reviews;
      assert.ok(first !== undefined);
      return first;
    };
    const said = (): readonly string[] => backup().history.map(({ id, review, goneAt }) => `${id} ${goneAt === null ? review.text : 'deleted'}`);
    /** One edit and one deletion, which the other store notices in two passes. */
    const live = async (): Promise<string> => {
      edit(3);
      shelve(shelf.filter(({ id }) => id !== 'gp:AOq7'));
      assert.deepEqual([await run(1), await run(1), await run(1)], [400, undefined, undefined]);
      assert.deepEqual([backup().reviews.length, said()], [399, [`gp:AOq3 ${REVIEWS[3]?.text}`, 'gp:AOq7 deleted']]);
      return made.bytes();
    };

    test('takes over what the other one learned before it collects: the backup is not overwritten with less, and it is told', async () => {
      const before = await live();
      assert.equal(await run(0), 2, 'the edited one and the deleted one');
      assert.equal(made.bytes(), before);
      assert.deepEqual(made.events, [{ kind: 'collect-restored', facts: { dataset: `play:${APP}`, reviews: 2 } }]);
      assert.match(made.log.join('\n'), /did not hold all that the backup of play:com\.valar\.pintu tells: 2 reviews were written from it/);
      const [held, history] = await made.withStore(async (raw) => [await raw.all(`play:${APP}`), await raw.history(`play:${APP}`)]);
      assert.deepEqual([held?.length, history?.length], [399, 2]);
      assert.deepEqual([await run(0), made.bytes() === before, made.events], [undefined, true, []], 'once');
    });

    test('in turns, each with news of its own, loses and doubles nothing', async () => {
      await live();
      const expected = [...said()];
      for (const [turn, store] of ([0, 1, 0, 1, 1, 0] as const).entries()) {
        edit(20 + turn);
        await run(store);
        expected.push(`gp:AOq${20 + turn} ${REVIEWS[20 + turn]?.text}`);
        assert.deepEqual(said().toSorted(), expected.toSorted(), `turn ${turn}`);
      }
    });

    test('does not take a backup of its own for news: one that a killed run left in place, or one that a person laid back', async () => {
      const first = FILES.map((file) => readFileSync(path.join(made.folder, file)));
      const lay = (files: readonly (Buffer | undefined)[]): void => FILES.forEach((file, index) => writeFileSync(path.join(made.folder, file), files[index] ?? ''));
      edit(3);
      await run(0);
      const [before, second] = [made.bytes(), FILES.map((file) => readFileSync(path.join(made.folder, file)))];
      // As it is where a run is killed before, or between, the two renames.
      for (const files of [first, [second[0], first[1]]]) {
        lay(files);
        assert.deepEqual([await run(0), made.bytes() === before], [undefined, true]);
      }
    });

    test('keeps what it says itself where a person edited the backup, and takes in what is only there', async () => {
      const csv = readFileSync(path.join(made.folder, FILES[0] ?? ''), 'utf8');
      const line = csv.split('\n').find((one) => one.includes(',gp:AOq5,')) ?? '';
      writeFileSync(path.join(made.folder, FILES[0] ?? ''), csv.replace(`${line}\n`, `${line.replace('ulasan nomor 5', 'tulisan tangan')}\n${line.replace(',gp:AOq5,', ',by-hand,')}\n`));
      assert.equal((await made.facts()).restored, 2);
      const { reviews } = backup();
      assert.deepEqual([reviews.length, reviews.find(({ id }) => id === 'gp:AOq5')?.text, reviews.some(({ id }) => id === 'by-hand')], [401, REVIEWS[5]?.text, true]);
    });

    test('learns from a foreign backup once, also where the run that took it in wrote none of its own', async () => {
      await live();
      shelve(REVIEWS);
      made.place = places[0];
      // The store answers with nothing that can be read, after the backup was taken in and before anything is exported.
      made.store.script(() => ({ kind: 'body', body: '' }));
      assert.equal((await made.run({ retries: 0 })).kind, 'failed');
      made.store.script({});
      await made.withStore((raw) => raw.upsert(`play:${APP}`, [{ ...seen(), id: 'gp:AOq7' }]));
      await run(0);
      assert.ok(backup().reviews.some(({ id }) => id === 'gp:AOq7'), 'what came back since is not deleted again');
      assert.deepEqual(made.events.filter(({ kind }) => kind === 'collect-restored'), []);
    });

    test('brings nothing back that was erased there', async () => {
      await live();
      made.place = places[0];
      await made.withStore((raw) => raw.erase(`play:${APP}`, ['gp:AOq3']));
      await run(0);
      assert.deepEqual([backup().reviews.some(({ id }) => id === 'gp:AOq3'), said()], [false, ['gp:AOq7 deleted']]);
    });
  });
}
