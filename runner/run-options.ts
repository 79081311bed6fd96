import type { Pipeline, Problem } from './model.ts';
import type { Prediction } from './predict.ts';
import type { RunRecord } from './run-record.ts';
import type { Selection } from './selection.ts';
import type { EngineEvent } from './session.ts';
import type { Surroundings } from './surroundings.ts';

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
