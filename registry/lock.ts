import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeExclusive } from '../records/exclusive.ts';
import { attempt, errorCode, refused } from './failure.ts';
import type { Attempt, Refused } from './failure.ts';

const POLL_MS = 10;
/** What is done under the lock takes milliseconds: whoever waits so long waits for a process that was stopped. */
const WAIT_MS = 10_000;
/** Nobody looks at a terminal while a stage of a run waits. */
export const RUN_WAIT_MS = 60_000;

export type Locked = { readonly ok: true; release(): void } | Refused;

/**
 * Waits for a lock (records/exclusive.ts) that another process may have. The wait is asynchronous, since a server waits too, and
 * measured by a clock that nobody sets. node:sqlite is loaded here, since most stages that read the registry may not have it.
 */
export async function takeLock(file: string, { workspace, waitMs = WAIT_MS }: { readonly workspace: string; readonly waitMs?: number | undefined }): Promise<Locked> {
  const { DatabaseSync } = await import('node:sqlite');
  const shown = path.relative(workspace, file);
  const end = performance.now() + waitMs;
  try {
    for (;;) {
      const held = takeExclusive(DatabaseSync, file);
      if (held !== null) return { ok: true, release: () => held.release() };
      if (performance.now() >= end) return { ok: false, failure: { kind: 'busy', file: shown, seconds: Math.ceil(waitMs / 1000) } };
      await sleep(Math.min(POLL_MS, Math.max(1, end - performance.now())));
    }
  } catch (error) {
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
