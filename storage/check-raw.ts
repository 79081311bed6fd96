import path from 'node:path';
import { markIn } from './embedded/raw-mark.ts';
import { readStamps } from './stamp.ts';
import type { Stamp } from './stamp.ts';

interface Question {
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly receipt: Stamp;
}

/**
 * The raw store as it is now. The embedded one by its stamp and the mark in the header of its file: the database itself stays closed.
 * A server by one query for its stamp and its count. Null where it is gone, emptied or another one, or a write was cut.
 */
export async function check({ workspace, env, receipt }: Question): Promise<Stamp | null> {
  const uri = env.MONGODB_URI ?? '';
  if (uri.trim() !== '') {
    const { askMongo } = await import('./mongo/ask.ts');
    return askMongo(uri, receipt.target.slice(receipt.target.indexOf('#') + 1));
  }
  const folder = path.join(workspace, 'stores', 'raw');
  const stamp = Object.values(readStamps(folder)).find(({ target }) => target === receipt.target);
  const mark = markIn(path.join(folder, 'reviews.db'));
  // A stamp without a mark is of an earlier version.
  if (stamp === undefined || mark === null || (stamp.mark ?? mark) !== mark) return null;
  return { target: stamp.target, rows: stamp.rows, checksum: stamp.checksum };
}
