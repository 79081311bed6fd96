import { z } from 'zod';
import { AppId, Dataset, Instant } from './app.ts';

/** One watched feature: how far it moved, and whether that is more than chance. */
export const DriftFeature = z.object({
  feature: z.string(),
  /** `psi`, `cramers-v`, `wasserstein`, `share`, `macro-f1`. */
  effectName: z.string(),
  effect: z.number(),
  limit: z.number(),
  pValue: z.number().nullable(),
  drifted: z.boolean(),
  reference: z.record(z.string(), z.number()),
  current: z.record(z.string(), z.number()),
});
export type DriftFeature = z.infer<typeof DriftFeature>;

/** data/drift/drift.json. */
export const DriftReport = z.object({
  app: AppId,
  dataset: Dataset,
  /** Version of the champion whose reference was used; null before the first one. */
  reference: z.string().nullable(),
  referenceUntil: Instant.nullable(),
  newRows: z.number().int(),
  features: z.array(DriftFeature),
  drifted: z.boolean(),
  retrain: z.boolean(),
  /** "no-champion", "drift", "none", "too-few-rows", "backing-off". */
  reason: z.enum(['no-champion', 'drift', 'none', 'too-few-rows', 'backing-off']),
});
export type DriftReport = z.infer<typeof DriftReport>;

/** What a champion remembers of the rows it was trained on, to compare later rows with. */
export const DriftReference = z.object({
  until: Instant,
  rows: z.number().int(),
  ratings: z.record(z.string(), z.number()),
  labels: z.record(z.string(), z.number()),
  languages: z.record(z.string(), z.number()),
  /** Tokens per review: the values at 0, 0.5 ... 100 % of the sorted reviews, 201 of them; enough to stand for the sample. */
  lengths: z.array(z.number()),
  /** Share of tokens outside the vocabulary, on test rows. */
  unknownShare: z.number(),
  /** Macro-F1 and its interval on the test rows. */
  macroF1: z.number(),
  interval: z.tuple([z.number(), z.number()]),
});
export type DriftReference = z.infer<typeof DriftReference>;
