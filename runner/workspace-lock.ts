import { accessSync, constants, existsSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, readJson } from './disk.ts';
import type { Disk } from './disk.ts';

/** Who holds the lock, as far as it said. Only for messages: the lock itself is the database's. */
export interface Holder {
  readonly pid: number | undefined;
  readonly since: string | undefined;
}

export type LockResult = { readonly kind: 'held'; readonly waited: boolean; readonly release: () => void } | { readonly kind: 'busy'; readonly holder: Holder } | { readonly kind: 'aborted' };

export interface LockOptions {
  readonly workspace: string;
  readonly disk: Disk;
  /** ISO 8601, told to whoever waits. */
  readonly now: string;
  readonly wait: boolean;
  readonly onWait: (holder: Holder) => void;
  readonly signal: AbortSignal;
}

const POLL_MS = 100;

function readHolder(file: string): Holder {
  const value = readJson(file);
  if (value === null || typeof value !== 'object' || !('pid' in value)) return { pid: undefined, since: undefined };
  const since = 'since' in value && typeof value.since === 'string' ? value.since : undefined;
  return { pid: typeof value.pid === 'number' ? value.pid : undefined, since };
}

/** SQLITE_BUSY and SQLITE_LOCKED: somebody else has it. */
function isBusy(error: unknown): boolean {
  return errorCode(error) === 'ERR_SQLITE_ERROR' && error instanceof Error && /locked|busy/i.test(error.message);
}

/**
 * One run at a time in a workspace. The lock is an exclusive SQLite transaction, which is a lock of the operating system on
 * the file: the kernel frees it when its holder dies, however it dies, so there is never a stale one to remove by hand.
 * node:sqlite is loaded here, since a run with nothing to do needs no lock.
 */
export async function lockWorkspace(options: LockOptions): Promise<LockResult> {
  const { DatabaseSync } = await import('node:sqlite');
  const folder = path.join(options.workspace, '.repro');
  const holderFile = path.join(folder, 'lock.json');
  await options.disk.makeFolder(folder);
  // Says EACCES or EROFS with the path, where SQLite would only say that it cannot.
  accessSync(folder, constants.W_OK);
  const ignore = path.join(folder, '.gitignore');
  if (!existsSync(ignore)) await options.disk.write(ignore, '*\n', { fsync: false });
  const database = new DatabaseSync(path.join(folder, 'lock.db'));
  let waited = false;
  while (!options.signal.aborted) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      await options.disk.write(holderFile, JSON.stringify({ pid: process.pid, since: options.now, host: hostname() }), { fsync: false });
      return { kind: 'held', waited, release: () => database.close() };
    } catch (error) {
      if (!isBusy(error)) {
        database.close();
        throw error;
      }
    }
    const holder = readHolder(holderFile);
    if (!options.wait) {
      database.close();
      return { kind: 'busy', holder };
    }
    if (!waited) options.onWait(holder);
    waited = true;
    await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
  database.close();
  return { kind: 'aborted' };
}

/** Who works in the workspace at this moment, undefined where nobody does: asked without taking it. */
export async function holderNow(workspace: string): Promise<Holder | undefined> {
  const folder = path.join(workspace, '.repro');
  if (!existsSync(path.join(folder, 'lock.db'))) return undefined;
  const { DatabaseSync } = await import('node:sqlite');
  let database: InstanceType<typeof DatabaseSync> | undefined;
  try {
    database = new DatabaseSync(path.join(folder, 'lock.db'), { readOnly: true });
    database.prepare('select 1 from sqlite_master').get();
    return undefined;
  } catch (error) {
    // Whoever may not even read it is told nothing of who works there.
    return isBusy(error) ? readHolder(path.join(folder, 'lock.json')) : undefined;
  } finally {
    database?.close();
  }
}
