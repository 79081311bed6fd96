import type { z } from 'zod';
import { wording } from '../wording-learning.ts';
import type { Failed } from '../wording-learning.ts';

export type ParamsOr<T> = { readonly kind: 'params'; readonly params: T } | Failed;

/** Params are typed by people: one that does not fit is a failure with its key, not a bug. `prefix` stands before the keys. */
export function parseParams<S extends z.ZodType>(schema: S, value: unknown, prefix = ''): ParamsOr<z.infer<S>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: 'params', params: parsed.data };
  const [issue] = parsed.error.issues;
  return wording.badParam([prefix, ...(issue?.path.map(String) ?? [])].filter((part) => part !== '').join('.'), issue?.message ?? 'it does not fit');
}
