import { z } from 'zod';
import { detectLanguage } from '../ml/text/language.ts';
import { normalize } from '../ml/text/normalize.ts';
import { createFirsts } from '../ml/text/firsts.ts';
import { createStem } from '../ml/text/stem.ts';
import { tokenize } from '../ml/text/tokenize.ts';
import type { Stem } from '../ml/text/tokenize.ts';
import { readRows, writeRows } from '../records/csv.ts';
import { AppId } from '../schema/app.ts';
import type { Label } from '../schema/app.ts';
import { CleanReview, DroppedReview } from '../schema/clean-review.ts';
import { CleanParams } from '../schema/params.ts';
import { Review } from '../schema/review.ts';
import { readCorrections } from './clean/corrections.ts';
import type { StageRun } from './context.ts';
import { impossibleDates } from './dates/impossible.ts';
import { wording } from './wording-data.ts';

const Params = z.object({ collect: z.object({ app: AppId }), clean: CleanParams });
type Clean = z.infer<typeof CleanParams>;
type Reason = z.infer<typeof DroppedReview>['reason'];

function labelOf(rating: number, threeStars: Clean['labels']['threeStars']): Label | 'three-stars' {
  if (rating <= 2) return 'negative';
  if (rating >= 4) return 'positive';
  return threeStars === 'drop' ? 'three-stars' : threeStars;
}

interface Use {
  readonly params: Clean;
  readonly corrections: ReadonlyMap<string, Label>;
  readonly stem: Stem | undefined;
}

function cleanOne(review: Review, { params, corrections, stem }: Use): CleanReview | Reason {
  const { rating, at } = review;
  if (rating === null) return 'no-rating';
  if (!Number.isInteger(rating) || rating < 1 || rating > 5) return 'invalid-rating';
  if (at === null) return 'no-date';
  if (review.text.length > params.charactersMax) return 'too-long';
  const text = normalize(review.text);
  const tokens = tokenize(text, params.text, stem);
  if (tokens.length === 0) return 'empty';
  const corrected = corrections.get(review.id);
  const label = corrected ?? labelOf(rating, params.labels.threeStars);
  if (label === 'three-stars') return label;
  return {
    app: review.app, id: review.id, at, rating, label, labelSource: corrected === undefined ? 'stars' : 'correction', language: detectLanguage(tokens),
    version: review.version, raw: review.text, text, tokens: tokens.join(' '),
  };
}

/** Reviews that can be learned from, and one reason for each that cannot. */
export const run: StageRun = async (context) => {
  const parsed = Params.safeParse(context.params);
  if (!parsed.success) return wording.badParams(parsed.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('; '));
  const { collect, clean: params } = parsed.data;
  const read = readRows(context.path('data/collect/reviews.csv'), Review, 'data/collect/reviews.csv');
  if (!read.ok) return wording.records(read.problem);
  const corrections = readCorrections(context.path('corrections.csv'), collect.app);
  if (corrections.kind === 'failed') return corrections;
  const use: Use = { params, corrections: corrections.labels, stem: params.text.stem === 'none' ? undefined : createStem() };
  const kept: CleanReview[] = [];
  const dropped: z.infer<typeof DroppedReview>[] = [];
  const firstOf = createFirsts(read.rows.length);
  const impossible = impossibleDates(read.rows.map(({ at }) => at));
  for (const [index, review] of read.rows.entries()) {
    const cleaned = firstOf(review.id, index) !== index ? 'duplicate-id' : impossible[index] === true ? 'future' : cleanOne(review, use);
    if (typeof cleaned === 'string') dropped.push({ app: review.app, id: review.id, reason: cleaned });
    else kept.push(cleaned);
  }
  const file = context.path('data/clean/reviews.csv');
  writeRows(file, CleanReview, kept);
  writeRows(context.path('data/clean/dropped.csv'), DroppedReview, dropped);
  if (kept.length === 0) return wording.nothingLeft(dropped.length);
  return { kind: 'done', facts: { rows: kept.length, dropped: dropped.length, corrected: kept.filter(({ labelSource }) => labelSource === 'correction').length } };
};
