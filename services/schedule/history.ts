import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../../records/atomic.ts';
import { historyFile } from './state.ts';

/** A line of `.repro/schedule/history.jsonl`: a run that the scheduler began, with what was said when it was asked for. */
export const ScheduledRun = z.object({ at: z.string(), cause: z.string(), reason: z.string().default(''), attempt: z.number().int(), outcome: z.string(), seconds: z.number(), run: z.string().nullable() });
export type ScheduledRun = z.infer<typeof ScheduledRun>;

const LINES_MAX = 2000;

function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter((line) => line !== '') : [];
}

export function remember(workspace: string, run: ScheduledRun): void {
  const file = historyFile(workspace);
  mkdirSync(path.dirname(file), { recursive: true });
  const lines = linesOf(file);
  if (lines.length >= LINES_MAX) writeAtomic(file, `${lines.slice(-LINES_MAX / 2).join('\n')}\n`);
  appendFileSync(file, `${JSON.stringify(run)}\n`);
}

/** The newest ones, newest first; a line that was cut is left out. */
export function readHistory(workspace: string, count: number): readonly ScheduledRun[] {
  const parse = (line: string): readonly ScheduledRun[] => {
    try {
      return [ScheduledRun.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  };
  return linesOf(historyFile(workspace)).slice(-count).toReversed().flatMap(parse);
}
