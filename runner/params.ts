import type { Json, ParamsFile, Pipeline, Problem, Result, Stage } from './model.ts';
import { nearest } from './nearest.ts';
import { keysOf, lookup } from './template.ts';
import { wording } from './wording-load.ts';

type MutableJson = { [key: string]: Json };

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return value !== undefined && value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The steps of a dotted key as the maps of a value really nest, so that keys which hold dots are kept whole. */
function stepsTo(value: Json, key: string): readonly string[] {
  const parts = key.split('.');
  if (!isMap(value) || parts.length === 1) return [key];
  for (let end = parts.length; end > 0; end--) {
    const head = parts.slice(0, end).join('.');
    if (!Object.hasOwn(value, head)) continue;
    return end === parts.length ? [head] : [head, ...stepsTo(value[head] ?? null, parts.slice(end).join('.'))];
  }
  return parts;
}

/** A copy of `value` with the key replaced; what is not on its way is shared. */
function replaced(value: Json, steps: readonly string[], leaf: Json): Json {
  const [head, ...rest] = steps;
  if (head === undefined) return leaf;
  if (Array.isArray(value)) return value.map((item: Json, index) => (String(index) === head ? replaced(item, rest, leaf) : item));
  const map: MutableJson = isMap(value) ? { ...value } : {};
  map[head] = replaced(map[head] ?? {}, rest, leaf);
  return map;
}

/** Applies `--set key=value` to params.yaml as read. A key that is not there is an error, with the nearest one. */
export function applyOverrides(params: Json, overrides: readonly string[], parse: (text: string) => Json): Result<Json> {
  const problems: Problem[] = [];
  let value = params;
  for (const override of overrides) {
    const equals = override.indexOf('=');
    const key = override.slice(0, Math.max(0, equals)).trim();
    if (equals < 1 || key === '') problems.push({ kind: 'bad-set', message: wording.badSet(override) });
    else if (lookup(value, key) === undefined) problems.push({ kind: 'unknown-set', message: wording.unknownSet(key, nearest(key, keysOf(value))) });
    else value = replaced(value, stepsTo(value, key), parse(override.slice(equals + 1)));
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value };
}

/** One problem for each declared key that its file does not have. Falsy values (0, false, null, "") are values. */
export function checkParams(stage: Stage, params: ReadonlyMap<string, ParamsFile>): readonly Problem[] {
  return stage.params.flatMap((ref): readonly Problem[] => {
    const file = params.get(ref.file);
    if (file === undefined || ref.key === '' || lookup(file.value, ref.key) !== undefined) return [];
    const hint = nearest(ref.key, keysOf(file.value));
    return [{ kind: 'missing-param', message: wording.missingParam(ref.key, ref.file, hint), place: ref.place, stage: stage.name }];
  });
}

/** The declared keys and their values, flat: `params.yaml:train.lr` -> 0.1. Sorted by code unit. 1 and 1.0 are the same number. */
export function selectParams(stage: Stage, pipeline: Pipeline): { readonly [fileAndKey: string]: Json } {
  const entries = stage.params.map(({ file, key }): [string, Json] => {
    const value = pipeline.params.get(file)?.value ?? null;
    return [`${file}:${key}`, lookup(value, key) ?? null];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function merged(into: Json, value: Json): Json {
  if (!isMap(into) || !isMap(value)) return value;
  const result: MutableJson = { ...into };
  for (const [key, inner] of Object.entries(value)) result[key] = Object.hasOwn(into, key) ? merged(into[key] ?? null, inner) : inner;
  return result;
}

/** Only the declared keys, nested as in their files; files are merged, and the later one wins. */
export function nestParams(stage: Stage, pipeline: Pipeline): Json {
  let nested: Json = {};
  for (const { file, key } of stage.params) {
    const value = pipeline.params.get(file)?.value ?? null;
    const selected = lookup(value, key) ?? null;
    nested = merged(nested, key === '' ? selected : replaced({}, stepsTo(value, key), selected));
  }
  return nested;
}
