import { existsSync } from 'node:fs';
import path from 'node:path';
import { readStamps } from './stamp.ts';
import type { Stamp } from './stamp.ts';

interface Question {
  readonly workspace: string;
  readonly receipt: Stamp;
}

/** The SQL store as it is now, by its stamp: the database itself stays closed. Null where it is gone or a write was cut. */
export async function check({ workspace, receipt }: Question): Promise<Stamp | null> {
  const folder = path.join(workspace, 'stores', 'sql');
  if (!existsSync(path.join(folder, 'data', 'PG_VERSION'))) return null;
  return Object.values(readStamps(folder)).find(({ target }) => target === receipt.target) ?? null;
}
