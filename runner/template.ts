import type { Json, Place, Problem } from './model.ts';
import { nearest } from './nearest.ts';
import { wording } from './wording-load.ts';

/** The value at a dotted path (`a.b[0].c`), or undefined. Keys that hold dots are found whole first. */
export function lookup(value: Json, key: string): Json | undefined {
  if (key === '') return value;
  const steps = key.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  const walk = (from: Json | undefined, index: number): Json | undefined => {
    if (index === steps.length) return from;
    if (from === null || typeof from !== 'object') return undefined;
    for (let end = steps.length; end > index; end--) {
      const step = steps.slice(index, end).join('.');
      if (!Object.hasOwn(from, step)) continue;
      const found = walk((from as Readonly<Record<string, Json>>)[step], end);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk(value, 0);
}

/** Every dotted key of a value: of maps, and of what is inside of them. */
export function keysOf(value: Json, prefix = ''): readonly string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${prefix}${key}`, ...keysOf(inner as Json, `${prefix}${key}.`)]);
}

export interface TemplateContext {
  readonly stage: string;
  readonly values: Json;
  /** `item`, `key`: what foreach and matrix add. */
  readonly local: Readonly<Record<string, Json>>;
  place(path: readonly (string | number)[]): Place;
}

const VARIABLE = /(\\)?\$\{\s*([^}]*?)\s*\}/g;

function resolve(name: string, context: TemplateContext): Json | undefined {
  return lookup(context.local, name) ?? lookup(context.values, name);
}

/** `${a.${b}}`: the innermost variables first, so that one value may name another. */
const NESTED = /(\$\{[^{}]*)\$\{\s*([^${}]*?)\s*\}/;

function unnest(text: string, context: TemplateContext): string {
  for (let flat = text; ; ) {
    const found = NESTED.exec(flat);
    const value = found === null ? undefined : resolve(found[2] ?? '', context);
    if (found === null || value === undefined || (value !== null && typeof value === 'object')) return flat;
    flat = flat.replace(found[0], () => `${found[1]}${String(value)}`);
  }
}

function substituteText(written: string, path: readonly (string | number)[], use: { context: TemplateContext; problems: Problem[] }): Json {
  const { context, problems } = use;
  const text = unnest(written, context);
  const unknown = (name: string): void => {
    const known = [...keysOf(context.local), ...keysOf(context.values)];
    problems.push({ kind: 'unknown-variable', message: wording.unknownVariable(context.stage, name, nearest(name, known)), place: context.place(path), stage: context.stage });
  };
  const whole = /^\$\{\s*([^}]*?)\s*\}$/.exec(text)?.[1];
  if (whole !== undefined) {
    const value = resolve(whole, context);
    if (value === undefined) unknown(whole);
    return value ?? '';
  }
  return text.replaceAll(VARIABLE, (match: string, escaped: string | undefined, name: string) => {
    if (escaped !== undefined) return match.slice(1);
    const value = resolve(name, context);
    if (value === undefined) {
      unknown(name);
      return '';
    }
    if (value !== null && typeof value === 'object') {
      problems.push({ kind: 'variable-kind', message: wording.variableKind(context.stage, name), place: context.place(path), stage: context.stage });
      return '';
    }
    return String(value);
  });
}

/** Replaces `${key}` everywhere in a value, in keys as well. A text that is nothing but `${key}` becomes the value itself. */
export function substitute(value: Json, path: readonly (string | number)[], use: { context: TemplateContext; problems: Problem[] }): Json {
  if (typeof value === 'string') return value.includes('${') ? substituteText(value, path, use) : value;
  if (Array.isArray(value)) return value.map((item: Json, index) => substitute(item, [...path, index], use));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key.includes('${') ? String(substituteText(key, [...path, key], use)) : key,
        substitute(inner as Json, [...path, key], use),
      ]),
    );
  }
  return value;
}
