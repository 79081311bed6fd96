import type { Json, Problem } from './model.ts';
import { nearest } from './nearest.ts';
import { PIPELINE_KEYS, PipelineSpec, STAGE_KEYS, StageSpec } from './spec.ts';
import { wording } from './wording-load.ts';
import type { YamlFile } from './yaml.ts';

type Path = readonly (string | number)[];

interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

const LISTS = new Set(['deps', 'outs', 'metrics', 'plots', 'params', 'state', 'env', 'needs', 'code']);

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a map' : `${typeof value === 'string' ? 'the text' : 'the value'} ${JSON.stringify(value)}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, step) => (inner !== null && typeof inner === 'object' ? (inner as Record<PropertyKey, unknown>)[step] : undefined), value);
}

/** What a wrong value should have been, in words. */
function expected(issue: Issue, value: unknown): string {
  const [section] = issue.path;
  const seen = describe(valueAt(value, issue.path));
  if (issue.path.length === 1 && LISTS.has(String(section)) && issue.code === 'invalid_type') return `must be a list, but it is ${seen}`;
  if (issue.code === 'invalid_union') {
    const options = issue.path.length > 1 ? 'a text or a map of options with known keys' : section === 'cmd' ? 'a text or a list of texts' : 'one of the allowed forms';
    return `must be ${options}, but it is ${seen}`;
  }
  const [first = ''] = issue.message.split(':');
  return issue.message.startsWith('must be') ? `${issue.message}, but it is ${seen}` : `must be valid (${first.toLowerCase()}), but it is ${seen}`;
}

/** The deepest issues of a union: an unknown key inside of the options says more than "not a text". */
function flatten(issue: Issue): readonly Issue[] {
  const inner = (issue.errors ?? []).flat().filter(({ code }) => code === 'unrecognized_keys');
  return issue.code === 'invalid_union' && inner.length > 0 ? inner.map((one) => ({ ...one, path: [...issue.path, ...one.path] })) : [issue];
}

/** Checks one stage after templating; each problem has the place of the key it is about. */
export function parseStage(value: Json, use: { yaml: YamlFile; path: Path; stage: string; problems: Problem[] }): StageSpec | undefined {
  const parsed = StageSpec.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = (parsed.error.issues as unknown as readonly Issue[]).flatMap(flatten);
  for (const issue of issues) {
    const at: Path = [...use.path, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys ?? []) {
        const known = issue.path.length === 0 ? STAGE_KEYS : ['optional', 'cache', 'persist', 'rerun', 'opens', 'check', 'targets'];
        use.problems.push({ kind: 'unknown-key', message: wording.unknownKey(key, nearest(key, known)), place: use.yaml.place([...at, key]), stage: use.stage });
      }
    } else {
      const name = issue.path.length === 0 ? use.stage : issue.path.map(String).join('.');
      use.problems.push({ kind: 'wrong-type', message: wording.wrongType(name, expected(issue, value)), place: use.yaml.place(at), stage: use.stage });
    }
  }
  return undefined;
}

/** Checks what surrounds the stages: known keys, a map of stages, names. True where the stages can be looked at. */
export function checkTop(yaml: YamlFile, problems: Problem[]): boolean {
  const { value } = yaml;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    problems.push({ kind: 'empty', message: wording.emptyPipeline(yaml.file), place: yaml.place([]) });
    return false;
  }
  for (const key of Object.keys(value)) {
    if (!PIPELINE_KEYS.includes(key)) problems.push({ kind: 'unknown-key', message: wording.unknownKey(key, nearest(key, PIPELINE_KEYS)), place: yaml.place([key]) });
  }
  const { stages, vars, on } = value as { readonly [key: string]: Json };
  const hooks = PipelineSpec.shape.on.safeParse(on ?? undefined);
  for (const { path } of hooks.success ? [] : hooks.error.issues) {
    const at = ['on', ...path.map(String)];
    problems.push({ kind: 'wrong-type', message: wording.wrongType(at.join('.'), `must be ${path.length === 0 ? 'a map of events' : 'a command or a list of commands'}, but it is ${describe(valueAt(on, path))}`), place: yaml.place(at) });
  }
  if (vars !== undefined && !Array.isArray(vars)) problems.push({ kind: 'wrong-type', message: wording.wrongType('vars', `must be a list, but it is ${describe(vars)}`), place: yaml.place(['vars']) });
  if (stages === undefined || stages === null || (typeof stages === 'object' && Object.keys(stages).length === 0)) {
    problems.push({ kind: 'empty', message: wording.emptyPipeline(yaml.file), place: yaml.place(['stages']) });
    return false;
  }
  if (typeof stages !== 'object' || Array.isArray(stages)) {
    problems.push({ kind: 'wrong-type', message: wording.wrongType('stages', `must be a map of stages, but it is ${describe(stages)}`), place: yaml.place(['stages']) });
    return false;
  }
  let sound = true;
  for (const [name, stage] of Object.entries(stages)) {
    if (!/^[A-Za-z0-9_-]+$/.test(name)) problems.push({ kind: 'stage-name', message: wording.badStageName(name), place: yaml.place(['stages', name]) });
    if (stage === null || typeof stage !== 'object' || Array.isArray(stage)) {
      problems.push({ kind: 'wrong-type', message: wording.wrongType(name, `must be a map of keys such as cmd and deps, but it is ${describe(stage)}`), place: yaml.place(['stages', name]), stage: name });
      sound = false;
    }
  }
  return sound;
}
