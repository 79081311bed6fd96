import { hasJournals, repair, tidyAside } from './aside.ts';
import { openCache } from './cache.ts';
import type { Cache } from './cache.ts';
import { problemOfDisk } from './disk-problem.ts';
import { lockText, readLockText, writeLock } from './lock-file.ts';
import type { Pipeline, Problem } from './model.ts';
import { predict } from './predict.ts';
import type { Prediction } from './predict.ts';
import { readRecord } from './record.ts';
import type { StageRecord } from './record.ts';
import { keepRunRecord } from './run-keeper.ts';
import { newRunId, tidyRuns } from './run-record.ts';
import type { RunOutcome, RunRecord, StageReport } from './run-record.ts';
import { schedule } from './schedule.ts';
import type { Selection } from './selection.ts';
import type { EngineEvent, Session } from './session.ts';
import type { Surroundings } from './surroundings.ts';
import { wording } from './wording.ts';
import { lockWorkspace } from './workspace-lock.ts';

export interface RunOptions {
  readonly pipeline: Pipeline;
  readonly selection: Selection;
  readonly surroundings: Surroundings;
  readonly isForced: boolean;
  /** Stages at a time. */
  readonly jobs: number;
  readonly keepGoing: boolean;
  /** False: an error where another run has the workspace, instead of waiting for it. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
  readonly emit: (event: EngineEvent) => void;
}

export type RunResult =
  | { readonly kind: 'nothing-to-do'; readonly predictions: readonly Prediction[] }
  | { readonly kind: 'ran'; readonly run: RunRecord }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }
  | { readonly kind: 'interrupted' };

const recordsOf = (pipeline: Pipeline) => (stage: string) => readRecord(pipeline.roots.workspace, stage);

function isLockCurrent(pipeline: Pipeline, predictions: readonly Prediction[]): boolean {
  const known = new Map<string, StageRecord | undefined>(predictions.map(({ name, record }) => [name, record]));
  const before = readLockText(pipeline);
  return lockText(pipeline, (stage) => (known.has(stage) ? known.get(stage) : readRecord(pipeline.roots.workspace, stage)), before) === before;
}

/** Nothing to run, nothing to repair, nothing to write: the usual case, and the one that has to be quick. */
function isIdle(pipeline: Pipeline, predictions: readonly Prediction[]): boolean {
  const settled = predictions.every(({ state }) => state === 'fresh' || state === 'held');
  return settled && !hasJournals(pipeline.roots.workspace) && isLockCurrent(pipeline, predictions);
}

function outcomeOf(session: Session, reports: ReadonlyMap<string, StageReport>): RunOutcome {
  if (session.signal.aborted) return 'interrupted';
  return reports.values().some(({ state }) => state === 'failed' || state === 'blocked') ? 'failed' : 'done';
}

async function runUnderLock(options: RunOptions, cache: Cache): Promise<RunRecord> {
  const { pipeline, selection, surroundings, emit } = options;
  const { workspace } = pipeline.roots;
  const { disk } = surroundings;
  const start = surroundings.now();
  const asOf = start.toISOString();
  const run = newRunId(start, surroundings.pid);
  const lockBefore = readLockText(pipeline);
  const session: Session = { pipeline, surroundings, cache, emit, asOf, signal: options.signal, run, lockBefore };
  const usedLogs = new Set(pipeline.stages.flatMap(({ name }) => readRecord(workspace, name)?.log ?? []));
  await tidyRuns({ disk, workspace, usedLogs });
  const record = keepRunRecord(session, selection);
  emit({ kind: 'run-started', run, stages: selection.stages.map(({ name }) => name) });
  record.update(new Map());
  await record.flush();
  const reports = await schedule(session, { ...options, onReport: record.update, beforeFinally: record.flush });
  await writeLock(disk, pipeline, recordsOf(pipeline));
  const finished = await record.finish(outcomeOf(session, reports));
  await tidyAside(disk, workspace);
  await surroundings.hashes.save();
  emit({ kind: 'run-finished', run: finished });
  return finished;
}

async function work(options: RunOptions): Promise<RunResult> {
  const { pipeline, surroundings, emit } = options;
  const { workspace } = pipeline.roots;
  const { disk, hashes } = surroundings;
  const cache = openCache({ workspace, disk, hashes });
  const predicted = await predict({ ...options, cache });
  if (!predicted.ok) return { kind: 'refused', problems: predicted.problems };
  if (isIdle(pipeline, predicted.value)) {
    await hashes.save();
    return { kind: 'nothing-to-do', predictions: predicted.value };
  }
  const lock = await lockWorkspace({ workspace, disk, now: surroundings.now().toISOString(), wait: options.wait, onWait: (holder) => emit({ kind: 'waiting', holder }), signal: options.signal });
  if (lock.kind === 'aborted') return { kind: 'interrupted' };
  if (lock.kind === 'busy') return { kind: 'refused', problems: [{ kind: 'locked', message: wording.locked(lock.holder.pid), hint: wording.lockedHint() }] };
  try {
    const repaired = await repair({ disk, workspace });
    if (repaired.length > 0) emit({ kind: 'warning', stage: undefined, text: wording.repaired(repaired) });
    // Another run may have done the work meanwhile.
    const again = lock.waited || repaired.length > 0 ? await predict({ ...options, cache }) : predicted;
    if (!again.ok) return { kind: 'refused', problems: again.problems };
    await writeLock(disk, pipeline, recordsOf(pipeline));
    if (isIdle(pipeline, again.value)) return { kind: 'nothing-to-do', predictions: again.value };
    return { kind: 'ran', run: await runUnderLock(options, cache) };
  } finally {
    lock.release();
  }
}

/** Brings the selected stages up to date. A failure of our own disk ends the run with one problem, earlier results intact. */
export async function runPipeline(options: RunOptions): Promise<RunResult> {
  try {
    return await work(options);
  } catch (error) {
    const problem = problemOfDisk(error, options.pipeline.roots.workspace);
    if (problem === undefined) throw error;
    return { kind: 'refused', problems: [problem] };
  }
}
