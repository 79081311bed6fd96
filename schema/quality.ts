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

/** What is judged by the clock. `value` is what was seen, in the unit of the rule (hours, share), or null where nothing is known yet. */
export const ClockCheck = z.object({
  rule: z.enum(['freshness', 'collect', 'volume', 'future']),
  severity: z.enum(['error', 'warning']),
  passed: z.boolean(),
  value: z.number().nullable(),
  limit: z.number(),
});
export type ClockCheck = z.infer<typeof ClockCheck>;

/** A line of data/watch/history.jsonl: how the data stood when something about it changed, and once a day. */
export const QualityMoment = z.object({
  at: Instant,
  app: AppId,
  dataset: Dataset,
  rows: z.number().int(),
  newest: Instant.nullable(),
  checks: z.array(z.object({ rule: z.string(), severity: z.enum(['error', 'warning']), passed: z.boolean(), share: z.number() })),
  clock: z.array(ClockCheck.omit({ value: true })),
});
export type QualityMoment = z.infer<typeof QualityMoment>;

/** A metric for the exporter, data/watch/metrics.json: a gauge with the values of its labels. */
export const WatchMetric = z.object({ name: z.string(), help: z.string(), values: z.array(z.object({ labels: z.record(z.string(), z.string()), value: z.number() })) });
export type WatchMetric = z.infer<typeof WatchMetric>;
