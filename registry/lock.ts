import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt, errorCode, refused } from './failure.ts';
import type { Attempt, Refused } from './failure.ts';

const POLL_MS = 10;
/** What is done under the lock takes milliseconds: whoever waits so long waits for a process that was stopped. */
const WAIT_MS = 10_000;
/** Nobody looks at a terminal while a stage of a run waits. */
export const RUN_WAIT_MS = 60_000;

export type Locked = { readonly ok: true; release(): void } | Refused;

/** SQLITE_BUSY: another connection has it, of this process or of another one. */
function isBusy(error: unknown): boolean {
  return errorCode(error) === 'ERR_SQLITE_ERROR' && (error as { readonly errcode?: unknown }).errcode === 5;
}

/**
 * Says EACCES or ENOSPC with the path, where SQLite would only say that it cannot. A file that is there already is not opened
 * here: as it is closed again, the system would take back every lock that this process has on it.
 */
function makeSure(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  try {
    closeSync(openSync(file, 'wx'));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/**
 * Takes a lock that nobody else has: an exclusive SQLite transaction on an empty file, which is a lock of the operating system.
 * The kernel frees it when its holder dies, however it dies, in whatever container. The wait is asynchronous, and measured by a
 * clock that nobody sets. node:sqlite is loaded here, since most stages that read the registry may not have it.
 */
export async function takeLock(file: string, { workspace, waitMs = WAIT_MS }: { readonly workspace: string; readonly waitMs?: number | undefined }): Promise<Locked> {
  const { DatabaseSync } = await import('node:sqlite');
  const shown = path.relative(workspace, file);
  const end = performance.now() + waitMs;
  let database: InstanceType<typeof DatabaseSync> | undefined;
  try {
    makeSure(file);
    database = new DatabaseSync(file);
    for (;;) {
      try {
        // Its journal would be a file more, which a full disk could refuse.
        database.exec('PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE');
        const held = database;
        return { ok: true, release: () => held.close() };
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
      if (performance.now() >= end) break;
      await sleep(Math.min(POLL_MS, Math.max(1, end - performance.now())));
    }
    database.close();
    return { ok: false, failure: { kind: 'busy', file: shown, seconds: Math.ceil(waitMs / 1000) } };
  } catch (error) {
    database?.close();
    if (errorCode(error) === 'ERR_SQLITE_ERROR') return { ok: false, failure: { kind: 'no-lock', file: shown, why: (error as Error).message } };
    return refused(error, workspace);
  }
}

/**
 * Runs `work` while nobody else changes the registry or the pointer of the releases: a run that promotes or publishes and a
 * person who rolls back change the same files, and neither may undo the other. The lock lies in `models`, where the sealed
 * stage `promote` may write.
 */
export async function withRegistryLock<T>(models: string, work: () => Attempt<T> | Promise<Attempt<T>>, { waitMs }: { readonly waitMs?: number | undefined } = {}): Promise<Attempt<T>> {
  const workspace = path.dirname(models);
  const lock = await takeLock(path.join(models, '.lock.db'), { workspace, waitMs });
  if (!lock.ok) return lock;
  try {
    return await attempt(workspace, work);
  } finally {
    lock.release();
  }
}
