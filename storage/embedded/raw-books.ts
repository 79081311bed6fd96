import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Review } from '../../schema/review.ts';
import { tombstoneOf } from '../content.ts';
import type { RawStore } from '../raw-store.ts';
import { inTransaction } from './raw-write.ts';

/** What the books are kept in. */
export interface Books {
  readonly database: DatabaseSync;
  /** A short number instead of the name of a dataset. */
  readonly numberOf: (dataset: string) => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The rows of a query, whose columns the query itself names. */
export function rowsOf<T>(database: DatabaseSync, sql: string, ...values: readonly (string | number)[]): readonly T[] {
  return database.prepare(sql).all(...values) as unknown as readonly T[];
}

/** Marks and memory: what is kept about reviews besides themselves. */
export function keepMarks({ database, numberOf, now }: Books): Pick<RawStore, 'known' | 'read' | 'erased' | 'count' | 'unseen' | 'markGone' | 'readMemory' | 'writeMemory' | 'hold'> {
  return {
    async known(dataset, ids) {
      const number = numberOf(dataset);
      const one = database.prepare('select 1 from review where dataset = ? and id = ?');
      return new Set(ids.filter((id) => one.get(number, id) !== undefined));
    },
    async read(dataset, ids) {
      const number = numberOf(dataset);
      const one = database.prepare('select json from review where dataset = ? and id = ?');
      return ids.flatMap((id) => {
        const row = one.get(number, id);
        return row === undefined ? [] : [JSON.parse(String(row.json)) as Review];
      });
    },
    async erased(dataset, ids) {
      const number = numberOf(dataset);
      const one = database.prepare('select 1 from erased where dataset = ? and tombstone = ?');
      return new Set(ids.filter((id) => one.get(number, tombstoneOf(dataset, id)) !== undefined));
    },
    count: async (dataset) => rowsOf<{ readonly n: number }>(database, 'select count(*) as n from review where dataset = ?', numberOf(dataset))[0]?.n ?? 0,
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
    async hold(dataset, holder, { seconds, over = holder }) {
      const number = numberOf(dataset);
      const taken = database
        .prepare('insert into hold (dataset, holder, until) values (?, ?, ?) on conflict (dataset) do update set holder = excluded.holder, until = excluded.until where until <= ? or hold.holder in (?, ?)')
        .run(number, holder, now() + seconds * 1000, now(), holder, over);
      if (Number(taken.changes) === 0) return { heldBy: (database.prepare('select holder from hold where dataset = ?').get(number) as { readonly holder: string }).holder };
      return { release: async () => void database.prepare('delete from hold where dataset = ? and holder = ?').run(number, holder) };
    },
  };
}

/**
 * Leaves nothing in the file of what was forgotten: it is written anew without free places, where earlier content of edited reviews
 * lies as well, and the log is emptied. False where another process reads and keeps the log.
 */
function wipe(database: DatabaseSync): boolean {
  // Its temporary file lies beside it: elsewhere may be little room, or nobody who would look for a copy that a kill left.
  const folder = path.dirname(database.location() ?? '');
  database.exec(`pragma temp_store_directory = '${folder.replaceAll("'", "''")}'; vacuum; pragma temp_store_directory = ''`);
  return Number(database.prepare('pragma wal_checkpoint(truncate)').get()?.busy ?? 0) === 0;
}

/** Result code 5 of SQLite: what another process has open is told as an outage. */
const inUse = (): Error => Object.assign(new Error('another process reads it, and keeps what was erased in its log'), { code: 'ERR_SQLITE_ERROR', errcode: 5 });

/** Erasure and age: how reviews are forgotten. */
export function keepForgetting({ database, numberOf }: Books): Pick<RawStore, 'erase' | 'bury' | 'undated' | 'dropBefore'> {
  const forget = (number: number, ids: readonly string[]): number => {
    // Freed places of the file are overwritten from here on: what was forgotten cannot be found there. Not before, as it costs inserts a fifth.
    database.exec('pragma secure_delete = on');
    const [review, history] = ['delete from review where dataset = ? and id = ?', 'delete from history where dataset = ? and id = ?'].map((sql) => database.prepare(sql));
    for (const id of ids) history?.run(number, id);
    return ids.reduce((count, id) => count + Number(review?.run(number, id).changes ?? 0), 0);
  };
  const idsOf = (sql: string, ...values: readonly (string | number)[]): readonly string[] => rowsOf<{ readonly id: string }>(database, sql, ...values).map(({ id }) => id);
  return {
    async erase(dataset, ids) {
      const number = numberOf(dataset);
      const bury = database.prepare('insert or ignore into erased (dataset, tombstone) values (?, ?)');
      const erased = inTransaction(database, () => {
        for (const id of ids) bury.run(number, tombstoneOf(dataset, id));
        return forget(number, ids);
      });
      if (!wipe(database)) throw inUse();
      return erased;
    },
    async bury(dataset, tombstones) {
      const number = numberOf(dataset);
      const add = database.prepare('insert or ignore into erased (dataset, tombstone) values (?, ?)');
      const forgotten = inTransaction(database, () => {
        const added = tombstones.filter((tombstone) => Number(add.run(number, tombstone).changes) > 0);
        if (added.length === 0) return 0;
        const wanted = new Set(added);
        return forget(number, idsOf('select id from review where dataset = ?', number).filter((id) => wanted.has(tombstoneOf(dataset, id))));
      });
      if (forgotten > 0) wipe(database);
    },
    undated: async (dataset) => idsOf('select id from review where dataset = ? and at is null order by id', numberOf(dataset)),
    async dropBefore(dataset, at, ids = []) {
      const number = numberOf(dataset);
      const old = idsOf('select id from review where dataset = ? and at < ?', number, at);
      const dropped = inTransaction(database, () => forget(number, [...old, ...ids]));
      if (dropped > 0) wipe(database);
      return dropped;
    },
  };
}
