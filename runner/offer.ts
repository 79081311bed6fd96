import type { Assessment } from './assess.ts';
import type { Cache } from './cache.ts';
import { readStoredRun, storedRunOf } from './run-cache.ts';
import type { StoredRun } from './run-cache.ts';

/**
 * An earlier result that stands for a run of this fingerprint and whose outs the cache holds: the last one of the stage,
 * whose outs went missing, or any other out of the run cache, unless it is too old for a stage with `fresh`.
 */
export function offerFor(workspace: string, cache: Cache, { situation, key }: Assessment): StoredRun | undefined {
  const { record, stage, hash, nowMs } = situation;
  const isOwn = record !== undefined && record.hash === hash && record.edited.length === 0;
  const stored = isOwn ? storedRunOf(record) : readStoredRun(workspace, key);
  if (stored === undefined) return undefined;
  if (stage.freshSeconds !== undefined && nowMs - Date.parse(stored.ranAt) > stage.freshSeconds * 1000) return undefined;
  const isComplete = stage.outs.every(({ path }) => path in stored.outs);
  return isComplete && Object.values(stored.outs).every((out) => cache.has(out)) ? stored : undefined;
}
