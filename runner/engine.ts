import { hasJournals } from './aside.ts';
import { lockText, readLockText } from './lock-file.ts';
import type { Pipeline } from './model.ts';
import { predict } from './predict.ts';
import type { Prediction } from './predict.ts';
import { readRecord } from './record.ts';
import type { StageRecord } from './record.ts';
import type { RunOptions, RunResult } from './run-options.ts';

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

/** What there is to do, or the result that there is nothing or that it cannot be done. */
async function look(options: RunOptions): Promise<RunResult | 'work'> {
  const predicted = await predict(options);
  if (!predicted.ok) return { kind: 'refused', problems: predicted.problems };
  return isIdle(options.pipeline, predicted.value) ? { kind: 'nothing-to-do', predictions: predicted.value } : 'work';
}

/**
 * Brings the selected stages up to date. First a look, which needs no lock and loads little; what does the work is loaded
 * when there is work. A failure of our own disk ends the run with one problem, earlier results intact.
 */
export async function runPipeline(options: RunOptions): Promise<RunResult> {
  try {
    const idle = await look(options);
    if (idle !== 'work') {
      await options.surroundings.hashes.save();
      return idle;
    }
    const { workUnderLock } = await import('./work.ts');
    return await workUnderLock(options, () => look(options));
  } catch (error) {
    const { problemOfDisk } = await import('./disk-problem.ts');
    const problem = problemOfDisk(error, options.pipeline.roots.workspace);
    if (problem === undefined) throw error;
    return { kind: 'refused', problems: [problem] };
  }
}
