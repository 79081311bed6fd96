import { z } from 'zod';
import { AppId, Instant, Label, Language } from './app.ts';

/** A row of data/clean/reviews.csv, sorted by (at, id). Every kept review has a label and at least one token. */
export const CleanReview = z.object({
  app: AppId,
  id: z.string(),
  at: Instant,
  rating: z.number().int().min(1).max(5),
  label: Label,
  /** `stars`, or `correction` where corrections.csv names the label. */
  labelSource: z.enum(['stars', 'correction']),
  language: Language,
  version: z.string().nullable(),
  /** What the user typed, for showing (escaped at the edge). */
  raw: z.string(),
  /** Normalised text: the input of character n-grams. */
  text: z.string(),
  /** Tokens joined by one space: the input of word n-grams. */
  tokens: z.string(),
});
export type CleanReview = z.infer<typeof CleanReview>;

export const DROP_REASONS = ['empty', 'no-rating', 'no-date', 'future', 'three-stars', 'too-long', 'duplicate-id', 'invalid-rating'] as const;

/** A row of data/clean/dropped.csv: one reason per dropped review. */
export const DroppedReview = z.object({ app: AppId, id: z.string(), reason: z.enum(DROP_REASONS) });
export type DroppedReview = z.infer<typeof DroppedReview>;

/** A row of data/split/train.csv and data/split/test.csv. */
export const SplitReview = z.object({
  app: AppId,
  id: z.string(),
  at: Instant,
  rating: z.number().int(),
  label: Label,
  language: Language,
  text: z.string(),
  tokens: z.string(),
});
export type SplitReview = z.infer<typeof SplitReview>;

/** A row of corrections.csv, kept by people: the label a review should have. */
export const Correction = z.object({ app: AppId, id: z.string(), label: Label, by: z.string(), note: z.string() });
export type Correction = z.infer<typeof Correction>;
