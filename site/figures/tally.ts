import { LABELS } from '../../schema/app.ts';
import type { Label } from '../../schema/app.ts';
import type { CleanReview } from '../../schema/clean-review.ts';
import type { Prediction, TrendRow } from '../../schema/prediction.ts';

/** A review with the label the report shows: the champion's where it spoke, that of the stars where it did not. */
export interface Judged {
  readonly review: CleanReview;
  readonly label: Label;
  /** Probability of the label; null where no model spoke. */
  readonly confidence: number | null;
}

export type LabelCounts = Readonly<Record<Label, number>>;

/** Reviews of a stretch of time. Shares are in [0, 1]; NaN-free: an empty stretch has shares of 0 and a rating of null. */
export interface Tally {
  readonly reviews: number;
  readonly labels: LabelCounts;
  readonly negativeShare: number;
  /** Mean of the stars. */
  readonly rating: number | null;
}

export function judge(reviews: readonly CleanReview[], predictions: ReadonlyMap<string, Prediction>): readonly Judged[] {
  return reviews.map((review) => {
    const prediction = predictions.get(review.id);
    return prediction === undefined ? { review, label: review.label, confidence: null } : { review, label: prediction.label, confidence: prediction[prediction.label] };
  });
}

export function tally(judged: readonly Judged[]): Tally {
  const labels = { negative: 0, neutral: 0, positive: 0 };
  let stars = 0;
  for (const { label, review } of judged) {
    labels[label] += 1;
    stars += review.rating;
  }
  const reviews = judged.length;
  return { reviews, labels, negativeShare: reviews === 0 ? 0 : labels.negative / reviews, rating: reviews === 0 ? null : stars / reviews };
}

/** How often each number of stars was given, from 1 to 5. */
export function ratingCounts(judged: readonly Judged[]): readonly { readonly stars: number; readonly reviews: number }[] {
  const counts = [0, 0, 0, 0, 0];
  for (const { review } of judged) counts[review.rating - 1] = (counts[review.rating - 1] ?? 0) + 1;
  return counts.map((reviews, index) => ({ stars: index + 1, reviews }));
}

/** One row a month that has reviews, oldest first: what `predict` writes, for runs that did not come so far. */
export function monthsOf(app: string, judged: readonly Judged[]): readonly TrendRow[] {
  const months = Map.groupBy(judged, ({ review }) => review.at.slice(0, 7));
  return [...months.keys()].sort().map((month) => {
    const { reviews, labels, rating } = tally(months.get(month) ?? []);
    return { app, month, reviews, ...labels, rating: rating ?? 0 };
  });
}

/** Long form of the months, in the order of the labels: what a stacked chart wants. */
export function longMonths(months: readonly TrendRow[]): readonly { readonly month: string; readonly label: Label; readonly reviews: number; readonly share: number }[] {
  return months.flatMap((row) => LABELS.map((label) => ({ month: row.month, label, reviews: row[label], share: row.reviews === 0 ? 0 : row[label] / row.reviews })));
}
