import path from 'node:path';
import { errorCode } from './disk.ts';
import type { Problem } from './model.ts';
import { wording } from './wording.ts';

function fileOf(error: Error): string {
  const named = [...('dest' in error ? [error.dest] : []), ...('path' in error ? [error.path] : [])].find((value) => typeof value === 'string');
  return typeof named === 'string' ? named : 'the workspace';
}

/**
 * What the system said about one of our own reads or writes, as a problem with a remedy; undefined for an error that is a
 * bug of ours and must stay loud.
 */
export function problemOfDisk(error: unknown, workspace: string): Problem | undefined {
  const code = errorCode(error);
  // Of all of SQLite we use the lock alone: what it complains of is the file.
  if (error instanceof Error && code === 'ERR_SQLITE_ERROR') return { kind: 'disk', message: wording.diskError('.repro/lock.db', error.message), hint: wording.diskErrorHint() };
  if (!(error instanceof Error) || code === undefined || !('syscall' in error || code === 'ENOSPC')) return undefined;
  const relative = path.relative(workspace, fileOf(error));
  const file = relative.startsWith('..') || relative === '' ? fileOf(error) : relative;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return { kind: 'disk-full', message: wording.diskFull(file), hint: wording.diskFullHint() };
    case 'EACCES':
    case 'EPERM':
      return { kind: 'no-permission', message: wording.notPermitted(file), hint: wording.notPermittedHint() };
    case 'EROFS':
      return { kind: 'read-only', message: wording.readOnly(file), hint: wording.readOnlyHint() };
    default:
      return { kind: 'disk', message: wording.diskError(file, error.message), hint: wording.diskErrorHint() };
  }
}
