import { z } from 'zod';
import { AppId, Label } from './app.ts';

/** A row of data/predict/predictions.csv, in the order of data/clean/reviews.csv. Probabilities are exact doubles. */
export const Prediction = z.object({
  app: AppId,
  id: z.string(),
  version: z.string(),
  label: Label,
  negative: z.number(),
  neutral: z.number(),
  positive: z.number(),
});
export type Prediction = z.infer<typeof Prediction>;

/** A row of data/predict/trend.csv: one month of one dataset. */
export const TrendRow = z.object({
  app: AppId,
  month: z.string().regex(/^\d{4}-\d{2}$/),
  reviews: z.number().int(),
  negative: z.number().int(),
  neutral: z.number().int(),
  positive: z.number().int(),
  rating: z.number(),
});
export type TrendRow = z.infer<typeof TrendRow>;
