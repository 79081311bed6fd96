/**
 * What a stage gets from the runner and gives back. The runner builds the object (it knows nothing of this file);
 * the two meet only through a process and files, so the shape is stated on both sides and a test compares them.
 */

export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface Receipt {
  /** Identity of the target, without secrets. */
  readonly target: string;
  readonly rows: number;
  readonly checksum: string;
}

export interface StageContext {
  /** `train@logistic-regression`. */
  readonly stage: string;
  /** The declared keys of the params, nested as in the file. Reading an undeclared key stops the stage. */
  readonly params: unknown;
  /** The value of foreach or matrix, or null. */
  readonly item: unknown;
  /** Environment variables declared in `env:`. Reading another one stops the stage. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Start of the run, ISO 8601 in UTC: the one clock a stage has. For effects only; never in an out. */
  readonly asOf: string;
  /** The record of the run so far; only for `finally` stages, else null. */
  readonly runRecord: string | null;
  /** Absolute path of a declared dep, out, state or effects target; an undeclared one stops the stage. */
  path(declared: string): string;
  /** Everything declared as an out, a dep and so on, as written in pipeline.yaml. */
  readonly outs: readonly string[];
  readonly deps: readonly string[];
  log(message: string): void;
  /** Hands an event to the hooks: "gate-rejected", "drift", "quality-error". */
  emit(kind: string, facts: Facts): void;
}

export type StageOutcome =
  | { readonly kind: 'done'; readonly facts?: Facts; readonly headline?: string; readonly receipt?: Receipt }
  | { readonly kind: 'failed'; readonly problem: string; readonly where?: string; readonly remedy: string };

/** Every stage file exports `run` of this type. */
export type StageRun = (context: StageContext) => Promise<StageOutcome>;
