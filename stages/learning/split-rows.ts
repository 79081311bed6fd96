import { readRows } from '../../records/read-csv.ts';
import { sentence } from '../../records/wording.ts';
import { SplitReview } from '../../schema/clean-review.ts';
import type { StageContext } from '../context.ts';
import { wording } from '../wording-learning.ts';
import type { Failed } from '../wording-learning.ts';

export type RowsOr<T> = { readonly kind: 'rows'; readonly rows: readonly T[] } | Failed;

export const TRAIN = 'data/split/train.csv';
export const TEST = 'data/split/test.csv';

/** One side of the split. A side without rows is a failure: there is nothing to learn from, or to judge by. */
export function readSide(context: StageContext, side: 'training' | 'test'): RowsOr<SplitReview> {
  const file = side === 'training' ? TRAIN : TEST;
  const read = readRows(context.path(file), SplitReview, file);
  if (!read.ok) return { kind: 'failed', ...sentence(read.problem) };
  return read.rows.length === 0 ? wording.noRows(side, file) : { kind: 'rows', rows: read.rows };
}
