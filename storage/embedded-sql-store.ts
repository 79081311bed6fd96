import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Transaction as PGliteTransaction } from '@electric-sql/pglite';
import { copyCommand, copyText } from './copy-text.ts';
import { embeddedFailure } from './embedded/raw-failure.ts';
import type { Attempt } from './failure.ts';
import { lockFile } from './process-lock.ts';
import { sqlFailure } from './sql/failure.ts';
import { migrate } from './sql/migrate.ts';
import type { Row, SqlStore, Transaction } from './sql-store.ts';
import { keepStamps } from './stamp.ts';

export const EMBEDDED_SQL_TARGET = 'pglite:stores/sql';

/** Its write-ahead log never shrinks by itself: bounded here, and checkpointed after each piece of work. */
const WAL = ['-c', 'max_wal_size=64MB', '-c', 'min_wal_size=32MB'];

function transactionOf(tx: PGliteTransaction): Transaction {
  return {
    query: async (sql, params = []) => (await tx.query<Row>(sql, [...params])).rows,
    async copy(table, columns, rows) {
      const counted = { rows: 0 };
      const blob = new Blob([...copyText(rows, counted)]);
      await tx.query(copyCommand(table, columns, "'/dev/blob'"), [], { blob });
      return counted.rows;
    },
  };
}

/** Opens a folder of data, which is made where there is none, and brings its tables forward; or why not. */
export async function openData(data: string): Promise<{ readonly database: PGlite } | { readonly why: string }> {
  const database = new PGlite(data, { startParams: [...PGlite.defaultStartParams, ...WAL] });
  await database.waitReady;
  const migrated = await database.transaction((tx) => migrate(transactionOf(tx)));
  if (migrated.ok) return { database };
  await database.close();
  return { why: migrated.why };
}

/** The places of a store: the data, a copy that is being made of it (`embedded-sql-rebuild.ts`), and the data that the copy replaces. */
export const placesOf = (folder: string) => ({ lock: path.join(folder, 'lock'), data: path.join(folder, 'data'), copy: path.join(folder, 'copy'), replaced: path.join(folder, 'replaced') }) as const;

/** Under the lock: a process that was killed between the two renames of a rebuild left no data, but what it was to replace. */
export function bringBack(folder: string): void {
  const { data, replaced } = placesOf(folder);
  if (!existsSync(data) && existsSync(replaced)) renameSync(replaced, data);
}

/** PostgreSQL in the process, in `folder`/data. One process at a time, since two would corrupt it. */
export async function openEmbeddedSqlStore(folder: string): Promise<Attempt<SqlStore>> {
  const target = EMBEDDED_SQL_TARGET;
  let release = (): void => undefined;
  try {
    mkdirSync(folder, { recursive: true });
    const { lock: file, data } = placesOf(folder);
    const lock = lockFile(file);
    if (!lock.ok) return { ok: false, failure: { kind: 'busy', target, why: `${lock.pid === 0 ? 'another process' : `process ${lock.pid}`} has it open` } };
    release = () => lock.release();
    bringBack(folder);
    const opened = await openData(data);
    if (!('database' in opened)) {
      release();
      return { ok: false, failure: { kind: 'broken', target, why: opened.why } };
    }
    const { database } = opened;
    keepStamps(folder, (await database.query<{ readonly dataset: string }>('select dataset from receipt')).rows.map(({ dataset }) => dataset));
    return {
      ok: true,
      value: {
        target,
        async transaction(work) {
          const result = await database.transaction((tx) => work(transactionOf(tx)));
          await database.exec('checkpoint');
          return result;
        },
        failureOf: (error) => sqlFailure(target, error),
        async close() {
          await database.close();
          release();
        },
      },
    };
  } catch (error) {
    release();
    // Of the database itself, or of its lock.
    const failure = sqlFailure(target, error) ?? embeddedFailure(target, error);
    if (failure === undefined) throw error;
    return { ok: false, failure };
  }
}
