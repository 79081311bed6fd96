import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../../records/atomic.ts';

/** What the scheduler tells of itself, in `.repro/schedule/state.json`: read by the exporter, the API and its own next start. */
export const ScheduleState = z.object({
  pid: z.number().int().nullable(),
  /** It says so every few seconds: a scheduler that is silent is gone. One that was stopped has no pid. */
  aliveAt: z.string().nullable(),
  /** When the first scheduler of this workspace began: a run is overdue from then on, also where none ever ended well. */
  since: z.string().nullable().default(null),
  /** Of the last run that it began, by whatever cause. */
  lastStart: z.string().nullable(),
  /** When a run last ended well; one with nothing to do counts. */
  lastDone: z.string().nullable(),
  next: z.string().nullable(),
  /** Why the next one begins, and which try of it that is: a restart goes on where it was. */
  cause: z.string().default('time'),
  attempt: z.number().int().default(1),
  /** What was said when the run that is tried again was asked for. */
  reason: z.string().default(''),
  /** Also true in the state that a scheduler left which was stopped or killed in the middle of a run. */
  running: z.boolean(),
  paused: z.boolean(),
  failures: z.number().int(),
  triggers: z.record(z.string(), z.number().int()),
});
export type ScheduleState = z.infer<typeof ScheduleState>;

export const EMPTY: ScheduleState = { pid: null, aliveAt: null, since: null, lastStart: null, lastDone: null, next: null, cause: 'time', attempt: 1, reason: '', running: false, paused: false, failures: 0, triggers: {} };
/** Twice the beat and some: a machine under load is late. */
export const SILENT_MS = 30_000;
export const BEAT_MS = 5000;

export const scheduleFolder = (workspace: string): string => path.join(workspace, '.repro', 'schedule');
export const stateFile = (workspace: string): string => path.join(scheduleFolder(workspace), 'state.json');
export const requestFile = (workspace: string): string => path.join(scheduleFolder(workspace), 'request.json');
export const pauseFile = (workspace: string): string => path.join(scheduleFolder(workspace), 'paused');
export const historyFile = (workspace: string): string => path.join(scheduleFolder(workspace), 'history.jsonl');

/** A state that is absent or cut begins anew: it is a memory, the truth is in the records of the runs. */
export function readState(workspace: string): ScheduleState {
  try {
    const parsed = ScheduleState.safeParse(JSON.parse(readFileSync(stateFile(workspace), 'utf8')));
    return parsed.success ? parsed.data : EMPTY;
  } catch {
    return EMPTY;
  }
}

export function writeState(workspace: string, state: ScheduleState): void {
  mkdirSync(scheduleFolder(workspace), { recursive: true });
  writeAtomic(stateFile(workspace), `${JSON.stringify(state)}\n`);
}

/** One that lived in the future says nothing of now: the clock was set back since. A beat ahead may be the clock of another machine. */
export function saidLately({ pid, aliveAt }: ScheduleState, now: Date): boolean {
  const agoMs = pid === null || aliveAt === null ? NaN : now.getTime() - Date.parse(aliveAt);
  return agoMs > -BEAT_MS && agoMs < SILENT_MS;
}

/**
 * What a scheduler leaves that is stopped in order: when it last lived stays, so that the team is told where no other one takes its
 * place. One that is paused misses no run, and is let go without a word.
 */
export function stoppedState(state: ScheduleState): ScheduleState {
  return { ...state, pid: null, aliveAt: state.paused ? null : state.aliveAt };
}

/** A pause outlives restarts: it lasts until somebody resumes. */
export function setPaused(workspace: string, paused: boolean): void {
  mkdirSync(scheduleFolder(workspace), { recursive: true });
  if (paused) writeFileSync(pauseFile(workspace), '');
  else rmSync(pauseFile(workspace), { force: true });
}
