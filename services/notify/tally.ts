import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../../records/atomic.ts';

/** How many notifications went where, for the exporter: `.repro/alerts/tally.json`. */
export const NotifyTally = z.record(z.string(), z.number().int());
export type NotifyTally = z.infer<typeof NotifyTally>;

export const tallyFile = (workspace: string): string => path.join(workspace, '.repro', 'alerts', 'tally.json');

/** Never throws: where the disk is full a count is lost, and no message with it. */
export function addToTally(workspace: string, counts: NotifyTally): void {
  const file = tallyFile(workspace);
  let before: NotifyTally = {};
  try {
    before = NotifyTally.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // The first one, or cut: counting begins anew, which a counter of Prometheus survives.
    before = {};
  }
  const sum = { ...before };
  for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeAtomic(file, JSON.stringify(sum));
  } catch {
    // Whoever looks at the free disk is told of the cause; Prometheus sees a counter that stands still.
  }
}
