import type { Cache } from './cache.ts';
import type { Holder } from './workspace-lock.ts';
import type { Pipeline, Problem, Reason } from './model.ts';
import type { RunRecord, StageReport } from './run-record.ts';
import type { Surroundings } from './surroundings.ts';

/** What the engine tells while it works; the sentences for it are in `print/`. */
export type EngineEvent =
  | { readonly kind: 'waiting'; readonly holder: Holder }
  | { readonly kind: 'warning'; readonly stage: string | undefined; readonly text: string }
  | { readonly kind: 'run-started'; readonly run: string; readonly stages: readonly string[] }
  | { readonly kind: 'stage-started'; readonly stage: string; readonly reasons: readonly Reason[] }
  | { readonly kind: 'stage-said'; readonly stage: string; readonly line: string }
  /** `tail`: the last lines of its output, where it failed. */
  | { readonly kind: 'stage-settled'; readonly report: StageReport; readonly tail: readonly string[] }
  | { readonly kind: 'run-finished'; readonly run: RunRecord };

/** What one run carries from stage to stage. */
export interface Session {
  readonly pipeline: Pipeline;
  readonly surroundings: Surroundings;
  readonly cache: Cache;
  /** Id of the run. */
  readonly run: string;
  readonly asOf: string;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Text of pipeline.lock before the run: which outs of a fresh clone are ours. */
  readonly lockBefore: string | undefined;
  readonly emit: (event: EngineEvent) => void;
}

export type Settled = { readonly report: StageReport; readonly tail: readonly string[] };

export function failedWith(problem: Problem, partial: Pick<StageReport, 'name' | 'reasons'> & Partial<StageReport>): StageReport {
  return { state: 'failed', seconds: 0, secondsSaved: 0, log: null, facts: {}, headline: null, events: [], changed: true, ...partial, problem };
}
