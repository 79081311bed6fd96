import { accessSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

/** What holds a lock; it is kept from the collector of garbage, which would close it, for as long as nobody lets go. */
export interface Exclusive {
  /** Letting go twice lets go of nothing that another one holds. */
  release(): void;
}

/** The primary code of SQLITE_BUSY. */
const BUSY = 5;

/** Whether another connection has what was wanted, of this process or of another one. */
export const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === BUSY;

const held = new Set<DatabaseSync>();

/**
 * Says EACCES or ENOSPC with the path, where SQLite would only say that it cannot. A file that is there already is not opened
 * here: as it is closed again, the system would take back every lock that this process has on it.
 */
function makeSure(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  try {
    closeSync(openSync(file, 'wx'));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    accessSync(file, constants.W_OK);
  }
}

/**
 * Takes a lock that nobody else has, at once or not at all: null. It is an exclusive transaction of SQLite on an empty file, hence
 * a lock of the operating system: the kernel frees it when its holder dies, however it dies, in whatever container, and there is
 * never a stale one to judge or to take over. Throws what the system says of the file. The file must not be opened and closed by
 * other means in a process that may hold it. `Database` is node:sqlite's, which not every process may load. Where others ask of the
 * lock (isTaken), `waitMs` is for them.
 */
export function takeExclusive(Database: typeof DatabaseSync, file: string, { waitMs = 0 }: { readonly waitMs?: number } = {}): Exclusive | null {
  makeSure(file);
  const database = new Database(file, { timeout: waitMs });
  try {
    // Its journal would be a file more, which a full disk could refuse.
    database.exec('pragma journal_mode=memory; begin exclusive');
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
  held.add(database);
  return {
    release() {
      held.delete(database);
      if (database.isOpen) database.close();
    },
  };
}

/**
 * Whether anybody has the lock, of this process or of another one; null where the system does not say: there is no such file, or it
 * may not be read. Nothing is made by asking, and many may ask at once; but it is a lock of its own for an instant, which whoever takes
 * the real one meanwhile has to wait for. Throws nothing.
 */
export function isTaken(Database: typeof DatabaseSync, file: string): boolean | null {
  let database: DatabaseSync | undefined;
  try {
    database = new Database(file, { readOnly: true, timeout: 0 });
    database.exec('pragma schema_version');
    return false;
  } catch (error) {
    return isBusy(error) ? true : null;
  } finally {
    database?.close();
  }
}
