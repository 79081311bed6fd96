import { readFileSync, statSync } from 'node:fs';
import type { z } from 'zod';

export type Reading<T> = { readonly kind: 'read'; readonly value: T } | { readonly kind: 'missing' } | { readonly kind: 'broken'; readonly why: string };

/** Reads a small JSON file again only when it changed. A broken one is a value: services go on. */
export function jsonFile<S extends z.ZodType>(file: string, schema: S): () => Reading<z.infer<S>> {
  let stamp = '';
  let held: Reading<z.infer<S>> = { kind: 'missing' };
  return () => {
    try {
      const { mtimeMs, size, ino } = statSync(file);
      const now = `${mtimeMs}:${size}:${ino}`;
      if (now === stamp) return held;
      stamp = now;
      const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
      held = parsed.success ? { kind: 'read', value: parsed.data } : { kind: 'broken', why: parsed.error.issues[0]?.message ?? 'it does not fit' };
    } catch (error) {
      stamp = '';
      const isMissing = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
      held = isMissing ? { kind: 'missing' } : { kind: 'broken', why: error instanceof Error ? error.message : String(error) };
    }
    return held;
  };
}
