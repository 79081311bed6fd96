import { z } from 'zod';
import { normalize } from '../ml/text/normalize.ts';
import { repeatedOf } from '../ml/text/repeated.ts';
import { createStem } from '../ml/text/stem.ts';
import { readTokens } from '../ml/text/tokenize.ts';
import type { Stem } from '../ml/text/tokenize.ts';
import { writeRows } from '../records/csv.ts';
import { readColumns } from '../records/read-csv.ts';
import type { ColumnTable } from '../records/read-csv.ts';
import { AppId } from '../schema/app.ts';
import type { Label } from '../schema/app.ts';
import { CleanReview, DroppedReview } from '../schema/clean-review.ts';
import { CleanParams } from '../schema/params.ts';
import { Review } from '../schema/review.ts';
import { readCorrections } from './clean/corrections.ts';
import type { StageContext, StageOutcome, StageRun } from './context.ts';
import { impossibleDates } from './dates/impossible.ts';
import { parseParams } from './params/parse.ts';
import { wording } from './wording-data.ts';

/** What is read of a collected review; replies and thumbs say nothing that is learned from. */
const Raw = Review.pick({ app: true, id: true, at: true, rating: true, text: true, version: true });
type Raw = z.infer<typeof Raw>;

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

function cleanOne(review: Raw, { params, corrections, stem }: Use): CleanReview | Reason {
  const { rating, at } = review;
  if (rating === null) return 'no-rating';
  if (!Number.isInteger(rating) || rating < 1 || rating > 5) return 'invalid-rating';
  if (at === null) return 'no-date';
  if (review.text.length > params.charactersMax) return 'too-long';
  const text = normalize(review.text);
  const { tokens, language } = readTokens(text, params.text, stem);
  if (tokens.length === 0) return 'empty';
  // Asked only where there are any: a map of the engine first takes each id into its table of names.
  const corrected = corrections.size === 0 ? undefined : corrections.get(review.id);
  const label = corrected ?? labelOf(rating, params.labels.threeStars);
  if (label === 'three-stars') return label;
  return {
    app: review.app, id: review.id, at, rating, label, labelSource: corrected === undefined ? 'stars' : 'correction', language,
    version: review.version, raw: review.text, text, tokens: tokens.join(' '),
  };
}

function rawAt({ app, id, at, rating, text, version }: ColumnTable<typeof Raw>['columns'], row: number): Raw {
  return { app: app[row] ?? '', id: id[row] ?? '', at: at[row] ?? null, rating: rating[row] ?? null, text: text[row] ?? '', version: version[row] ?? null };
}

/** The rules of `validate` that a review which is dropped for a reason fails as well. */
const RULES: Readonly<Partial<Record<Reason, string>>> = {
  'no-date': 'missing-date', future: 'future-date', 'no-rating': 'missing-rating', 'invalid-rating': 'rating-range', empty: 'empty-text', 'too-long': 'unusual-length', 'duplicate-id': 'duplicate-id',
};

/**
 * Nothing to learn from is an error of the data, and told as one from here: `accept`, which runs beside this stage, may not have
 * begun when the run stops. Where it has, the same rule is told once (services/notify).
 */
function nothingLeft(context: StageContext, dropped: readonly z.infer<typeof DroppedReview>[]): StageOutcome {
  const counts = new Map<Reason, number>();
  for (const { reason } of dropped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const reasons = [...counts].toSorted(([, a], [, b]) => b - a);
  for (const [reason, rows] of reasons) {
    const rule = RULES[reason];
    if (rule !== undefined) context.emit('quality-error', { rule, rows, share: rows / dropped.length });
  }
  return wording.nothingLeft(dropped.length, reasons);
}

/** Reviews that can be learned from, and one reason for each that cannot. */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { collect, clean: params } = parsed.params;
  const read = readColumns(context.path('data/collect/reviews.csv'), Raw, 'data/collect/reviews.csv');
  if (!read.ok) return wording.records(read.problem);
  const corrections = readCorrections(context.path('corrections.csv'), collect.app);
  if (corrections.kind === 'failed') return corrections;
  const use: Use = { params, corrections: corrections.labels, stem: params.text.stem === 'none' ? undefined : createStem() };
  const dropped: z.infer<typeof DroppedReview>[] = [];
  const { rows: raws, columns } = read.rows;
  const repeated = repeatedOf(columns.id);
  const impossible = impossibleDates(columns.at);
  let [rows, corrected] = [0, 0];
  // Each is written as soon as it is clean, so that none of them has to be kept.
  function* cleaning(): Generator<CleanReview> {
    for (let row = 0; row < raws; row++) {
      const review = rawAt(columns, row);
      const cleaned = repeated.has(row) ? 'duplicate-id' : impossible[row] === true ? 'future' : cleanOne(review, use);
      if (typeof cleaned === 'string') {
        dropped.push({ app: review.app, id: review.id, reason: cleaned });
        continue;
      }
      rows++;
      if (cleaned.labelSource === 'correction') corrected++;
      yield cleaned;
    }
  }
  writeRows(context.path('data/clean/reviews.csv'), CleanReview, cleaning());
  writeRows(context.path('data/clean/dropped.csv'), DroppedReview, dropped);
  if (rows === 0) return nothingLeft(context, dropped);
  return { kind: 'done', facts: { rows, dropped: dropped.length, corrected } };
};
