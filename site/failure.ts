/** Codes of a disk, or of a share of it, that is used up; also as those write them who hand on no code (rolldown: "No space left on device (os error 28)"). */
const FULL = /\b(ENOSPC|EDQUOT)\b|no space left on device|disk quota exceeded|os error (28|122)\b/i;

/** Whether something failed since the disk is full, however deep in what it was wrapped in. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return FULL.test(`${code ?? ''} ${error.message}`) || isDiskFull(error.cause) || (error instanceof AggregateError && error.errors.some(isDiskFull));
}
