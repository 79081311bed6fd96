import { Client } from 'pg';
import { postgresTarget } from '../postgres-sql-store.ts';
import { badAddress } from '../address.ts';
import { attempt } from '../failure.ts';
import type { Stamp } from '../stamp.ts';
import { sqlFailure } from './failure.ts';

/** The planner waits for this: a server that does not answer soon is not there. */
const ANSWER_MS = 3000;

interface Held {
  readonly rows: number;
  readonly checksum: string;
  readonly found: number;
}

/** What a server says it holds of a dataset, if the number of its reviews agrees; null where it holds nothing, or a write was cut. */
export async function askPostgres(url: string, dataset: string): Promise<Stamp | null> {
  const bad = badAddress('DATABASE_URL', url);
  if (bad !== undefined) throw new Error(`${bad.target}: ${bad.why}`);
  const target = postgresTarget(url);
  let client: Client | undefined;
  const asked = await attempt((error) => sqlFailure(target, error), async () => {
    // Made here, as it reads the files that options of the address name.
    client = new Client({ connectionString: url, application_name: 'ulasan', connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<Held>('select r.rows::integer as rows, r.checksum, (select count(*)::integer from review where dataset = $1) as found from receipt r where r.dataset = $1', [dataset]);
    return rows[0];
  }).catch((error: unknown) => {
    // 42P01: there are no tables yet, as in a new or emptied database.
    if (error instanceof Error && 'code' in error && error.code === '42P01') return { ok: true as const, value: undefined };
    throw error;
  });
  // Its end may wait for a server that is not there.
  void client?.end().catch(() => undefined);
  if (!asked.ok) throw new Error(`${target}: ${asked.failure.why}`);
  const stamp = asked.value;
  return stamp === undefined || stamp.rows !== stamp.found ? null : { target: `${target}#${dataset}`, rows: stamp.rows, checksum: stamp.checksum };
}
