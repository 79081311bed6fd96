import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import type { Review } from '../schema/review.ts';
import { keepForgetting, keepMarks, rowsOf } from './embedded/raw-books.ts';
import { embeddedFailure } from './embedded/raw-failure.ts';
import { fill, startFiller } from './embedded/raw-fill.ts';
import { markOf } from './embedded/raw-mark.ts';
import { BUSY_MS, prepareRawTables } from './embedded/raw-schema.ts';
import { restoreReviews } from './embedded/raw-restore.ts';
import { stampOf } from './embedded/raw-stamp.ts';
import { upsertReviews } from './embedded/raw-write.ts';
import type { Attempt } from './failure.ts';
import type { RawStore } from './raw-store.ts';
import { keepMarked, setStamp } from './stamp.ts';
import type { Stamp } from './stamp.ts';

export const EMBEDDED_RAW_TARGET = 'sqlite:stores/raw';

const fileOf = (folder: string): string => path.join(folder, 'reviews.db');

function storeOf(database: DatabaseSync, folder: string, now: () => number): RawStore {
  const numbers = new Map<string, number>();
  function numberOf(dataset: string): number {
    const known = numbers.get(dataset);
    if (known !== undefined) return known;
    database.prepare('insert or ignore into dataset (name) values (?)').run(dataset);
    const { number } = database.prepare('select number from dataset where name = ?').get(dataset) as { readonly number: number };
    numbers.set(dataset, number);
    return number;
  }
  const books = { database, numberOf, now };
  let filler: Worker | undefined;
  function stamped(dataset: string, { rows, checksum }: { readonly rows: number; readonly checksum: string }): Stamp {
    const stamp = { target: `${EMBEDDED_RAW_TARGET}#${dataset}`, rows, checksum };
    const mark = markOf(stamp);
    // In the file before it is in the stamp: what is killed in between is looked at again.
    const before = Number(database.prepare('pragma application_id').get()?.application_id);
    keepMarked(folder, before);
    if (before !== mark) database.exec(`pragma application_id = ${mark}`);
    setStamp(folder, dataset, { ...stamp, mark });
    return stamp;
  }
  return {
    target: EMBEDDED_RAW_TARGET,
    ...keepMarks(books),
    ...keepForgetting(books),
    upsert: async (dataset, reviews, options = {}) => upsertReviews(database, { number: numberOf(dataset), name: dataset }, { reviews, ...options }),
    restore: async (dataset, backup, options) => restoreReviews(database, { number: numberOf(dataset), name: dataset }, { backup, ...options }),
    async all(dataset) {
      const reviews: Review[] = [];
      for (const row of database.prepare('select json from review where dataset = ? and gone is null order by at, id').iterate(numberOf(dataset))) reviews.push(JSON.parse(String(row.json)) as Review);
      return reviews;
    },
    async history(dataset) {
      const rows = rowsOf<{ readonly id: string; readonly revision: number; readonly gone: string | null; readonly json: string }>(database, 'select id, revision, gone, json from history where dataset = ? order by id, revision', numberOf(dataset));
      return rows.map(({ id, revision, gone, json }) => {
        const review = JSON.parse(json) as Review;
        return { app: review.app, id, revision, review, goneAt: gone };
      });
    },
    datasets: async () => rowsOf<{ readonly name: string }>(database, 'select name from dataset where exists (select 1 from review where dataset = number) order by name').map(({ name }) => name),
    unstamp: async (dataset) => setStamp(folder, dataset, null),
    stamp: async (dataset) => stamped(dataset, stampOf(database, numberOf(dataset))),
    prepareFill: () => void (filler ??= startFiller()),
    async fill(dataset, parts) {
      const filling = { database, file: fileOf(folder), dataset: { number: numberOf(dataset), name: dataset }, filler };
      filler = undefined;
      const { count, ...found } = await fill(filling, parts);
      return { ...count, stamp: stamped(dataset, found) };
    },
    failureOf: (error) => embeddedFailure(EMBEDDED_RAW_TARGET, error),
    async close() {
      await filler?.terminate();
      database.close();
    },
  };
}

/** Raw reviews in node:sqlite: durable, safe for two processes, no server. `now`: milliseconds since 1970, for leases alone. */
export function openEmbeddedRawStore(folder: string, now: () => number = Date.now): Attempt<RawStore> {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    database = new DatabaseSync(fileOf(folder), { timeout: BUSY_MS });
    const problem = prepareRawTables(database);
    if (problem === undefined) return { ok: true, value: storeOf(database, folder, now) };
    database.close();
    return { ok: false, failure: { kind: 'broken', target: EMBEDDED_RAW_TARGET, why: `it was written by a newer version of ulasan (form ${problem.newer})` } };
  } catch (error) {
    const failure = embeddedFailure(EMBEDDED_RAW_TARGET, error);
    if (failure === undefined) throw error;
    if (database?.isOpen === true) database.close();
    return { ok: false, failure };
  }
}
