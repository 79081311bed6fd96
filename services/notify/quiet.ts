import { hash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../../records/atomic.ts';

/** Until when the receiver asked to be left alone: `.repro/alerts/quiet.json`, since hooks and scheduler are processes of their own. */
const Quiet = z.object({ until: z.string(), of: z.string() });
/** Nobody is heeded for longer, nor is a moment that a clock told which was set back since. */
const QUIET_MAX_MS = 3_600_000;

/** The receiver without its address, which may be a secret: one at another address asked for nothing. */
const nameOf = (url: string): string => hash('sha256', url, 'hex').slice(0, 16);
const quietFile = (workspace: string): string => path.join(workspace, '.repro', 'alerts', 'quiet.json');

/** Never throws: on a full disk the receiver is asked too early, and says so once more. */
export function keepQuiet(workspace: string, { url, now, forMs }: { readonly url: string; readonly now: Date; readonly forMs: number }): void {
  const file = quietFile(workspace);
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeAtomic(file, JSON.stringify({ until: new Date(now.getTime() + Math.min(forMs, QUIET_MAX_MS)).toISOString(), of: nameOf(url) }));
  } catch {
    // As above.
  }
}

export function isQuiet(workspace: string, { url, now }: { readonly url: string; readonly now: Date }): boolean {
  try {
    const { until, of } = Quiet.parse(JSON.parse(readFileSync(quietFile(workspace), 'utf8')));
    const leftMs = Date.parse(until) - now.getTime();
    return of === nameOf(url) && leftMs > 0 && leftMs <= QUIET_MAX_MS;
  } catch {
    // It asked for nothing, or what it asked for was cut.
    return false;
  }
}
