import type { FeatureParams } from '../../schema/params.ts';
import { log } from '../math.ts';
import type { Counts } from './counts.ts';
import { besides } from './sparse.ts';
import type { Sparse } from './sparse.ts';

/** One fitted block of features: its terms, sorted, and their idf. */
export interface Block {
  readonly kind: Counts['kind'];
  readonly terms: readonly string[];
  readonly idf: Float64Array;
  /** Column of `Counts` for each feature. */
  readonly columns: Int32Array;
}

/** In how many of the rows each column stands. */
function documentFrequencies(matrix: Sparse, rows: ArrayLike<number>): Int32Array {
  const frequencies = new Int32Array(matrix.columns);
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r] ?? 0;
    const end = matrix.offsets[row + 1] ?? 0;
    for (let entry = matrix.offsets[row] ?? 0; entry < end; entry++) {
      const column = matrix.indices[entry] ?? 0;
      frequencies[column] = (frequencies[column] ?? 0) + 1;
    }
  }
  return frequencies;
}

/** The columns to keep: in enough documents, and of those the most frequent ones, earlier terms first among equals. */
function keptColumns(frequencies: Int32Array, params: FeatureParams): Int32Array {
  const kept: number[] = [];
  for (let column = 0; column < frequencies.length; column++) if ((frequencies[column] ?? 0) >= params.minDocuments) kept.push(column);
  if (params.featuresMax === null || kept.length <= params.featuresMax) return Int32Array.from(kept);
  const best = kept.sort((a, b) => (frequencies[b] ?? 0) - (frequencies[a] ?? 0) || a - b).slice(0, params.featuresMax);
  return Int32Array.from(best.sort((a, b) => a - b));
}

/**
 * Learns vocabulary and idf from the given rows and from no others. idf = ln((1 + n) / (1 + df)) + 1, as scikit-learn's
 * TfidfVectorizer with smooth_idf. `featuresMax` holds for each block, by document frequency.
 */
export function fitTfidf(counts: readonly Counts[], rows: ArrayLike<number>, params: FeatureParams): readonly Block[] {
  return counts.map(({ kind, terms, matrix }) => {
    const frequencies = documentFrequencies(matrix, rows);
    const columns = keptColumns(frequencies, params);
    const idf = Float64Array.from(columns, (column) => log((1 + rows.length) / (1 + (frequencies[column] ?? 0))) + 1);
    return { kind, terms: Array.from(columns, (column) => terms[column] ?? ''), idf, columns };
  });
}

/** 1 + ln of the counts that nearly all features have: the same bits, worked out once. */
const SUBLINEAR = Float64Array.from({ length: 64 }, (_, count) => 1 + log(count));

/** The weight of a feature before its row gets unit length. */
export function weightOf(count: number, idf: number, sublinear: boolean): number {
  if (!sublinear) return count * idf;
  return (count < SUBLINEAR.length ? (SUBLINEAR[count] as number) : 1 + log(count)) * idf;
}

/** Entries of one row among those of others. */
interface Entries {
  readonly values: Float64Array;
  readonly start: number;
  readonly end: number;
}

/** tf (or 1 + ln tf) times idf, of unit length: in place over the entries of one row. */
export function weigh({ values, start, end }: Entries, idf: (entry: number) => number, sublinear: boolean): void {
  let square = 0;
  for (let entry = start; entry < end; entry++) {
    const weight = weightOf(values[entry] ?? 0, idf(entry), sublinear);
    values[entry] = weight;
    square += weight * weight;
  }
  if (square === 0) return;
  const length = Math.sqrt(square);
  for (let entry = start; entry < end; entry++) values[entry] = (values[entry] ?? 0) / length;
}

function transformBlock(counts: Counts, block: Block, use: { rows: ArrayLike<number>; sublinear: boolean }): Sparse {
  const { matrix } = counts;
  const feature = new Int32Array(matrix.columns).fill(-1);
  for (let index = 0; index < block.columns.length; index++) feature[block.columns[index] ?? 0] = index;
  const { rows } = use;
  const offsets = new Int32Array(rows.length + 1);
  let size = 0;
  for (let r = 0; r < rows.length; r++) size += (matrix.offsets[(rows[r] ?? 0) + 1] ?? 0) - (matrix.offsets[rows[r] ?? 0] ?? 0);
  const indices = new Int32Array(size);
  const values = new Float64Array(size);
  let at = 0;
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r] ?? 0;
    const start = at;
    const end = matrix.offsets[row + 1] ?? 0;
    for (let entry = matrix.offsets[row] ?? 0; entry < end; entry++) {
      const index = feature[matrix.indices[entry] ?? 0] ?? -1;
      if (index < 0) continue;
      indices[at] = index;
      values[at++] = matrix.values[entry] ?? 0;
    }
    weigh({ values, start, end: at }, (entry) => block.idf[indices[entry] ?? 0] ?? 0, use.sublinear);
    offsets[r + 1] = at;
  }
  return { rows: rows.length, columns: block.terms.length, offsets, indices: indices.slice(0, at), values: values.slice(0, at) };
}

/** Rows of counts as weights; each block has unit length, and blocks stand side by side (scikit-learn's FeatureUnion). */
export function transformTfidf(counts: readonly Counts[], blocks: readonly Block[], use: { rows: ArrayLike<number>; sublinear: boolean }): Sparse {
  const [first, second] = blocks.map((block, index) => {
    const own = counts[index];
    if (own === undefined) throw new RangeError(`Cannot transform block ${index} as there are counts for ${counts.length} only`);
    return transformBlock(own, block, use);
  });
  if (first === undefined) throw new RangeError('Cannot transform without a block of features');
  return second === undefined ? first : besides(first, second);
}
