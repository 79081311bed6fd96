import { canonical, compare } from './canonical.ts';
import { hashText } from './hash.ts';
import type { Code, Json, Stage, StateRef } from './model.ts';

/** What a stage is declared to be, as far as its result depends on it. */
export type Definition = {
  /** The same command in another folder reads and writes other files. */
  readonly wdir: string;
  /** Shells differ; a change of ours must not pass for the same result. */
  readonly shell: string | null;
  /** Which files are read, apart from what is in them: a dep removed from the file is a change. "?" marks an optional one. */
  readonly deps: readonly string[];
  /** Which files are written, and whether the stage found its last ones in place (persist). */
  readonly outs: readonly string[];
  /** Which variables the stage may see. */
  readonly env: readonly string[];
  /** A stage may do something else where a door is open. */
  readonly needs: readonly string[];
  /** Which state is read, and what may be read along with it. */
  readonly state: readonly string[];
  /** What may be changed outside of the graph. */
  readonly targets: readonly string[];
};

/**
 * Everything the result of a stage depends on, by name. What is not here cannot make a stage run again: its name, desc and
 * meta, the order of declarations, whether an out is called a metric, and what only says when to run (when, fresh, frozen).
 */
export type Fingerprint = {
  /** Raised when the meaning of a field changes, so that old records are not mistaken for new ones. */
  readonly version: 1;
  /** The exact command lines of a shell stage. */
  readonly command: readonly string[] | null;
  /** What the code of the stage does, by `readCode`: comments, types and functions that nobody calls are not in it. */
  readonly code: string | null;
  readonly definition: Definition;
  /** Content of each dep, or "absent" for an optional one that is not there. */
  readonly deps: { readonly [path: string]: string };
  /** Values of the declared keys only, so that another key of the same file does not matter. */
  readonly params: { readonly [fileAndKey: string]: Json };
  /** npm packages the code reaches, each with its version and its own closure: the code of others is code too. */
  readonly packages: { readonly [name: string]: string };
  /** Version of Node for code that it runs; a shell command finds its own programs. */
  readonly runtime: string | null;
  /** Values of the declared variables, hashed: they may be secrets. */
  readonly env: { readonly [name: string]: string | null };
  /** The value of foreach or matrix: a stage may read it without naming it in a param. */
  readonly item: Json;
  /** State outside of the graph whose change is a reason to run. */
  readonly state: { readonly [ref: string]: string };
};

export function definitionOf(stage: Stage): Definition {
  return {
    wdir: stage.wdir,
    shell: stage.work.kind === 'shell' ? 'sh' : null,
    deps: stage.deps.map(({ path, optional }) => (optional ? `${path}?` : path)).sort(compare),
    outs: stage.outs.map(({ path, cache, persist }) => path + (cache ? '' : ' uncached') + (persist ? ' persist' : '')).sort(compare),
    env: stage.env.toSorted(compare),
    needs: stage.needs.toSorted(compare),
    state: stage.state.map((ref) => [stateName(ref), ...ref.opens].join(' ') + (ref.rerun ? '' : ' no-rerun')).sort(compare),
    targets: (stage.effects?.targets ?? []).toSorted(compare),
  };
}

/** `models/registry.json#/datasets/x`, as written. */
export function stateName(ref: Pick<StateRef, 'path' | 'selector'>): string {
  return ref.selector === undefined ? ref.path : `${ref.path}#${ref.selector}`;
}

export interface Inputs {
  readonly deps: { readonly [path: string]: string };
  readonly params: { readonly [fileAndKey: string]: Json };
  /** Undefined for a shell stage that names no code. */
  readonly code: Code | undefined;
  /** Of all state, also that with `rerun: false`. */
  readonly state: { readonly [ref: string]: string };
  readonly env: { readonly [name: string]: string | undefined };
  readonly nodeVersion: string;
}

export function fingerprintOf(stage: Stage, inputs: Inputs): Fingerprint {
  const { code } = inputs;
  const rerun = stage.state.filter((ref) => ref.rerun).map(stateName);
  return {
    version: 1,
    command: stage.work.kind === 'shell' ? stage.work.commands : null,
    code: code?.hash ?? null,
    definition: definitionOf(stage),
    deps: inputs.deps,
    params: inputs.params,
    packages: code?.packages ?? {},
    runtime: stage.work.kind === 'shell' && code === undefined ? null : inputs.nodeVersion,
    env: Object.fromEntries(stage.env.map((name) => [name, hashOfVariable(inputs.env[name])])),
    item: stage.item ?? null,
    state: Object.fromEntries(rerun.map((ref) => [ref, inputs.state[ref] ?? 'absent'])),
  };
}

function hashOfVariable(value: string | undefined): string | null {
  return value === undefined ? null : hashText(value);
}

/** sha256 of the canonical text: what two results must share to be the same. */
export function fingerprintHash(fingerprint: Fingerprint): string {
  return hashText(canonical(fingerprint));
}

/** What a result must share to be restored: the fingerprint and all state, also that which is no reason to rerun. */
export function cacheKey(fingerprint: string, state: { readonly [ref: string]: string }): string {
  return hashText(canonical({ fingerprint, state }));
}
