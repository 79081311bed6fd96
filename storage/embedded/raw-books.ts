import type { DatabaseSync } from 'node:sqlite';
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
export function keepMarks({ database, numberOf, now }: Books): Pick<RawStore, 'known' | 'erased' | 'count' | 'unseen' | 'markGone' | 'readMemory' | 'writeMemory' | 'hold'> {
  return {
    async known(dataset, ids) {
      const number = numberOf(dataset);
      const one = database.prepare('select 1 from review where dataset = ? and id = ?');
      return new Set(ids.filter((id) => one.get(number, id) !== undefined));
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

/** Erasure and age: how reviews are forgotten. */
export function keepForgetting({ database, numberOf }: Books): Pick<RawStore, 'erase' | 'bury' | 'dropBefore'> {
  const forget = (number: number, ids: readonly string[]): number => {
    // Freed places of the file are overwritten from here on: what was forgotten cannot be found there. Not before, as it costs inserts a fifth.
    database.exec('pragma secure_delete = on');
    const [review, history] = ['delete from review where dataset = ? and id = ?', 'delete from history where dataset = ? and id = ?'].map((sql) => database.prepare(sql));
    for (const id of ids) history?.run(number, id);
    return ids.reduce((count, id) => count + Number(review?.run(number, id).changes ?? 0), 0);
  };
  return {
    async erase(dataset, ids) {
      const number = numberOf(dataset);
      const bury = database.prepare('insert or ignore into erased (dataset, tombstone) values (?, ?)');
      const erased = inTransaction(database, () => {
        for (const id of ids) bury.run(number, tombstoneOf(dataset, id));
        return forget(number, ids);
      });
      // The log still has what was there.
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
  };
}
