import { existsSync, lstatSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Leads a link elsewhere in one step. */
export function point(link: string, version: string): void {
  const next = `${link}.next`;
  rmSync(next, { force: true });
  symlinkSync(version, next);
  renameSync(next, link);
}

export function isVersionLink(link: string): boolean {
  try {
    return lstatSync(link).isSymbolicLink() && existsSync(link);
  } catch {
    return false;
  }
}

export type LinkLock = { readonly kind: 'held'; release(): void } | { readonly kind: 'busy' } | { readonly kind: 'denied'; readonly why: string };

/**
 * One deployment of a link at a time. The lock is an exclusive transaction on a file beside it, which is a lock of the operating
 * system: the kernel frees it when its holder dies, however it dies.
 */
export function lockLink(link: string): LinkLock {
  try {
    const database = new DatabaseSync(`${link}.lock`);
    try {
      database.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      throw error;
    }
    return { kind: 'held', release: () => database.close() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return /locked|busy/i.test(why) ? { kind: 'busy' } : { kind: 'denied', why };
  }
}

/**
 * Beside the link stand, as long as a deployment is under way, the version that was there before it and the one that it tries. A
 * deployment that is killed leaves them: what it tried was never seen well, and must not become the version to go back to.
 */
const beforeOf = (link: string): string => `${link}.before`;
const tryingOf = (link: string): string => `${link}.trying`;

export function remember(link: string, { before, trying }: { readonly before: string; readonly trying: string }): void {
  point(tryingOf(link), trying);
  point(beforeOf(link), before);
}

export function forget(link: string): void {
  rmSync(beforeOf(link), { force: true });
  rmSync(tryingOf(link), { force: true });
}

/** The version that was last seen well, and whether a deployment after it was cut off. Where somebody led the link elsewhere by hand since, that counts. */
export function lastGood(link: string): { readonly version: string; readonly cut: boolean } {
  const now = realpathSync(link);
  const [before, trying] = [beforeOf(link), tryingOf(link)].map((file) => (existsSync(file) ? realpathSync(file) : undefined));
  return before === undefined || trying !== now || before === now ? { version: now, cut: false } : { version: before, cut: true };
}
