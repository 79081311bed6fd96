import path from 'node:path';
import { listFolder, readJson } from './disk.ts';
import type { Disk } from './disk.ts';
import type { Facts, Problem, Reason, StageEvent, StageState } from './model.ts';

/** How one stage fared in a run. */
export interface StageReport {
  readonly name: string;
  readonly state: StageState | 'pending';
  readonly reasons: readonly Reason[];
  /** How long it took in this run, restoring included. */
  readonly seconds: number;
  /** How long it took when it really ran, where that was not needed. */
  readonly secondsSaved: number;
  /** Captured output, relative to the workspace. */
  readonly log: string | null;
  readonly facts: Facts;
  readonly headline: string | null;
  readonly problem: Problem | null;
  readonly events: readonly StageEvent[];
  /** Whether it failed, came back from a failure, or made something else than before. */
  readonly changed: boolean;
}

export type RunOutcome = 'running' | 'done' | 'failed' | 'interrupted';

/** What one run did: written at its start, after every stage and at its end. A run that had nothing to do leaves none. */
export interface RunRecord {
  readonly version: 1;
  /** UTC timestamp and a suffix: the order of names is the order of time. */
  readonly id: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly command: readonly string[];
  readonly overrides: readonly string[];
  readonly outcome: RunOutcome;
  readonly seconds: number;
  readonly secondsSaved: number;
  /** The one clock of the stages of this run. */
  readonly asOf: string;
  readonly stages: readonly StageReport[];
}

const RUNS_MAX = 200;

export const runsFolder = (workspace: string): string => path.join(workspace, '.repro', 'runs');
export const runFile = (workspace: string, id: string): string => path.join(runsFolder(workspace), `${id}.json`);
export const logsFolder = (workspace: string, id: string): string => path.join(workspace, '.repro', 'logs', id);

/** `20261123T194700123Z-1a2b`: sortable, and two runs of one millisecond differ. */
export function newRunId(now: Date, pid: number): string {
  const time = now.toISOString().replaceAll(/[-:.]/g, '');
  return `${time}-${(pid % 0x10000).toString(16).padStart(4, '0')}`;
}

export async function writeRun(disk: Disk, workspace: string, run: RunRecord): Promise<void> {
  // No fsync: it is no truth that later runs build on, and it is written often.
  await disk.write(runFile(workspace, run.id), `${JSON.stringify(run, null, 1)}\n`, { fsync: false });
}

function isRun(value: unknown): value is RunRecord {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1 && 'stages' in value && Array.isArray(value.stages);
}

export function readRun(workspace: string, id: string): RunRecord | undefined {
  const value: unknown = readJson(runFile(workspace, id));
  return isRun(value) ? value : undefined;
}

/** Ids of the runs that left a record, oldest first. */
export function listRuns(workspace: string): readonly string[] {
  return listFolder(runsFolder(workspace)).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
}

/**
 * Under the workspace lock nobody else is running: a newest record that still says so is of a run that was killed.
 * Also lets go of the oldest records and their logs, but for logs that the record of a stage still points to.
 */
export async function tidyRuns(options: { readonly disk: Disk; readonly workspace: string; readonly usedLogs: ReadonlySet<string> }): Promise<void> {
  const { disk, workspace, usedLogs } = options;
  const ids = listRuns(workspace);
  const newest = ids.at(-1);
  const last = newest === undefined ? undefined : readRun(workspace, newest);
  if (last?.outcome === 'running') {
    const stages = last.stages.map((stage): StageReport => (stage.state === 'pending' ? { ...stage, state: 'interrupted' } : stage));
    await writeRun(disk, workspace, { ...last, outcome: 'interrupted', stages });
  }
  for (const id of ids.slice(0, Math.max(0, ids.length + 1 - RUNS_MAX))) {
    await disk.remove(runFile(workspace, id));
    const isUsed = [...usedLogs].some((log) => log.startsWith(`.repro/logs/${id}/`));
    if (!isUsed) await disk.remove(logsFolder(workspace, id));
  }
}
