import type { StoreFailure } from '../failure.ts';

/** Result codes of SQLite (https://www.sqlite.org/rescode.html), the lower eight bits. */
const CODES: Readonly<Record<number, StoreFailure['kind']>> = { 5: 'busy', 6: 'busy', 8: 'denied', 3: 'denied', 23: 'denied', 13: 'full', 10: 'broken', 11: 'broken', 14: 'broken', 26: 'broken' };
const FILES: Readonly<Record<string, StoreFailure['kind']>> = { ENOSPC: 'full', EDQUOT: 'full', EACCES: 'denied', EPERM: 'denied', EROFS: 'denied', EIO: 'broken', ENOTDIR: 'broken', EEXIST: 'broken' };

/** What the world did to an embedded store; undefined for a bug. */
export function embeddedFailure(target: string, error: unknown): StoreFailure | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const sqlite = error.code === 'ERR_SQLITE_ERROR' && 'errcode' in error ? CODES[Number(error.errcode) & 0xff] : undefined;
  const kind = sqlite ?? FILES[String(error.code)];
  return kind === undefined ? undefined : { kind, target, why: error.message };
}
