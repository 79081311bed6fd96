import { existsSync } from 'node:fs';
import path from 'node:path';
import { cacheKey, fingerprintHash, fingerprintOf } from './fingerprint.ts';
import type { Code, Dep, Pipeline, Problem, Result, Stage } from './model.ts';
import type { Answer, Situation } from './plan.ts';
import type { StageRecord } from './record.ts';
import { writerOf } from './selection.ts';
import { isConditionMet, readState } from './state.ts';
import type { Surroundings } from './surroundings.ts';
import { wording } from './wording.ts';

/** A situation, and what is needed to act on it. */
export interface Assessment {
  readonly situation: Situation;
  readonly code: Code | undefined;
  /** Absolute path of each dep. */
  readonly depPaths: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  /** Key in the run cache. */
  readonly key: string;
  /** Stages whose outs were guessed to stay as they are: only when predicting. */
  readonly uncertain: readonly string[];
}

/** What a path that is still to be written will be: its hash, or unknown as its stage has to run first. */
export type Forecast = (dep: string) => { readonly hash: string } | { readonly unknown: string } | undefined;

export interface AssessOptions {
  readonly pipeline: Pipeline;
  readonly surroundings: Surroundings;
  readonly record: StageRecord | undefined;
  readonly isForced: boolean;
  readonly didSomething: boolean;
  /** Given when predicting. */
  readonly forecast?: Forecast;
}

/** A dep that some stage writes lies in the workspace; any other is looked for there first, then beside the code. */
export function depPath(pipeline: Pipeline, dep: string): string {
  const { roots } = pipeline;
  const here = path.resolve(roots.workspace, dep);
  if (roots.code === roots.workspace || writerOf(pipeline, dep) !== undefined || existsSync(here)) return here;
  return path.resolve(roots.code, dep);
}

async function codeOf(stage: Stage, options: AssessOptions): Promise<Result<Code | undefined>> {
  const { readCode, hashes } = options.surroundings;
  if (stage.work.kind === 'shell' && stage.code.length === 0) return { ok: true, value: undefined };
  return readCode({ stage, pipeline: options.pipeline, hashFile: (absolute) => hashes.file(absolute) });
}

async function answerOf(stage: Stage, options: AssessOptions): Promise<Answer> {
  const { pipeline, surroundings, record } = options;
  const check = stage.effects?.check;
  if (check === undefined || record === undefined || record.receipt === null) return { kind: 'unasked' };
  const env = Object.fromEntries(stage.env.map((name) => [name, surroundings.env[name]]));
  return surroundings.ask(path.resolve(pipeline.roots.code, check), { workspace: pipeline.roots.workspace, env, receipt: record.receipt });
}

function missing(stage: Stage, dep: Dep, pipeline: Pipeline): Problem {
  const writer = writerOf(pipeline, dep.path);
  const hint = wording.depMissingHint(dep.path, writer);
  return { kind: 'missing-dep', message: wording.depMissing(stage.name, dep.path, writer), place: dep.place, stage: stage.name, hint };
}

interface Deps {
  readonly hashes: Record<string, string>;
  readonly paths: Record<string, string>;
  readonly uncertain: readonly string[];
  readonly problems: readonly Problem[];
}

async function readDeps(stage: Stage, options: AssessOptions): Promise<Deps> {
  const { pipeline, surroundings, record, forecast } = options;
  const hashes: Record<string, string> = {};
  const paths: Record<string, string> = {};
  const uncertain: string[] = [];
  const problems: Problem[] = [];
  for (const dep of stage.deps) {
    const absolute = depPath(pipeline, dep.path);
    paths[dep.path] = absolute;
    const expected = forecast?.(dep.path);
    if (expected !== undefined && 'unknown' in expected) uncertain.push(expected.unknown);
    const hash =
      expected === undefined ? await surroundings.hashes.path(absolute) : 'hash' in expected ? expected.hash : (record?.fingerprint.deps[dep.path] ?? 'absent');
    if (hash === undefined && !dep.optional) problems.push(missing(stage, dep, pipeline));
    hashes[dep.path] = hash ?? 'absent';
  }
  return { hashes, paths, uncertain, problems };
}

/** Looks at everything the decision about a stage depends on. Its upstream is done, or there is a forecast of it. */
export async function assess(stage: Stage, options: AssessOptions): Promise<Result<Assessment>> {
  const { pipeline, surroundings, record } = options;
  const { workspace } = pipeline.roots;
  const answering = answerOf(stage, options);
  const code = await codeOf(stage, options);
  if (!code.ok) return code;
  const deps = await readDeps(stage, options);
  if (deps.problems.length > 0) return { ok: false, problems: deps.problems };
  const state = await readState(stage, workspace, surroundings.hashes);
  const { env, nodeVersion } = surroundings;
  const params = surroundings.selectParams(stage, pipeline);
  const fingerprint = fingerprintOf(stage, { deps: deps.hashes, params, code: code.value, state, env, nodeVersion });
  const outs: Record<string, string | undefined> = {};
  for (const out of stage.outs) outs[out.path] = await surroundings.hashes.path(path.resolve(workspace, out.path));
  const hash = fingerprintHash(fingerprint);
  const conditionFrom = stage.when === undefined ? undefined : options.forecast?.(stage.when.path);
  const situation: Situation = {
    stage,
    fingerprint,
    hash,
    codeFiles: code.value?.files ?? {},
    record,
    outs,
    isConditionMet: isConditionMet(stage, workspace),
    answer: await answering,
    isForced: options.isForced,
    nowMs: surroundings.now().getTime(),
    didSomething: options.didSomething,
    writerOf: (dep) => writerOf(pipeline, dep),
  };
  const uncertain = [...deps.uncertain, ...(conditionFrom !== undefined && 'unknown' in conditionFrom ? [conditionFrom.unknown] : [])];
  return { ok: true, value: { situation, code: code.value, depPaths: deps.paths, state, key: cacheKey(hash, state), uncertain } };
}
