import { hash as hashOf } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Review } from '../schema/review.ts';
import { tombstoneOf } from './content.ts';
import { embeddedFailure } from './embedded/raw-failure.ts';
import { prepareRawTables } from './embedded/raw-schema.ts';
import { inTransaction, upsertReviews } from './embedded/raw-write.ts';
import type { Attempt } from './failure.ts';
import type { RawStore } from './raw-store.ts';
import { setStamp } from './stamp.ts';

export const EMBEDDED_RAW_TARGET = 'sqlite:stores/raw';
/** Times for other processes to end their transaction. */
const BUSY_MS = 5000;

/** The rows of a query, whose columns the query itself names. */
function rowsOf<T>(database: DatabaseSync, sql: string, ...values: readonly (string | number)[]): readonly T[] {
  return database.prepare(sql).all(...values) as unknown as readonly T[];
}

/** Marks, memory, erasure and age: what is kept about reviews besides themselves. */
function bookkeeping(database: DatabaseSync, numberOf: (dataset: string) => number, now: () => number): Pick<RawStore, 'known' | 'unseen' | 'markGone' | 'readMemory' | 'writeMemory' | 'erase' | 'bury' | 'dropBefore' | 'hold'> {
  const forget = (number: number, ids: readonly string[]): number => {
    const [review, history] = ['delete from review where dataset = ? and id = ?', 'delete from history where dataset = ? and id = ?'].map((sql) => database.prepare(sql));
    for (const id of ids) history?.run(number, id);
    return ids.reduce((count, id) => count + Number(review?.run(number, id).changes ?? 0), 0);
  };
  return {
    async known(dataset, ids) {
      const number = numberOf(dataset);
      const one = database.prepare('select 1 from review where dataset = ? and id = ?');
      return new Set(ids.filter((id) => one.get(number, id) !== undefined));
    },
    async unseen(dataset, sweep) {
      return rowsOf<{ readonly id: string }>(database, 'select id from review where dataset = ? and sweep < ? and gone is null order by id', numberOf(dataset), sweep).map(({ id }) => id);
    },
    async markGone(dataset, ids, at) {
      const number = numberOf(dataset);
      const [keep, mark] = [
        'insert into history (dataset, id, revision, gone, json) select dataset, id, revision, ?, json from review where dataset = ? and id = ? and gone is null',
        'update review set gone = ?, revision = revision + 1 where dataset = ? and id = ? and gone is null',
      ].map((sql) => database.prepare(sql));
      return inTransaction(database, () =>
        ids.reduce((count, id) => {
          keep?.run(at, number, id);
          return count + Number(mark?.run(at, number, id).changes ?? 0);
        }, 0),
      );
    },
    async readMemory(dataset) {
      const row = database.prepare('select json from memory where dataset = ?').get(numberOf(dataset)) as { readonly json: string } | undefined;
      return row === undefined ? null : (JSON.parse(row.json) as unknown);
    },
    async writeMemory(dataset, memory) {
      database.prepare('insert into memory (dataset, json) values (?, ?) on conflict (dataset) do update set json = excluded.json').run(numberOf(dataset), JSON.stringify(memory));
    },
    async erase(dataset, ids) {
      const number = numberOf(dataset);
      const bury = database.prepare('insert or ignore into erased (dataset, tombstone) values (?, ?)');
      // Freed places of the file are overwritten, and the log that still has what was there is emptied.
      database.exec('pragma secure_delete = on');
      const erased = inTransaction(database, () => {
        for (const id of ids) bury.run(number, tombstoneOf(dataset, id));
        return forget(number, ids);
      });
      database.exec('pragma wal_checkpoint(truncate)');
      return erased;
    },
    async bury(dataset, tombstones) {
      const number = numberOf(dataset);
      const add = database.prepare('insert or ignore into erased (dataset, tombstone) values (?, ?)');
      inTransaction(database, () => {
        const added = tombstones.filter((tombstone) => Number(add.run(number, tombstone).changes) > 0);
        if (added.length === 0) return;
        const wanted = new Set(added);
        const ids = rowsOf<{ readonly id: string }>(database, 'select id from review where dataset = ?', number).map(({ id }) => id);
        forget(number, ids.filter((id) => wanted.has(tombstoneOf(dataset, id))));
      });
    },
    async dropBefore(dataset, at) {
      const number = numberOf(dataset);
      const old = rowsOf<{ readonly id: string }>(database, 'select id from review where dataset = ? and at < ?', number, at);
      return inTransaction(database, () => forget(number, old.map(({ id }) => id)));
    },
    async hold(dataset, holder, seconds) {
      const number = numberOf(dataset);
      const taken = database
        .prepare('insert into hold (dataset, holder, until) values (?, ?, ?) on conflict (dataset) do update set holder = excluded.holder, until = excluded.until where until <= ?')
        .run(number, holder, now() + seconds * 1000, now());
      if (Number(taken.changes) === 0) return { heldBy: (database.prepare('select holder from hold where dataset = ?').get(number) as { readonly holder: string }).holder };
      return { release: async () => void database.prepare('delete from hold where dataset = ? and holder = ?').run(number, holder) };
    },
  };
}

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
  return {
    target: EMBEDDED_RAW_TARGET,
    ...bookkeeping(database, numberOf, now),
    upsert: async (dataset, reviews, options = {}) => upsertReviews(database, { number: numberOf(dataset), name: dataset }, { reviews, sweep: options.sweep }),
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
    async stamp(dataset) {
      // Sorted here, as the order of the index would cost a look into the table for each row.
      const lines: string[] = [];
      for (const { id, hash, thumbs } of database.prepare('select id, hash, thumbs from review where dataset = ? and gone is null').iterate(numberOf(dataset))) lines.push(`${String(id)}\0${String(hash)}\0${String(thumbs)}`);
      const stamp = { target: `${EMBEDDED_RAW_TARGET}#${dataset}`, rows: lines.length, checksum: hashOf('sha256', lines.sort().join('\n'), 'hex') };
      setStamp(folder, dataset, stamp);
      return stamp;
    },
    failureOf: (error) => embeddedFailure(EMBEDDED_RAW_TARGET, error),
    close: async () => database.close(),
  };
}

/** Raw reviews in node:sqlite: durable, safe for two processes, no server. `now`: milliseconds since 1970, for leases alone. */
export function openEmbeddedRawStore(folder: string, now: () => number = Date.now): Attempt<RawStore> {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    database = new DatabaseSync(path.join(folder, 'reviews.db'), { timeout: BUSY_MS });
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
