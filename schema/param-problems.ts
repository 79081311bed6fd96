import { z } from 'zod';

/** One thing that is wrong with params, in the words of params.yaml. `seen`: the value as JSON, cut where it is long; undefined where there is none. */
export type ParamProblem =
  | { readonly kind: 'value'; readonly path: readonly PropertyKey[]; readonly key: string; readonly seen: string | undefined; readonly why: string }
  /** `known`: the keys that there are in its place. */
  | { readonly kind: 'unknown'; readonly path: readonly PropertyKey[]; readonly key: string; readonly known: readonly string[] };

const SEEN_MAX = 80;

const TYPES: Readonly<Record<string, string>> = { number: 'a number', int: 'a whole number', string: 'a text', boolean: 'true or false', array: 'a list', tuple: 'a list', object: 'a map', record: 'a map', null: 'null' };
const UNITS: Readonly<Record<string, string>> = { string: 'characters', array: 'entries', tuple: 'entries', record: 'keys', object: 'keys' };

function bound(origin: string, limit: number | bigint, [many, than]: readonly [string, string]): string {
  const unit = UNITS[origin];
  return unit === undefined ? `must be ${than} ${limit}` : `must have ${many} ${limit} ${unit}`;
}

/** What a value should have been; a schema that says it itself begins with "must". */
function expected(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith('must')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return bound(issue.origin, issue.minimum, ['at least', issue.inclusive === false ? 'more than' : 'at least']);
    case 'too_big':
      return bound(issue.origin, issue.maximum, ['at most', issue.inclusive === false ? 'less than' : 'at most']);
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return `must be ${issue.errors.flat().map((one) => expected(one).replace(/^must be /, '')).join(' or ')}`;
    default:
      return `must fit: ${issue.message}`;
  }
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? unwrapped(schema.unwrap()) : schema;
}

/** The schema of what lies at a path; undefined where none is declared. */
function schemaAt(schema: unknown, path: readonly PropertyKey[]): unknown {
  const here = unwrapped(schema);
  const [step, ...rest] = path;
  if (step === undefined) return here;
  if (here instanceof z.ZodObject) return schemaAt((here.shape as Readonly<Record<PropertyKey, unknown>>)[step], rest);
  if (here instanceof z.ZodRecord) return schemaAt(here.valueType, rest);
  return here instanceof z.ZodArray ? schemaAt(here.element, rest) : undefined;
}

function keysAt(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  const here = schemaAt(schema, path);
  if (here instanceof z.ZodObject) return Object.keys(here.shape);
  return here instanceof z.ZodRecord && here.keyType instanceof z.ZodEnum ? here.keyType.options.map(String) : [];
}

function seenAt(value: unknown, path: readonly PropertyKey[]): string | undefined {
  let here = value;
  for (const step of path) here = typeof here === 'object' && here !== null ? (here as Readonly<Record<PropertyKey, unknown>>)[step] : undefined;
  const text = here === undefined ? undefined : JSON.stringify(here);
  return text === undefined || text.length <= SEEN_MAX ? text : `${text.slice(0, SEEN_MAX - 1)}…`;
}

/** Everything that a schema has against a value: `prefix` stands before the keys. */
export function paramProblems(schema: z.ZodType, value: unknown, prefix: readonly string[] = []): readonly ParamProblem[] {
  return (schema.safeParse(value).error?.issues ?? []).flatMap((issue): readonly ParamProblem[] => {
    const keyOf = (at: readonly PropertyKey[]): string => [...prefix, ...at].map(String).join('.');
    if (issue.code !== 'unrecognized_keys') return [{ kind: 'value', path: issue.path, key: keyOf(issue.path), seen: seenAt(value, issue.path), why: expected(issue) }];
    return issue.keys.map((name) => {
      const path = [...issue.path, name];
      return { kind: 'unknown', path, key: keyOf(path), known: keysAt(schema, issue.path) };
    });
  });
}
