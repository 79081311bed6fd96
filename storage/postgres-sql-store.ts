import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { badAddress } from './address.ts';
import { copyCommand, copyText } from './copy-text.ts';
import type { Attempt } from './failure.ts';
import { sqlFailure } from './sql/failure.ts';
import { migrate } from './sql/migrate.ts';
import type { Row, SqlStore, Transaction } from './sql-store.ts';

const CONNECT_MS = 5000;
/** Longer than the bulk load of a million rows takes. */
const STATEMENT_MS = 600_000;
const CONNECTIONS = 4;

/** `postgres://host:5432/ulasan`: without user, password and options. */
export function postgresTarget(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `postgres://${hostname}:${port === '' ? '5432' : port}${pathname}`;
  } catch {
    // Not an address at all: saying more might say the password.
    return 'postgres (the address in DATABASE_URL)';
  }
}

function transactionOf(client: PoolClient): Transaction {
  return {
    // A statement with a name is prepared once a connection, and the next time only its values are sent.
    query: async (sql, params = []) => (await client.query<Row>(params.length === 0 ? sql : { name: hash('md5', sql), text: sql, values: [...params] })).rows,
    async copy(table, columns, rows) {
      const counted = { rows: 0 };
      await pipeline(Readable.from(copyText(rows, counted), { objectMode: true, highWaterMark: 4 }), client.query(copyFrom(copyCommand(table, columns, 'stdin'))));
      return counted.rows;
    },
  };
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A connection that is lost while nobody asks anything must not end the process: the next question fails.
  const lost = (error: Error): void => void (broken = error);
  client.on('error', lost);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    if (broken === undefined) await client.query('rollback').catch((failed: Error) => (broken = failed));
    throw error;
  } finally {
    client.off('error', lost);
    client.release(broken);
  }
}

/** PostgreSQL 15 or later, by a pool of connections. Opening brings the schema forward. */
export async function openPostgresSqlStore(url: string): Promise<Attempt<SqlStore>> {
  const bad = badAddress('DATABASE_URL', url);
  if (bad !== undefined) return { ok: false, failure: bad };
  const target = postgresTarget(url);
  const pool = new Pool({ connectionString: url, max: CONNECTIONS, application_name: 'ulasan', connectionTimeoutMillis: CONNECT_MS, statement_timeout: STATEMENT_MS, options: '-c TimeZone=UTC', keepAlive: true });
  // Connections that are lost in the pool: it opens new ones.
  pool.on('error', () => undefined);
  try {
    const migrated = await inTransaction(pool, (client) => migrate(transactionOf(client)));
    if (!migrated.ok) {
      await pool.end();
      return { ok: false, failure: { kind: 'broken', target, why: migrated.why } };
    }
  } catch (error) {
    await pool.end();
    const failure = sqlFailure(target, error);
    if (failure === undefined) throw error;
    return { ok: false, failure };
  }
  return {
    ok: true,
    value: {
      target,
      transaction: (work) => inTransaction(pool, (client) => work(transactionOf(client))),
      failureOf: (error) => sqlFailure(target, error),
      close: () => pool.end(),
    },
  };
}
