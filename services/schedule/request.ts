import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { isAlive } from './alone.ts';
import { readState, requestFile } from './state.ts';

export const RunRequest = z.object({ source: z.enum(['command', 'api']), reason: z.string(), at: z.string() });
export type RunRequest = z.infer<typeof RunRequest>;

const REASON_MAX = 200;
/** Of whoever asked: in one line, so that it forges none of ours, without what steers a terminal, and not too long. */
const shown = (reason: string): string => [...reason.replaceAll(/[\p{C}\s]+/gu, ' ').trim()].slice(0, REASON_MAX).join('');

export type Asked = 'taken' | 'busy' | 'no-scheduler';

/**
 * Asks the scheduler for a run. The two meet on a file in the workspace, which is the one place that a command, the server and
 * the scheduler share in every set-up; made exclusively, so that two who ask at once ask for one run.
 */
export function requestRun(workspace: string, { source, reason, now }: { readonly source: RunRequest['source']; readonly reason: string; readonly now: Date }): Asked {
  const state = readState(workspace);
  if (!isAlive(workspace, state, now)) return 'no-scheduler';
  if (state.running) return 'busy';
  try {
    writeFileSync(requestFile(workspace), JSON.stringify({ source, reason, at: now.toISOString() } satisfies RunRequest), { flag: 'wx' });
    return 'taken';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return 'busy';
    throw error;
  }
}

/** Takes the request away, if there is one. One that cannot be read counts all the same: somebody asked. */
export function takeRequest(workspace: string): RunRequest | null {
  let text: string;
  try {
    text = readFileSync(requestFile(workspace), 'utf8');
  } catch {
    return null;
  }
  rmSync(requestFile(workspace), { force: true });
  try {
    const request = RunRequest.parse(JSON.parse(text));
    return { ...request, reason: shown(request.reason) };
  } catch {
    return { source: 'command', reason: '', at: '' };
  }
}
