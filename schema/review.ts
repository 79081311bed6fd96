import { z } from 'zod';
import { AppId, Instant, Source } from './app.ts';

/**
 * One review as collected: a row of data/collect/reviews.csv, in this order of columns, sorted by (at, id).
 * Nothing is cleaned yet: `text` is what the user typed. `at` and `rating` may be missing in a bad source
 * (null); `validate` judges that.
 */
export const Review = z.object({
  app: AppId,
  id: z.string().min(1).max(200),
  at: Instant.nullable(),
  rating: z.number().nullable(),
  text: z.string(),
  thumbsUp: z.number().int().nullable(),
  version: z.string().nullable(),
  reply: z.string().nullable(),
  repliedAt: Instant.nullable(),
  source: Source,
  /** Keyed hash of the user's name where params ask for it, else null: the name itself is never kept. */
  author: z.string().nullable(),
});
export type Review = z.infer<typeof Review>;

/** A line of data/collect/history.jsonl: what a review said before it was edited, or when it was found to be deleted. */
export const ReviewRevision = z.object({ app: AppId, id: z.string(), revision: z.number().int(), review: Review, goneAt: Instant.nullable() });
export type ReviewRevision = z.infer<typeof ReviewRevision>;
