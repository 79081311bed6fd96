import { z } from 'zod';

const Place = z.object({ file: z.string(), line: z.number(), column: z.number() });

/** The record of one run as the runner writes it, read by the report and the exporter. */
export const RunRecord = z.object({
  version: z.literal(1),
  id: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  command: z.array(z.string()),
  overrides: z.array(z.string()),
  outcome: z.enum(['running', 'done', 'failed', 'interrupted']),
  seconds: z.number(),
  secondsSaved: z.number(),
  asOf: z.string(),
  stages: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['pending', 'fresh', 'restored', 'ran', 'held', 'failed', 'blocked', 'interrupted']),
      reasons: z.array(z.object({ kind: z.string(), text: z.string() })),
      seconds: z.number(),
      secondsSaved: z.number(),
      log: z.string().nullable(),
      facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      headline: z.string().nullable(),
      problem: z.object({ kind: z.string(), message: z.string(), place: Place.optional(), stage: z.string().optional(), hint: z.string().optional() }).nullable(),
      events: z.array(z.object({ kind: z.string(), facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) })),
    }),
  ),
});
export type RunRecord = z.infer<typeof RunRecord>;

/** States that leave what a stage made before where it was, of whatever dataset that is. */
const LEAVES: ReadonlySet<string> = new Set<RunRecord['stages'][number]['state']>(['failed', 'blocked', 'pending', 'interrupted']);

/**
 * Rows and notebooks name their app at most, never their source. They are of the dataset of a run if that run stands behind
 * them, or else if the metrics on the disk are of this dataset: then whatever was made before was made for it.
 */
export function standsBehind(record: RunRecord | null, stage: string, hasMetrics: boolean): boolean {
  const state = record?.stages.find(({ name }) => name === stage)?.state;
  return state === undefined || LEAVES.has(state) ? hasMetrics || record === null : true;
}

/** releases/<id>/manifest.json: site and model behind one pointer. */
export const ReleaseManifest = z.object({
  format: z.literal(1),
  id: z.string(),
  run: z.string(),
  dataset: z.string(),
  app: z.string(),
  champion: z.string().nullable(),
  /** The model that made the predictions which the report shows; after a rollback by hand another one than the champion. */
  predictedBy: z.string().nullable().optional(),
  /** sha256 of every file under site/, model/ and data/, by relative path. */
  files: z.record(z.string(), z.string()),
});
export type ReleaseManifest = z.infer<typeof ReleaseManifest>;
