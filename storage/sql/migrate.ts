import { createHash } from 'node:crypto';
import type { Transaction } from '../sql-store.ts';
import { MIGRATIONS, statementsOf } from './migrations.ts';
import type { Migration } from './migrations.ts';
import { isApplied, makeLost } from './objects.ts';

/** Any number that nobody else uses: two programs that open a new database at once wait for each other. */
const LOCK = 7_020_501;

export type Migrated = { readonly ok: true } | { readonly ok: false; readonly why: string };

const checksumOf = ({ sql }: Migration): string => createHash('sha256').update(sql.replaceAll(/\s+/g, ' ').trim()).digest('hex').slice(0, 16);

/**
 * Brings the schema forward, each step once, all in one transaction and alone, and makes again what was lost of it. Refuses a
 * database that is newer than this program, and one whose steps were others than the ones known here.
 */
export async function migrate(tx: Transaction, migrations: readonly Migration[] = MIGRATIONS): Promise<Migrated> {
  await tx.query('select pg_advisory_xact_lock($1::bigint)', [LOCK]);
  await tx.query('create table if not exists migration (version integer primary key)');
  await tx.query('alter table migration add column if not exists checksum text');
  const applied = new Map((await tx.query('select version::integer as version, checksum::text as checksum from migration')).map(({ version, checksum }) => [Number(version), checksum as string | null]));
  const newest = migrations.at(-1)?.version ?? 0;
  const later = [...applied.keys()].find((version) => version > newest);
  if (later !== undefined) return { ok: false, why: `it was written by a newer version of ulasan (step ${later} of its schema is not known here, the newest is ${newest})` };
  for (const migration of migrations) {
    const { version } = migration;
    const checksum = checksumOf(migration);
    const known = applied.get(version);
    if (known === undefined) {
      const statements = (await isApplied(tx, migration)) ? [] : statementsOf(migration);
      for (const statement of statements) await tx.query(statement);
      await tx.query('insert into migration (version, checksum) values ($1, $2)', [version, checksum]);
    } else if (known === null) await tx.query('update migration set checksum = $2 where version = $1', [version, checksum]);
    else if (known !== checksum) return { ok: false, why: `step ${version} of its schema was another one than the one known here` };
  }
  await makeLost(tx);
  return { ok: true };
}
