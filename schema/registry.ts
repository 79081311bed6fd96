import { z } from 'zod';
import { AppId, Dataset, EstimatorName, Instant } from './app.ts';
import { DriftReference } from './drift.ts';

/** A version of a model: content-addressed, immutable. Lies in models/versions/<id>/manifest.json beside model.json. */
export const ModelManifest = z.object({
  app: AppId,
  dataset: Dataset,
  /** First 12 hex digits of the sha256 of model.json. */
  version: z.string().regex(/^[0-9a-f]{12}$/),
  /** sha256 of model.json. */
  model: z.string().regex(/^[0-9a-f]{64}$/),
  estimator: EstimatorName,
  trainedRows: z.number().int(),
  features: z.number().int(),
  crossValidated: z.object({ mean: z.number(), deviation: z.number() }),
  testMacroF1: z.number(),
  reference: DriftReference,
});
export type ModelManifest = z.infer<typeof ModelManifest>;

/** One line of the log: which version got which alias when, by whom and why. Never rewritten. */
export const RegistryEvent = z.object({
  sequence: z.number().int(),
  at: Instant,
  actor: z.string(),
  action: z.enum(['register', 'promote', 'reject', 'rollback']),
  alias: z.enum(['champion', 'challenger']).nullable(),
  version: z.string(),
  previous: z.string().nullable(),
  reason: z.string(),
});
export type RegistryEvent = z.infer<typeof RegistryEvent>;

export const DatasetRegistry = z.object({
  aliases: z.object({ champion: z.string().nullable(), challenger: z.string().nullable() }),
  /** Versions that a person rolled back: never promoted again. */
  rolledBack: z.array(z.string()),
  /** Set by a rejection, cleared by a promotion: retraining backs off until enough is new. */
  rejected: z.object({ version: z.string(), rows: z.number().int(), newest: Instant }).nullable(),
  log: z.array(RegistryEvent),
});
export type DatasetRegistry = z.infer<typeof DatasetRegistry>;

/** models/registry.json. State: never an out, never cached. */
export const Registry = z.object({ format: z.literal(1), datasets: z.record(z.string(), DatasetRegistry) });
export type Registry = z.infer<typeof Registry>;

/** data/promote/decision.json: a pure function of candidate, champion and gate params. No time in it. */
export const Decision = z.object({
  app: AppId,
  dataset: Dataset,
  candidate: z.string(),
  champion: z.string().nullable(),
  decision: z.enum(['promoted', 'rejected', 'unchanged']),
  criteria: z.array(z.object({ name: z.string(), passed: z.boolean(), value: z.number().nullable(), limit: z.number().nullable(), text: z.string() })),
  reason: z.string(),
});
export type Decision = z.infer<typeof Decision>;

/** data/champion/champion.json, beside the model.json it names: the model that serves. */
export const Champion = z.object({ app: AppId, dataset: Dataset, version: z.string(), manifest: ModelManifest });
export type Champion = z.infer<typeof Champion>;
