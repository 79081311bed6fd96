import type { FeatureParams } from '../../schema/params.ts';
import { eachCharacterGram, eachWordGram } from './ngrams.ts';
import type { Document } from './ngrams.ts';
import type { Sparse } from './sparse.ts';

/** How often each n-gram stands in each document, for one kind of n-gram. Terms are sorted by code unit. */
export interface Counts {
  readonly kind: 'words' | 'characters';
  readonly terms: readonly string[];
  readonly matrix: Sparse;
}

type Each = (document: Document, use: (gram: string) => void) => void;

function countGrams(documents: readonly Document[], each: Each): { terms: readonly string[]; matrix: Sparse } {
  const ids = new Map<string, number>();
  const offsets = new Int32Array(documents.length + 1);
  const rows: Map<number, number>[] = [];
  for (const [row, document] of documents.entries()) {
    const counts = new Map<number, number>();
    each(document, (gram) => {
      let id = ids.get(gram);
      if (id === undefined) ids.set(gram, (id = ids.size));
      counts.set(id, (counts.get(id) ?? 0) + 1);
    });
    rows.push(counts);
    offsets[row + 1] = (offsets[row] ?? 0) + counts.size;
  }
  const found = [...ids.keys()];
  const order = found.map((_, id) => id).sort((a, b) => ((found[a] ?? '') < (found[b] ?? '') ? -1 : 1));
  const rank = new Int32Array(found.length);
  for (const [position, id] of order.entries()) rank[id] = position;
  const indices = new Int32Array(offsets[documents.length] ?? 0);
  const values = new Float64Array(indices.length);
  for (const [row, counts] of rows.entries()) {
    const sorted = Int32Array.from(counts.keys(), (id) => rank[id] ?? 0).sort();
    const start = offsets[row] ?? 0;
    indices.set(sorted, start);
    for (let at = 0; at < sorted.length; at++) values[start + at] = counts.get(order[sorted[at] ?? 0] ?? 0) ?? 0;
  }
  return { terms: order.map((id) => found[id] ?? ''), matrix: { rows: documents.length, columns: found.length, offsets, indices, values } };
}

/** Counts the n-grams of documents once; `fitTfidf` then looks at the rows it may see, and at no others. */
export function countDocuments(documents: readonly Document[], params: FeatureParams): readonly Counts[] {
  const { words, characters } = params;
  const counts: Counts[] = [{ kind: 'words', ...countGrams(documents, (document, use) => eachWordGram(document.tokens, words, use)) }];
  if (characters !== null) counts.push({ kind: 'characters', ...countGrams(documents, (document, use) => eachCharacterGram(document.text, characters, use)) });
  return counts;
}
