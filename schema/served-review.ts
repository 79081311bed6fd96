import { z } from 'zod';
import { AppId, Instant, Label, Language } from './app.ts';

/** A review as a release holds it, with what the model said of it: what the API answers and downloads give. */
export const ServedReview = z.object({
  app: AppId,
  id: z.string(),
  at: Instant,
  rating: z.number().int().min(1).max(5),
  /** What the model predicted, or the label of the stars where there was no model yet. */
  label: Label,
  negative: z.number().nullable(),
  neutral: z.number().nullable(),
  positive: z.number().nullable(),
  /** Version of the model that predicted. */
  model: z.string().nullable(),
  /** The label that the stars (or a correction) give. */
  starsLabel: Label,
  language: Language,
  version: z.string().nullable(),
  text: z.string(),
});
export type ServedReview = z.infer<typeof ServedReview>;
