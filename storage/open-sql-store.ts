import type { Attempt } from './failure.ts';
import type { SqlStore } from './sql-store.ts';

export interface SqlPlace {
  /** Of the embedded store: `stores/sql` of the workspace. */
  readonly folder: string;
  /** DATABASE_URL: of a server, used instead of the embedded store where it is given. */
  readonly url: string | undefined;
}

/** The SQL store of a workspace: the server's where its address is given, else the embedded one. Neither loads the other. */
export async function openSqlStore({ folder, url }: SqlPlace): Promise<Attempt<SqlStore>> {
  if (url === undefined || url.trim() === '') {
    const { openEmbeddedSqlStore } = await import('./embedded-sql-store.ts');
    return openEmbeddedSqlStore(folder);
  }
  const { openPostgresSqlStore } = await import('./postgres-sql-store.ts');
  return openPostgresSqlStore(url);
}
