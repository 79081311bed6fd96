import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { takeExclusive } from '../records/exclusive.ts';

/** `pid`: of the holder, as far as it said; else 0. */
export type Locked = { readonly ok: true; release(): void } | { readonly ok: false; readonly pid: number };

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
 * One holder at a time, in this process or another (records/exclusive.ts). PGlite lets two processes open one folder and corrupt
 * it without a word, so this stands outside of that folder. The lock is that of `file`.db; `file` itself names the holder, for
 * messages alone.
 */
export function lockFile(file: string): Locked {
  const held = takeExclusive(DatabaseSync, `${file}.db`);
  if (held === null) return { ok: false, pid: pidIn(file) };
  let isHeld = true;
  try {
    writeFileSync(file, String(process.pid));
  } catch (error) {
    held.release();
    throw error;
  }
  return {
    ok: true,
    release() {
      if (!isHeld) return;
      isHeld = false;
      // Before the lock goes: what the next holder writes here is its own.
      rmSync(file, { force: true });
      held.release();
    },
  };
}
