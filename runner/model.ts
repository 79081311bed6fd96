/**
 * The nouns of the runner. Every other file of `runner/` speaks in these types; this one imports nothing.
 */

/** A value that came out of YAML or JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Where something was written: 1-based line and column, as editors count. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * An expected failure: what is wrong, where, and what to do about it. Never thrown; a throw means a bug.
 * `kind` is stable and machine-readable ("cycle", "unknown-param", ...); the sentences come from `runner/wording.ts`.
 */
export interface Problem {
  readonly kind: string;
  readonly message: string;
  readonly place?: Place;
  readonly stage?: string;
  readonly hint?: string;
}

export type Result<T, F = readonly Problem[]> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: F };

/** The two roots: where code and declarations lie (may be read-only), and where everything is written. */
export interface Roots {
  readonly code: string;
  readonly workspace: string;
}

/** Doors that a sealed stage may ask to have opened. */
export type Need = 'network' | 'storage' | 'processes' | 'workers' | 'addons';

/** What is executed: a shell command (one or several lines, in order), a TypeScript module, or a notebook. */
export type Work =
  | { readonly kind: 'shell'; readonly commands: readonly string[] }
  | { readonly kind: 'module'; readonly file: string }
  | { readonly kind: 'notebook'; readonly file: string };

export interface Out {
  readonly path: string;
  /** False: hashed and verified, but never stored in or restored from the cache. */
  readonly cache: boolean;
  /** True: not removed before the stage runs. */
  readonly persist: boolean;
  readonly kind: 'out' | 'metric' | 'plot';
  readonly place: Place;
}

export interface Dep {
  readonly path: string;
  /** True: an absent file is a value ("absent"), not an error. Written `path: {optional: true}`. */
  readonly optional: boolean;
  readonly place: Place;
}

/** `file#selector`: a dotted path (`#retrain`) or a JSON pointer (`#/datasets/x~1y`); without one, the whole file. */
export interface Selected {
  readonly path: string;
  readonly selector: string | undefined;
  readonly place: Place;
}

/** Something outside the graph whose value joins the fingerprint (the model registry, say). */
export interface StateRef extends Selected {
  /** False: recorded, and part of what may be restored from the run cache, but no reason to rerun. */
  readonly rerun: boolean;
  /** Further paths that the stage may read along with it (immutable model versions, say). Not hashed. */
  readonly opens: readonly string[];
}

/** A stage that changes state outside the graph. */
export interface Effects {
  /** Module whose `check({ workspace, env })` answers with the receipt of the target as it is now, or null. */
  readonly check: string | undefined;
  /** Paths (files or folders, workspace-relative) that the stage may read and write. Never hashed, cached or removed. */
  readonly targets: readonly string[];
}

/** One key of a params file that the stage declared: `file` defaults to params.yaml; an empty key is the whole file. */
export interface ParamRef {
  readonly file: string;
  readonly key: string;
  readonly place: Place;
}

/** One stage after templating, `foreach` and `matrix` were expanded: paths are normalised, `/`-separated and relative. */
export interface Stage {
  /** `train@logistic-regression` for an item of a matrix. */
  readonly name: string;
  readonly place: Place;
  readonly desc: string | undefined;
  readonly work: Work;
  readonly wdir: string;
  readonly deps: readonly Dep[];
  readonly params: readonly ParamRef[];
  readonly outs: readonly Out[];
  readonly env: readonly string[];
  readonly needs: readonly Need[];
  /** Entry points and globs that belong to the code of a `cmd` stage (or that a module reads as code). */
  readonly code: readonly string[];
  readonly when: Selected | undefined;
  /** Seconds after which the last run is too old. */
  readonly freshSeconds: number | undefined;
  readonly state: readonly StateRef[];
  readonly effects: Effects | undefined;
  /** Runs last: after every run in which `any` stage ran or failed, or only where what was made `changed` or something failed. */
  readonly finally: false | 'any' | 'changed';
  readonly frozen: boolean;
  readonly alwaysChanged: boolean;
  /** The value(s) of foreach or matrix for this stage; undefined for a plain one. */
  readonly item: Json | undefined;
}

/** A params file as read, `--set` applied; `places` tells where a key is written, for messages. */
export interface ParamsFile {
  readonly file: string;
  readonly value: Json;
}

/** A valid pipeline: checked against its schema, templated, acyclic, with every dep either produced or present. */
export interface Pipeline {
  readonly file: string;
  readonly roots: Roots;
  /** In topological order, ties in the order of the file. `finally` stages are last. */
  readonly stages: readonly Stage[];
  /** For each stage name, the names of the stages it reads from (by dep, or by `when`). */
  readonly upstream: ReadonlyMap<string, readonly string[]>;
  /** For each out path, the stage that writes it. */
  readonly producers: ReadonlyMap<string, string>;
  readonly params: ReadonlyMap<string, ParamsFile>;
  /** `--set` of this run, as typed. */
  readonly overrides: readonly string[];
  /** Commands by the kind of event that they are run for. */
  readonly hooks: Readonly<Record<string, readonly string[]>>;
}

/** The code of one stage, as a value of its fingerprint. */
export interface Code {
  /** sha256 of the bundled, type-stripped, comment-free, tree-shaken closure; of the globbed files for `code:` globs. */
  readonly hash: string;
  /** Files of the closure, code-root-relative, sorted: to say which one changed, and what the sealed stage may read. */
  readonly files: Readonly<Record<string, string>>;
  /** Every npm package reached, with a hash of its version and of its own closure in the lock file. */
  readonly packages: Readonly<Record<string, string>>;
}

/** Small numbers and words a stage tells about its run ("rows in": 6000); never hashed. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** What a stage with effects leaves behind: the identity and the content of its target; no time, no secret. */
export interface Receipt {
  readonly target: string;
  readonly rows: number;
  readonly checksum: string;
}

/** What the executor is asked to do: one stage, everything resolved; it never sees the graph. */
export interface Job {
  readonly stage: Stage;
  readonly roots: Roots;
  /** Absolute paths by declared path: deps, outs, state, effects targets. */
  readonly paths: Readonly<Record<string, string>>;
  /** Only the declared keys, nested as in the file. */
  readonly params: Json;
  /** Files of code the stage may read, absolute. */
  readonly codeFiles: readonly string[];
  /** ISO 8601 in UTC: the one clock a stage has. */
  readonly asOf: string;
  /** Absolute path of the file that takes the stage's own output. */
  readonly log: string;
  /** Absolute path of the record of this run; only for `finally` stages. */
  readonly runRecord: string | undefined;
  readonly overrides: readonly string[];
}

/** An event for the hooks: gate rejected, drift, quality error... */
export interface StageEvent {
  readonly kind: string;
  readonly facts: Facts;
}

export type JobResult =
  | {
      readonly kind: 'done';
      readonly facts: Facts;
      readonly headline: string | undefined;
      readonly receipt: Receipt | undefined;
      readonly events: readonly StageEvent[];
    }
  | { readonly kind: 'failed'; readonly problem: Problem; readonly tail: readonly string[]; readonly events: readonly StageEvent[] }
  | { readonly kind: 'interrupted' };

/** Where stages run is a seam: local processes now, a cluster later. */
export interface Executor {
  /** `said`: what the stage tells of its progress while it runs, a line at a time. */
  execute(job: Job, signal: AbortSignal, said?: (line: string) => void): Promise<JobResult>;
}

/** Outcome of planning or running one stage. */
export type StageState = 'fresh' | 'restored' | 'ran' | 'held' | 'failed' | 'blocked' | 'interrupted';

/** Why a stage is in its state, recorded where it was decided. `kind` for machines, `text` for people. */
export interface Reason {
  readonly kind: string;
  readonly text: string;
}
