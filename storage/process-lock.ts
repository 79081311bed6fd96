import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** `pid`: of the holder, as far as it said; else 0. */
export type Locked = { readonly ok: true; release(): void } | { readonly ok: false; readonly pid: number };

/** The primary code of SQLITE_BUSY: somebody else has it. */
const BUSY = 5;

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === BUSY;

function pidIn(file: string): number {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    return Number.isInteger(pid) && pid > 0 ? pid : 0;
  } catch {
    // Not written yet, or just let go: the lock itself is the database's, this only says whose it is.
    return 0;
  }
}

/**
 * One holder at a time, in this process or another. PGlite lets two processes open one folder and corrupt it without a word,
 * so this stands outside of that folder. It is an exclusive transaction of SQLite on `file`.db, hence a lock of the operating
 * system: the kernel frees it when its holder dies, however it dies, and there is never a stale one to judge or to take over.
 * `file` itself names the holder, for messages alone.
 */
export function lockFile(file: string): Locked {
  const folder = path.dirname(file);
  mkdirSync(folder, { recursive: true });
  // Says EACCES or EROFS with the path, where SQLite would only say that it cannot.
  accessSync(folder, constants.W_OK);
  const database = new DatabaseSync(`${file}.db`, { timeout: 0 });
  try {
    database.exec('begin exclusive');
    writeFileSync(file, String(process.pid));
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    return { ok: false, pid: pidIn(file) };
  }
  return {
    ok: true,
    release() {
      if (!database.isOpen) return;
      // Before the lock goes: what the next holder writes here is its own.
      rmSync(file, { force: true });
      database.close();
    },
  };
}
