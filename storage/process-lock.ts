import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export type Locked = { readonly ok: true; release(): void } | { readonly ok: false; readonly pid: number };

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * A lock file with the pid of its holder, made exclusively. PGlite lets two processes open one folder and corrupt it without a
 * word, so this stands outside of that folder. The lock of a process that is gone is taken over.
 */
export function lockFile(file: string): Locked {
  mkdirSync(path.dirname(file), { recursive: true });
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return { ok: true, release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const pid = Number(readFileSync(file, 'utf8').trim());
      if (pid > 0 && pid !== process.pid && alive(pid)) return { ok: false, pid };
      rmSync(file, { force: true });
    }
  }
  return { ok: false, pid: 0 };
}
