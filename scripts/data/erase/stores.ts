import { existsSync } from 'node:fs';
import path from 'node:path';
import { rebuildEmbeddedSqlStore } from '../../../storage/embedded-sql-rebuild.ts';
import type { Erasing } from '../../../storage/erasing.ts';
import { attempt } from '../../../storage/failure.ts';
import type { Attempt, StoreFailure } from '../../../storage/failure.ts';
import { knownBackups, rememberBackup } from '../../../storage/known-backups.ts';
import { openRawStore } from '../../../storage/open-raw-store.ts';
import { openSqlStore } from '../../../storage/open-sql-store.ts';
import { eraseFromSql } from '../../../storage/published.ts';
import type { RawStore } from '../../../storage/raw-store.ts';
import type { SqlStore } from '../../../storage/sql-store.ts';
import { setStamp } from '../../../storage/stamp.ts';
import type { Renamed } from './backups.ts';

const given = (value: string | undefined): string | undefined => (value === undefined || value.trim() === '' ? undefined : value);

/** The server of the environment, and the embedded store where there is one: it stays where it was when a workspace moves to a server. */
function placesOf(server: string | undefined, isEmbedded: boolean): readonly (string | undefined)[] {
  return [...(server === undefined ? [] : [server]), ...(isEmbedded || server === undefined ? [undefined] : [])];
}

/** Does something with each raw store of a workspace, one after the other, to the first that fails. */
export async function eachRawStore(workspace: string, work: (raw: RawStore) => Promise<void>): Promise<StoreFailure | undefined> {
  const folder = path.join(workspace, 'stores/raw');
  for (const uri of placesOf(given(process.env.MONGODB_URI), existsSync(path.join(folder, 'reviews.db')))) {
    const opened = await openRawStore({ folder, uri });
    if (!opened.ok) return opened.failure;
    const raw = opened.value;
    const done = await attempt(raw.failureOf, () => work(raw));
    // A server that went away cannot be said goodbye to.
    await attempt(raw.failureOf, () => raw.close());
    if (!done.ok) return done.failure;
  }
  return undefined;
}

/** Does something with each SQL store that is there, to the first that fails; then writes the embedded one anew, so that no byte of before is left. */
export async function eachSqlStore(workspace: string, work: (sql: SqlStore) => Promise<void>): Promise<StoreFailure | undefined> {
  const folder = path.join(workspace, 'stores/sql');
  const [server, isEmbedded] = [given(process.env.DATABASE_URL), existsSync(path.join(folder, 'data')) || existsSync(path.join(folder, 'replaced'))];
  for (const url of placesOf(server, isEmbedded).filter((place) => place !== undefined || isEmbedded)) {
    const opened = await openSqlStore({ folder, url });
    if (!opened.ok) return opened.failure;
    const sql = opened.value;
    const done: Attempt<void> = await attempt(sql.failureOf, () => work(sql));
    await attempt(sql.failureOf, () => sql.close());
    if (!done.ok) return done.failure;
  }
  const rebuilt = await rebuildEmbeddedSqlStore(folder);
  return rebuilt.ok ? undefined : rebuilt.failure;
}

export interface ErasedFromStores {
  readonly raw: number;
  readonly sql: number;
  readonly isRawDone: boolean;
  readonly failures: readonly StoreFailure[];
}

/** A backup that a store wrote is still its own without the reviews that were erased: taken for another one's, it would overrule the store. */
async function rename(store: RawStore, renamed: readonly Renamed[]): Promise<void> {
  for (const { dataset, from, to } of renamed) {
    if ((await knownBackups(store, dataset)).names.includes(from)) await rememberBackup(store, dataset, { name: to, held: await store.count(dataset) });
  }
}

/** Erases from all stores, whatever happens to one of them. The receipts go first, so that the next run looks again and fills what is missing. */
export async function eraseFromStores(workspace: string, erasing: readonly Erasing[], renamed: readonly Renamed[]): Promise<ErasedFromStores> {
  let [raw, sql] = [0, 0];
  const each = async (work: (dataset: string, ids: readonly string[]) => Promise<void>): Promise<void> => {
    for (const { dataset, traces } of erasing) await work(dataset, traces.map(({ id }) => id));
  };
  const failures: readonly (StoreFailure | undefined)[] = [
    await eachRawStore(workspace, async (store) => {
      await each(async (dataset, ids) => {
        await store.unstamp(dataset);
        raw += await store.erase(dataset, ids);
      });
      await rename(store, renamed);
    }),
    await eachSqlStore(workspace, (store) =>
      each(async (dataset, ids) => {
        if (store.target.startsWith('pglite:')) setStamp(path.join(workspace, 'stores/sql'), dataset, null);
        sql += await eraseFromSql(store, dataset, ids);
      }),
    ),
  ];
  return { raw, sql, isRawDone: failures[0] === undefined, failures: failures.filter((failure) => failure !== undefined) };
}
