import type { Client } from 'pg';
import { badAddress } from './address.ts';
import type { Attempt } from './failure.ts';
import { postgresTarget } from './postgres-sql-store.ts';
import { sqlFailure } from './sql/failure.ts';

export interface RunLock {
  /** Called once if the connection that holds the lock is lost: another scheduler may have it from then on. */
  onLost(use: () => void): void;
  release(): Promise<void>;
}

const CONNECT_MS = 5000;
/** Any fixed number: every scheduler of this project that asks the same database asks for the same lock. */
const KEY = 7_085_110_116;

/**
 * The lock of scheduled runs, across machines: an advisory lock of the database session, which PostgreSQL frees when its
 * holder's connection ends, however it ends. Null where another scheduler holds it.
 */
export async function lockRuns(url: string): Promise<Attempt<RunLock | null>> {
  const bad = badAddress('DATABASE_URL', url);
  if (bad !== undefined) return { ok: false, failure: bad };
  let client: Client | undefined;
  let isReleased = false;
  const listeners: (() => void)[] = [];
  // A connection that is lost in the middle of a run frees the lock: whoever runs under it is told.
  const lost = (): void => {
    if (!isReleased) for (const use of listeners.splice(0)) use();
  };
  try {
    // Made here, as it reads the files that options of the address name.
    const pg = await import('pg');
    const held = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS, application_name: 'ulasan scheduler', keepAlive: true });
    client = held;
    held.on('error', lost);
    held.on('end', lost);
    await held.connect();
    const { rows } = await held.query<{ held: boolean }>('select pg_try_advisory_lock($1::bigint) as held', [KEY]);
    if (rows[0]?.held === true) {
      const release = (): Promise<void> => {
        isReleased = true;
        return held.end().catch(() => undefined);
      };
      return { ok: true, value: { onLost: (use) => void listeners.push(use), release } };
    }
    await held.end();
    return { ok: true, value: null };
  } catch (error) {
    await client?.end().catch(() => undefined);
    const failure = sqlFailure(postgresTarget(url), error);
    if (failure === undefined) throw error;
    return { ok: false, failure };
  }
}
