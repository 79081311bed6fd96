import path from 'node:path';
import type { Dep, Effects, Json, Out, ParamRef, Place, Problem, Selected, Stage, StateRef, Work } from './model.ts';
import { substitute } from './template.ts';
import type { StageSpec } from './spec.ts';
import { wording } from './wording-load.ts';
import type { YamlFile } from './yaml.ts';

type Path = readonly (string | number)[];
type JsonMap = { readonly [key: string]: Json };

export interface ExpandUse {
  readonly yaml: YamlFile;
  /** params.yaml and vars together: what `${}` reads. */
  readonly values: Json;
  readonly defaultParams: string;
  readonly problems: Problem[];
}

/** `./a//b/` and `a/b` are one path. Absolute ones stay so. */
export function normalPath(text: string): string {
  const normal = path.posix.normalize(text.replaceAll('\\', '/'));
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/** One combination of a matrix or one item of a foreach: its suffix of the name, and what `${item}` stands for. */
interface Variant {
  readonly suffix: string;
  readonly local: JsonMap;
  readonly item: Json | undefined;
}

const nameOf = (value: Json, fallback: string): string => (value === null || typeof value === 'object' ? fallback : String(value));

function matrixVariants(axes: JsonMap): readonly Variant[] | undefined {
  let rows: readonly { readonly names: readonly string[]; readonly item: JsonMap }[] = [{ names: [], item: {} }];
  for (const [axis, values] of Object.entries(axes)) {
    if (!Array.isArray(values)) return undefined;
    rows = rows.flatMap((row) => values.map((value: Json, index) => ({ names: [...row.names, nameOf(value, `${axis}${index}`)], item: { ...row.item, [axis]: value } })));
  }
  return rows.map(({ names, item }) => ({ suffix: `@${names.join('-')}`, local: { item, key: names.join('-') }, item }));
}

function foreachVariants(over: Json): readonly Variant[] | undefined {
  if (Array.isArray(over)) return over.map((item: Json, index) => ({ suffix: `@${nameOf(item, String(index))}`, local: { item, key: index }, item }));
  if (over === null || typeof over !== 'object') return undefined;
  return Object.entries(over).map(([key, item]) => ({ suffix: `@${key}`, local: { key, item: item as Json }, item: item as Json }));
}

/** Splits `file#selector`. */
export function parseSelected(text: string, place: Place): Selected {
  const hash = text.indexOf('#');
  if (hash < 0) return { path: normalPath(text), selector: undefined, place };
  return { path: normalPath(text.slice(0, hash)), selector: text.slice(hash + 1), place };
}

export function secondsOf(duration: string): number {
  const unit = { s: 1, m: 60, h: 3600, d: 86400 }[duration.slice(-1)] ?? 1;
  return Number(duration.slice(0, -1)) * unit;
}

/** Items written as `path` or `{path: options}`, as pairs. */
function pairs<O>(items: readonly (string | Readonly<Record<string, O>>)[] | undefined): readonly [string, O | undefined, number][] {
  return (items ?? []).flatMap((item, index): readonly [string, O | undefined, number][] =>
    typeof item === 'string' ? [[item, undefined, index]] : Object.entries(item).map(([key, options]): [string, O | undefined, number] => [key, options, index]),
  );
}

type Locate = (path: Path) => Place;

function paramsOf(spec: StageSpec, at: Locate, defaultFile: string): readonly ParamRef[] {
  return pairs(spec.params).flatMap(([key, keys, index]): readonly ParamRef[] => {
    const place = at(['params', index]);
    if (keys === undefined) return key.endsWith(':') ? [{ file: normalPath(key.slice(0, -1)), key: '', place }] : [{ file: defaultFile, key, place }];
    return (keys ?? ['']).map((inner) => ({ file: normalPath(key), key: inner, place }));
  });
}

function outsOf(spec: StageSpec, at: Locate): readonly Out[] {
  const kinds = [['outs', 'out'], ['metrics', 'metric'], ['plots', 'plot']] as const;
  return kinds.flatMap(([section, kind]) =>
    pairs(spec[section]).map(([out, options, index]): Out => ({
      path: normalPath(out), cache: options?.cache ?? true, persist: options?.persist ?? false, kind, place: at([section, index]),
    })),
  );
}

function workOf(spec: StageSpec): Work {
  if (spec.cmd !== undefined) return { kind: 'shell', commands: [spec.cmd].flat() };
  const file = normalPath(spec.run ?? '');
  return { kind: file.endsWith('.ipynb') ? 'notebook' : 'module', file };
}

function effectsOf(spec: StageSpec): Effects | undefined {
  if (spec.effects === undefined) return undefined;
  if (spec.effects === true) return { check: undefined, targets: [] };
  return { check: spec.effects.check === undefined ? undefined : normalPath(spec.effects.check), targets: (spec.effects.targets ?? []).map(normalPath) };
}

function stageOf(name: string, spec: StageSpec, use: { at: Locate; item: Json | undefined; defaultParams: string }): Stage {
  const { at } = use;
  return {
    name,
    place: at([]),
    desc: spec.desc,
    work: workOf(spec),
    wdir: normalPath(spec.wdir ?? '.'),
    deps: pairs(spec.deps).map(([dep, options, index]): Dep => ({ path: normalPath(dep), optional: options?.optional ?? false, place: at(['deps', index]) })),
    params: paramsOf(spec, at, use.defaultParams),
    outs: outsOf(spec, at),
    env: spec.env ?? [],
    needs: spec.needs ?? [],
    code: (spec.code ?? []).map(normalPath),
    when: spec.when === undefined ? undefined : parseSelected(spec.when, at(['when'])),
    freshSeconds: spec.fresh === undefined || spec.fresh === 'never' ? undefined : secondsOf(spec.fresh),
    state: pairs(spec.state).map(([text, options, index]): StateRef => ({
      ...parseSelected(text, at(['state', index])), rerun: options?.rerun ?? true, opens: (options?.opens ?? []).map(normalPath),
    })),
    effects: effectsOf(spec),
    finally: spec.finally === true ? 'any' : (spec.finally ?? false),
    frozen: spec.frozen ?? false,
    alwaysChanged: spec.always_changed ?? false,
    item: use.item,
  };
}

/** One declaration under `stages:` as written: the stages it stands for. `parse` checks each after templating. */
export function expandStage(name: string, use: ExpandUse & { parse: (value: Json, path: Path, stage: string) => StageSpec | undefined }): readonly Stage[] {
  const written = ((use.yaml.value as JsonMap).stages as JsonMap)[name] as JsonMap;
  const base: Path = ['stages', name];
  const { matrix, foreach, do: body, ...rest } = written;
  const context = (stage: string, local: JsonMap) => ({ stage, values: use.values, local, place: use.yaml.place });
  const resolved = (value: Json, at: Path): Json => substitute(value, at, { context: context(name, {}), problems: use.problems });
  let variants: readonly Variant[] | undefined = [{ suffix: '', local: {}, item: undefined }];
  if (matrix !== undefined) variants = matrixVariants(resolved(matrix, [...base, 'matrix']) as JsonMap);
  else if (foreach !== undefined) variants = foreachVariants(resolved(foreach, [...base, 'foreach']));
  if (variants === undefined) {
    use.problems.push({ kind: 'foreach-kind', message: wording.foreachKind(name), place: use.yaml.place([...base, matrix === undefined ? 'foreach' : 'matrix']), stage: name });
    return [];
  }
  const inner: Path = foreach === undefined ? base : [...base, 'do'];
  return variants.flatMap(({ suffix, local, item }) => {
    const full = `${name}${suffix}`;
    const value = substitute(foreach === undefined ? rest : (body ?? {}), inner, { context: context(full, local), problems: use.problems });
    const spec = use.parse(value, inner, full);
    if (spec === undefined) return [];
    if ((spec.cmd === undefined) === (spec.run === undefined)) {
      use.problems.push({ kind: 'cmd-or-run', message: wording.cmdOrRun(full, spec.cmd !== undefined), place: use.yaml.place(base), stage: full });
      return [];
    }
    const at: Locate = (steps) => use.yaml.place([...(steps.length === 0 ? base : inner), ...steps]);
    return [stageOf(full, spec, { at, item, defaultParams: use.defaultParams })];
  });
}
