import { z } from 'zod';

/** An event of a run as the runner hands it to a hook. */
export const HookEvent = z.object({
  version: z.literal(1),
  kind: z.string(),
  stage: z.string().nullable(),
  /** The kinds of all that the stage emitted in this run. */
  emitted: z.array(z.string()),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  problem: z.object({ message: z.string(), hint: z.string().optional() }).nullable(),
  run: z.object({ id: z.string(), startedAt: z.string(), finishedAt: z.string().nullable(), outcome: z.string(), seconds: z.number(), workspace: z.string() }),
});
export type HookEvent = z.infer<typeof HookEvent>;
