import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Replaces a small file whole: a reader sees the old one or the new one. Written here because sealed stages may not fsync,
 * without which write-file-atomic does not work, and because a short write on a full disk must fail before the rename. The
 * temporary name is a random one: processes in different containers may have the same number.
 */
export function writeAtomic(file: string, text: string): void {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
