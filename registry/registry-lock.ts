import { closeSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const POLL_MS = 5;
/** A change takes milliseconds: a lock that is older is of a process that was killed in the middle. */
const STALE_MS = 5000;

function isHeld(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

function ageMs(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    // It went in the meantime: the next try takes it.
    return 0;
  }
}

/**
 * Runs `work` while nobody else changes the registry: a pipeline that promotes and a person who rolls back read and write the
 * same file, and neither may undo the other. Synchronous, since a sealed stage and a server both take it for a moment only.
 */
export function withRegistryLock<T>(models: string, work: () => T): T {
  mkdirSync(models, { recursive: true });
  const file = path.join(models, 'registry.lock');
  for (;;) {
    try {
      closeSync(openSync(file, 'wx'));
      break;
    } catch (error) {
      if (!isHeld(error)) throw error;
      if (ageMs(file) > STALE_MS) rmSync(file, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
    }
  }
  try {
    return work();
  } finally {
    rmSync(file, { force: true });
  }
}
