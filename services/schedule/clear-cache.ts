import { execFile } from 'node:child_process';
import path from 'node:path';
import type { Logger } from '../log.ts';
import type { Roots } from '../settings.ts';
import { wording } from '../wording.ts';

/**
 * After a run: what is in the cache beyond `keep` goes, or four runs a day fill every disk in the end. By the command that people type,
 * which waits for nobody: where somebody works in the workspace the next run is early enough.
 */
export function clearCache({ roots, keep, log }: { readonly roots: Roots; readonly keep: string; readonly log: Logger }): Promise<void> {
  const args = [path.join(roots.code, 'runner', 'repro.js'), 'gc', '--workspace', roots.workspace, '--keep', keep, '--no-wait', '--json'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: roots.code }, (error, stdout, stderr) => {
      const said = /^\{"event":"gc".*\}$/m.exec(stdout)?.[0];
      if (said === undefined) log.warn(wording.cacheStays(stderr.trim().split('\n')[0] || (error?.message ?? '')));
      else {
        const { results, bytes, keptBytes } = JSON.parse(said) as { readonly results: number; readonly bytes: number; readonly keptBytes: number };
        if (results > 0) log.info({ results, bytes, keptBytes }, wording.cacheCleared(results));
      }
      resolve();
    });
  });
}
