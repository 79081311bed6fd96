import { existsSync } from 'node:fs';
import path from 'node:path';
import { readStamps } from './stamp.ts';
import type { Stamp } from './stamp.ts';

interface Question {
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly receipt: Stamp;
}

/**
 * The SQL store as it is now. The embedded one by its stamp: the database itself stays closed. A server by one query for its
 * receipt and its count. Null where it is gone, emptied, or a write was cut.
 */
export async function check({ workspace, env, receipt }: Question): Promise<Stamp | null> {
  const url = env.DATABASE_URL ?? '';
  if (url.trim() !== '') {
    const { askPostgres } = await import('./sql/ask.ts');
    return askPostgres(url, receipt.target.slice(receipt.target.indexOf('#') + 1));
  }
  const folder = path.join(workspace, 'stores', 'sql');
  if (!existsSync(path.join(folder, 'data', 'PG_VERSION'))) return null;
  return Object.values(readStamps(folder)).find(({ target }) => target === receipt.target) ?? null;
}
