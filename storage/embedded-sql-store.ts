import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { MIGRATIONS } from './migrations.ts';
import { lockFile } from './process-lock.ts';
import type { Row, SqlStore, Transaction } from './sql-store.ts';

export type Opened = { readonly ok: true; readonly store: SqlStore } | { readonly ok: false; readonly pid: number };

/** Its write-ahead log never shrinks by itself: bounded here, and checkpointed after each piece of work. */
const WAL = ['-c', 'max_wal_size=64MB', '-c', 'min_wal_size=32MB'];

async function migrate(database: PGlite): Promise<void> {
  await database.exec('create table if not exists migration (version integer primary key)');
  const { rows } = await database.query<{ readonly version: number }>('select version from migration');
  const applied = new Set(rows.map(({ version }) => version));
  for (const { version, sql } of MIGRATIONS) {
    if (applied.has(version)) continue;
    await database.transaction(async (tx) => {
      await tx.exec(sql);
      await tx.query('insert into migration (version) values ($1)', [version]);
    });
  }
}

/** PostgreSQL in the process, in `folder`/data. One process at a time: the pid of the holder where somebody else has it. */
export async function openEmbeddedSqlStore(folder: string): Promise<Opened> {
  mkdirSync(folder, { recursive: true });
  const lock = lockFile(path.join(folder, 'lock'));
  if (!lock.ok) return lock;
  const database = new PGlite(path.join(folder, 'data'), { startParams: [...PGlite.defaultStartParams, ...WAL] });
  await database.waitReady;
  await migrate(database);
  return {
    ok: true,
    store: {
      async transaction(work) {
        const result = await database.transaction(async (tx) => {
          const wrapped: Transaction = { query: async (sql, params = []) => (await tx.query<Row>(sql, [...params])).rows };
          return work(wrapped);
        });
        await database.exec('checkpoint');
        return result;
      },
      async close() {
        await database.close();
        lock.release();
      },
    },
  };
}
