import { repair, tidyAside } from './aside.ts';
import { openCache } from './cache.ts';
import { readLockText, writeLock } from './lock-file.ts';
import { readRecord } from './record.ts';
import { runHooks } from './hooks.ts';
import { keepRunRecord } from './run-keeper.ts';
import type { RunOptions, RunResult } from './run-options.ts';
import { newRunId, tidyRuns } from './run-record.ts';
import type { RunOutcome, RunRecord, StageReport } from './run-record.ts';
import { schedule } from './schedule.ts';
import type { Session } from './session.ts';
import { wording } from './wording.ts';
import { lockWorkspace } from './workspace-lock.ts';

function outcomeOf(session: Session, reports: ReadonlyMap<string, StageReport>): RunOutcome {
  if (session.signal.aborted) return 'interrupted';
  return reports.values().some(({ state }) => state === 'failed' || state === 'blocked') ? 'failed' : 'done';
}

async function run(options: RunOptions): Promise<RunRecord> {
  const { pipeline, selection, surroundings, emit } = options;
  const { workspace } = pipeline.roots;
  const { disk, hashes } = surroundings;
  const recordOf = (stage: string) => readRecord(workspace, stage);
  const start = surroundings.now();
  const asOf = start.toISOString();
  const id = newRunId(start, surroundings.pid);
  const cache = openCache({ workspace, disk, hashes });
  const session: Session = { pipeline, surroundings, cache, emit, asOf, run: id, signal: options.signal, lockBefore: readLockText(pipeline) };
  const usedLogs = new Set(pipeline.stages.flatMap(({ name }) => recordOf(name)?.log ?? []));
  await tidyRuns({ disk, workspace, usedLogs });
  const keeper = keepRunRecord(session, selection);
  emit({ kind: 'run-started', run: id, stages: selection.stages.map(({ name }) => name) });
  keeper.update(new Map());
  await keeper.flush();
  const reports = await schedule(session, { ...options, onReport: keeper.update, beforeFinally: keeper.flush });
  await writeLock(disk, pipeline, recordOf);
  const finished = await keeper.finish(outcomeOf(session, reports));
  await tidyAside(disk, workspace);
  await hashes.save();
  emit({ kind: 'run-finished', run: finished });
  return finished;
}

/** With the workspace to ourselves: repairs what a killed run left, looks again if that changed anything, and runs. */
export async function workUnderLock(options: RunOptions, look: () => Promise<RunResult | 'work'>): Promise<RunResult> {
  const { pipeline, surroundings, emit, wait, signal } = options;
  const { workspace } = pipeline.roots;
  const { disk } = surroundings;
  const now = surroundings.now().toISOString();
  const lock = await lockWorkspace({ workspace, disk, now, wait, signal, onWait: (holder) => emit({ kind: 'waiting', holder }) });
  if (lock.kind === 'aborted') return { kind: 'interrupted' };
  if (lock.kind === 'busy') return { kind: 'refused', problems: [{ kind: 'locked', message: wording.locked(lock.holder.pid), hint: wording.lockedHint() }] };
  let result: RunResult;
  try {
    const repaired = await repair({ disk, workspace });
    if (repaired.length > 0) emit({ kind: 'warning', stage: undefined, text: wording.repaired(repaired) });
    await writeLock(disk, pipeline, (stage) => readRecord(workspace, stage));
    // Another run may have done the work while we waited; or there was only the lock file to be written.
    const idle = await look();
    result = idle === 'work' ? { kind: 'ran', run: await run(options) } : idle;
  } finally {
    lock.release();
  }
  // Outside of the lock: a webhook that does not answer keeps nobody's run waiting.
  if (result.kind === 'ran') await runHooks(pipeline, result.run, (text) => emit({ kind: 'warning', stage: undefined, text }));
  return result;
}
