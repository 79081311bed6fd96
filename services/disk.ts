import type { Logger } from './log.ts';
import { wording } from './wording.ts';

const RIGHT = { why: wording.noRight, meanwhile: wording.noRightNow, code: 2 } as const;
const FULL = { why: wording.diskFull, meanwhile: wording.diskFullNow, code: 1 } as const;
/** Why a disk or a folder cannot be used: what the system says, what to do (also where a service goes on meanwhile), and whether another try may help (1) or not (2). */
const CAUSES: Readonly<Record<string, { readonly why: string; readonly meanwhile: string; readonly code: 1 | 2 }>> = {
  EACCES: RIGHT, EPERM: RIGHT, EROFS: { why: wording.readOnly, meanwhile: wording.readOnlyNow, code: 2 }, ENOTDIR: { why: wording.noFolder, meanwhile: wording.noFolderNow, code: 2 },
  ENOSPC: FULL, EDQUOT: FULL,
};
/** Calls of the system that are about no file. */
const ELSEWHERE = /^(connect|listen|bind|accept|getaddrinfo|kill|spawn.*)$/;

/** An error of the file system that a person has to mend, as a sentence and an exit code; undefined where it is another one. */
export function diskProblem(error: unknown): { readonly sentence: string; readonly why: string; readonly code: 1 | 2 } | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', path, syscall = '' } = error as NodeJS.ErrnoException;
  const cause = Object.hasOwn(CAUSES, code) && !ELSEWHERE.test(syscall) ? CAUSES[code] : undefined;
  if (cause === undefined) return undefined;
  const where = path ?? wording.theDisk;
  return { sentence: wording.unusable(where, cause.why), why: wording.unusable(where, cause.meanwhile), code: cause.code };
}

/** What goes wrong while a service goes on: a sentence where a person has to mend the disk, and the whole error where it is a bug. */
export function logTrouble(log: Logger, error: unknown, what: string): void {
  const disk = diskProblem(error);
  if (disk === undefined) log.error({ err: error }, what);
  else log.error(wording.trouble(what, disk.why));
}
