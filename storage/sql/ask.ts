import { Client } from 'pg';
import { postgresTarget } from '../postgres-sql-store.ts';
import { badAddress } from '../address.ts';
import { attempt } from '../failure.ts';
import type { Stamp } from '../stamp.ts';
import { sqlFailure } from './failure.ts';
import { LOST } from './objects.ts';

/** The planner waits for this: a server that does not answer soon is not there. */
const ANSWER_MS = 3000;

interface Held {
  readonly rows: number;
  readonly checksum: string;
}

/**
 * The receipt of a dataset, unless something that was published is gone. Whoever else changes a table takes the receipts away
 * (step 3 of the schema), so that nothing has to be counted here: that would take half a second of a million rows, and this takes
 * milliseconds. What no trigger sees, as a copy of the database without some tables or their rows, is looked for by one row of each.
 */
const HELD = `
  select r.rows::integer as rows, r.checksum from receipt r where r.dataset = $1 and not exists (${LOST})
  and (r.rows = 0 or (exists (select from review where dataset = $1) and exists (select from prediction where dataset = $1)))`;

/** What a server says it holds of a dataset; null where it holds nothing, a write was cut, or somebody took or changed something. */
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
    const { rows } = await client.query<Held>(HELD, [dataset]);
    return rows[0];
  });
  // Its end may wait for a server that is not there.
  void client?.end().catch(() => undefined);
  // No tables, as in a new or emptied database, or not those that this program makes: publishing sees to them.
  if (!asked.ok && asked.failure.kind !== 'schema') throw new Error(`${target}: ${asked.failure.why}`);
  const held = asked.ok ? asked.value : undefined;
  return held === undefined ? null : { target: `${target}#${dataset}`, rows: held.rows, checksum: held.checksum };
}
