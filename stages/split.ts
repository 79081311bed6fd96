import { z } from 'zod';
import { hashShare } from '../ml/hash.ts';
import { writeRows } from '../records/csv.ts';
import { readRows } from '../records/read-csv.ts';
import { CleanReview, SplitReview } from '../schema/clean-review.ts';
import { SplitParams } from '../schema/params.ts';
import type { StageRun } from './context.ts';
import { parseParams } from './params/parse.ts';
import { wording } from './wording-data.ts';

const Params = z.object({ split: SplitParams });

/**
 * The side of a row is a keyed hash of its normalised text: identical texts never straddle, and a row never changes sides as
 * data grows. With many rows each class has the same share on both sides, within a point.
 */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { seed, testShare } = parsed.params.split;
  const read = readRows(context.path('data/clean/reviews.csv'), CleanReview, 'data/clean/reviews.csv');
  if (!read.ok) return wording.records(read.problem);
  const onTestSide = (text: string): boolean => hashShare(text, seed) < testShare;
  const rows = read.rows.map(({ app, id, at, rating, label, language, text, tokens }): SplitReview => ({ app, id, at, rating, label, language, text, tokens }));
  const sides = { train: rows.filter(({ text }) => !onTestSide(text)), test: rows.filter(({ text }) => onTestSide(text)) };
  for (const [side, sideRows] of Object.entries(sides)) {
    if (sideRows.length === 0) return wording.emptySide(side === 'train' ? 'training' : 'test', rows.length);
    const file = context.path(`data/split/${side}.csv`);
    writeRows(file, SplitReview, sideRows);
  }
  return { kind: 'done', facts: { train: sides.train.length, test: sides.test.length } };
};
