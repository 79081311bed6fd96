import type { z } from 'zod';
import { nearestName } from '../../records/nearest.ts';
import { paramProblems } from '../../schema/param-problems.ts';
import { paramSentence } from '../../schema/wording-params.ts';
import { wording } from '../wording-data.ts';
import type { Failed } from '../wording-data.ts';

export type ParamsOr<T> = { readonly kind: 'params'; readonly params: T } | Failed;

/**
 * Params are typed by people: one that does not fit is a failure with its key, the value seen and what it should be, not a bug.
 * `prefix` stands before the keys. The line of the file is not known here: a stage sees values, whoever said them.
 */
export function parseParams<S extends z.ZodType>(schema: S, value: unknown, prefix?: string): ParamsOr<z.infer<S>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: 'params', params: parsed.data };
  const problems = paramProblems(schema, value, prefix === undefined ? [] : [prefix]);
  return wording.badParams(problems.map((problem) => paramSentence(problem, (name, known) => nearestName([name], known))).join('; '));
}
