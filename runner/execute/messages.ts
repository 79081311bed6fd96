import type { Facts, Json, Need, Receipt, StageEvent } from '../model.ts';

/** What the runner tells a sealed process, and what that tells back. */
export interface HostJob {
  readonly stage: string;
  readonly module: string;
  readonly params: Json;
  /** Dotted; beneath them everything may be read, also what is not there. */
  readonly paramKeys: readonly string[];
  readonly item: Json;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly asOf: string;
  readonly runRecord: string | null;
  /** Absolute by declared path; folders stand for what is beneath them. */
  readonly paths: Readonly<Record<string, string>>;
  readonly deps: readonly string[];
  readonly outs: readonly string[];
  readonly needs: readonly Need[];
  /** Reading a variable outside of these from the project's own code is a violation. */
  readonly envAllowed: readonly string[];
  readonly roots: { readonly code: string; readonly workspace: string };
}

/** Something a stage did without having declared it. */
export type Violation =
  | { readonly kind: 'read' | 'write'; readonly path: string; readonly at: string | undefined }
  | { readonly kind: 'path' | 'param' | 'env'; readonly name: string; readonly at: string | undefined }
  | { readonly kind: 'need'; readonly need: Need; readonly detail: string; readonly at: string | undefined };

export type HostAnswer =
  | { readonly kind: 'outcome'; readonly outcome: unknown; readonly violations: readonly Violation[]; readonly events: readonly StageEvent[] }
  | { readonly kind: 'threw'; readonly message: string; readonly at: string | undefined; readonly violations: readonly Violation[]; readonly events: readonly StageEvent[] }
  | { readonly kind: 'no-run' };

/** A line about its progress, sent while it runs. */
export interface HostSaid {
  readonly kind: 'said';
  readonly line: string;
}

/** What `run` may return. */
export interface DoneOutcome {
  readonly kind: 'done';
  readonly facts?: Facts;
  readonly headline?: string;
  readonly receipt?: Receipt;
}
export interface FailedOutcome {
  readonly kind: 'failed';
  readonly problem: string;
  readonly where?: string;
  readonly remedy: string;
}
