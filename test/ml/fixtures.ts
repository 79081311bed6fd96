import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Document } from '../../ml/vectorize/ngrams.ts';
import type { Sparse } from '../../ml/vectorize/sparse.ts';

interface SparseJson {
  readonly rows: number;
  readonly columns: number;
  readonly offsets: number[];
  readonly indices: number[];
  readonly values: number[];
}

/** A reference file; the Python beside it made it. */
export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(path.join(import.meta.dirname, '..', 'fixtures', 'ml', name), 'utf8')) as T;
}

export function sparse({ rows, columns, offsets, indices, values }: SparseJson): Sparse {
  return { rows, columns, offsets: Int32Array.from(offsets), indices: Int32Array.from(indices), values: Float64Array.from(values) };
}

export type { SparseJson };

/** The corpus, its tokens split at spaces: scikit-learn saw the same. */
export function corpus(): { readonly documents: readonly Document[]; readonly labels: readonly string[] } {
  const { documents } = fixture<{ documents: [string, string][] }>('corpus.json');
  return { documents: documents.map(([, text]) => ({ text, tokens: text.split(' ') })), labels: documents.map(([label]) => label) };
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let index = 0; index < a.length; index++) largest = Math.max(largest, Math.abs((a[index] ?? Number.NaN) - (b[index] ?? Number.NaN)));
  return largest;
}
