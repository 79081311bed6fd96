import type { Logger } from './log.ts';
import { wording } from './wording.ts';

/** Why a disk or a folder cannot be used: what the system says, what to do, and whether another try may help (1) or not (2). */
const CAUSES: Readonly<Record<string, { readonly why: string; readonly code: 1 | 2 }>> = {
  EACCES: { why: wording.noRight, code: 2 }, EPERM: { why: wording.noRight, code: 2 }, EROFS: { why: wording.readOnly, code: 2 }, ENOTDIR: { why: wording.noFolder, code: 2 },
  ENOSPC: { why: wording.diskFull, code: 1 }, EDQUOT: { why: wording.diskFull, code: 1 },
};
/** Calls of the system that are about no file. */
const ELSEWHERE = /^(connect|listen|bind|accept|getaddrinfo|kill|spawn.*)$/;

/** An error of the file system that a person has to mend, as a sentence and an exit code; undefined where it is another one. */
export function diskProblem(error: unknown): { readonly sentence: string; readonly code: 1 | 2 } | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', path, syscall = '' } = error as NodeJS.ErrnoException;
  const cause = Object.hasOwn(CAUSES, code) && !ELSEWHERE.test(syscall) ? CAUSES[code] : undefined;
  return cause === undefined ? undefined : { sentence: wording.unusable(path ?? wording.theDisk, cause.why), code: cause.code };
}

/** What goes wrong while a service goes on: a sentence where a person has to mend the disk, and the whole error where it is a bug. */
export function logTrouble(log: Logger, error: unknown, what: string): void {
  const disk = diskProblem(error);
  if (disk === undefined) log.error({ err: error }, what);
  else log.error(wording.trouble(what, disk.sentence));
}
