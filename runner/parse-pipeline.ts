import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { checkTop, parseStage } from './check-spec.ts';
import { expandStage, normalPath } from './expand.ts';
import { buildGraph } from './graph.ts';
import type { Json, ParamsFile, Pipeline, Problem, Result, Roots, Stage } from './model.ts';
import { nearest } from './nearest.ts';
import { applyOverrides, checkParams } from './params.ts';
import { missingPaths } from './presence.ts';
import { wording } from './wording-load.ts';
import { parseTyped, readYaml } from './yaml.ts';
import type { YamlFile } from './yaml.ts';

const DEFAULT_PARAMS = 'params.yaml';

export interface LoadOptions {
  /** Absolute path of the pipeline file. */
  readonly file: string;
  readonly roots: Roots;
  readonly overrides: readonly string[];
}

/** What a slow load gives: the pipeline, and every file whose bytes it came from (absolute). */
export interface Parsed {
  readonly pipeline: Pipeline;
  readonly read: readonly string[];
}

function readText(file: string, shown: string, problems: Problem[]): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const message = code === 'ENOENT' ? wording.noFile(shown, undefined) : code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? wording.notText(shown) : wording.unreadable(shown, error instanceof Error ? error.message : code);
    problems.push({ kind: 'unreadable', message, place: { file: shown, line: 1, column: 1 } });
    return undefined;
  }
}

class Loader {
  readonly problems: Problem[] = [];
  readonly read = new Set<string>();
  readonly options: LoadOptions;

  constructor(options: LoadOptions) {
    this.options = options;
  }

  yaml(file: string): YamlFile | undefined {
    const absolute = path.resolve(this.options.roots.code, file);
    this.read.add(absolute);
    const text = readText(absolute, file, this.problems);
    if (text === undefined) return undefined;
    const parsed = readYaml(file, text);
    if (parsed.ok) return parsed.value;
    this.problems.push(...parsed.problems);
    return undefined;
  }

  /** params.yaml with `--set` applied; an absent one is empty, unless something asks for it. */
  defaultParams(): Json {
    const absolute = path.join(this.options.roots.code, DEFAULT_PARAMS);
    this.read.add(absolute);
    const value = existsSync(absolute) ? (this.yaml(DEFAULT_PARAMS)?.value ?? {}) : {};
    const applied = applyOverrides(value, this.options.overrides, parseTyped);
    if (applied.ok) return applied.value;
    this.problems.push(...applied.problems);
    return value;
  }

  vars(yaml: YamlFile, base: Json): Json {
    const { vars } = yaml.value as { readonly vars?: readonly (string | { readonly [key: string]: Json })[] };
    let values = base;
    for (const item of Array.isArray(vars) ? vars : []) {
      const more = typeof item === 'string' ? (this.yaml(normalPath(item))?.value ?? {}) : item;
      values = { ...(values as object), ...(more as object) } as Json;
    }
    return values;
  }

  params(stages: readonly Stage[], base: Json): ReadonlyMap<string, ParamsFile> {
    const files = new Map<string, ParamsFile>();
    for (const stage of stages) {
      for (const { file, place } of stage.params) {
        if (files.has(file)) continue;
        if (file.endsWith('.toml')) this.problems.push({ kind: 'params-toml', message: wording.paramsToml(file), place, stage: stage.name });
        else if (file !== DEFAULT_PARAMS) files.set(file, { file, value: this.yaml(file)?.value ?? {} });
        else if (existsSync(path.join(this.options.roots.code, file))) files.set(file, { file, value: base });
        else {
          this.problems.push({ kind: 'unreadable', message: wording.noFile(file, undefined), place, stage: stage.name });
          files.set(file, { file, value: base });
        }
      }
    }
    return files;
  }
}

function codeProblems(stage: Stage, roots: Roots): readonly Problem[] {
  const { work, place, name } = stage;
  const isFile = (file: string): boolean => statSync(path.resolve(roots.code, file), { throwIfNoEntry: false })?.isFile() ?? false;
  if (work.kind !== 'shell') {
    if (!/\.(ts|js|mjs|ipynb)$/.test(work.file)) return [{ kind: 'run-kind', message: wording.runKind(name, work.file), place, stage: name }];
    if (!isFile(work.file)) return [{ kind: 'no-run-file', message: wording.noRunFile(name, work.file, nearestFile(work.file, roots.code)), place, stage: name }];
  }
  if (stage.effects?.check !== undefined && !isFile(stage.effects.check)) {
    return [{ kind: 'no-run-file', message: wording.noRunFile(name, stage.effects.check, nearestFile(stage.effects.check, roots.code)), place, stage: name }];
  }
  if (stage.wdir !== '.' && !existsSync(path.resolve(roots.workspace, stage.wdir)) && !existsSync(path.resolve(roots.code, stage.wdir))) {
    return [{ kind: 'no-wdir', message: wording.noWdir(name, stage.wdir), place, stage: name }];
  }
  return [];
}

function nearestFile(file: string, root: string): string | undefined {
  return nearest(file, missingPaths.siblings(root, file));
}

function hooksOf(value: Json): Pipeline['hooks'] {
  const { on = {} } = value as { readonly on?: Readonly<Record<string, string | readonly string[]>> };
  return Object.fromEntries(Object.entries(on ?? {}).map(([kind, commands]) => [kind, typeof commands === 'string' ? [commands] : commands]));
}

/** Reads, checks, templates, expands and sorts: the slow way, which loads the YAML and the schema libraries. */
export function parsePipeline(options: LoadOptions): Result<Parsed> {
  const loader = new Loader(options);
  const { problems } = loader;
  const shown = path.relative(options.roots.code, options.file).split(path.sep).join('/');
  const yaml = loader.yaml(shown);
  if (yaml === undefined || !checkTop(yaml, problems)) return { ok: false, problems };
  const base = loader.defaultParams();
  const values = loader.vars(yaml, base);
  const names = Object.keys((yaml.value as { readonly stages: object }).stages);
  const stages = names.flatMap((name) =>
    expandStage(name, { yaml, values, defaultParams: DEFAULT_PARAMS, problems, parse: (value, at, stage) => parseStage(value, { yaml, path: at, stage, problems }) }),
  );
  const seen = new Set<string>();
  for (const stage of stages) {
    if (seen.has(stage.name)) problems.push({ kind: 'duplicate-stage', message: wording.duplicateStage(stage.name), place: stage.place, stage: stage.name });
    seen.add(stage.name);
  }
  const params = loader.params(stages, base);
  const { graph, problems: graphProblems } = buildGraph(stages);
  problems.push(...graphProblems, ...stages.flatMap((stage) => [...checkParams(stage, params), ...codeProblems(stage, options.roots)]));
  const pipeline: Pipeline = { file: shown, roots: options.roots, stages: graph.ordered, upstream: graph.upstream, producers: graph.producers, params, overrides: options.overrides, hooks: hooksOf(yaml.value) };
  if (problems.length === 0) problems.push(...missingPaths.problems(pipeline));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: { pipeline, read: [...loader.read] } };
}
