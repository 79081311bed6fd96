import { z } from 'zod';
import { AppId, Dataset, Instant } from './app.ts';

/** One expectation and what was seen. `share` is the part of the rows (or days, or languages) that fail it, 0 to 1. */
export const QualityCheck = z.object({
  rule: z.string(),
  severity: z.enum(['error', 'warning']),
  passed: z.boolean(),
  rows: z.number().int(),
  share: z.number(),
  /** The largest share that still passes. */
  limit: z.number(),
  /** Rows (1-based, header not counted) of the first offenders, at most five; never their text. */
  examples: z.array(z.number().int()),
});
export type QualityCheck = z.infer<typeof QualityCheck>;

/** reports/quality.json, written by validate. Judged relative to the newest row, never to the clock. */
export const QualityReport = z.object({
  app: AppId,
  dataset: Dataset,
  rows: z.number().int(),
  oldest: Instant.nullable(),
  newest: Instant.nullable(),
  languages: z.record(z.string(), z.number().int()),
  ratings: z.record(z.string(), z.number().int()),
  /** Reviews a day, of the last nine weeks up to the newest one. */
  volume: z.array(z.object({ day: z.string(), rows: z.number().int() })),
  checks: z.array(QualityCheck),
  passed: z.boolean(),
});
export type QualityReport = z.infer<typeof QualityReport>;
