import { z } from 'zod';

/** The shape of pipeline.yaml as people write it; `expand.ts` turns it into stages. Descriptions show up in editors. */

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const DepItem = z.union([
  z.string(),
  z.record(z.string(), z.strictObject({ optional: z.boolean().optional().describe('An absent file is a value, not an error') })),
]);

const OutOptions = z.strictObject({
  cache: z.boolean().optional().describe('false: hashed, but never stored in or restored from the cache'),
  persist: z.boolean().optional().describe('true: not removed before the stage runs'),
  desc: z.string().optional(),
});
const OutItem = z.union([z.string(), z.record(z.string(), OutOptions)]);

const ParamItem = z.union([z.string(), z.record(z.string(), z.union([z.array(z.string()), z.null()]))]);

const StateOptions = z.strictObject({
  rerun: z.boolean().optional().describe('false: recorded, and part of what may be restored, but no reason to rerun'),
  opens: z.array(z.string()).optional().describe('Further paths the stage may read along with it; not hashed'),
});
const StateItem = z.union([z.string(), z.record(z.string(), StateOptions)]);

const Effects = z.union([
  z.literal(true),
  z.strictObject({
    check: z.string().optional().describe('Module whose check() answers with the receipt of the target as it is now'),
    targets: z.array(z.string()).optional().describe('Paths that the stage may read and write; never hashed, cached or removed'),
  }),
]);

const Duration = z.string().regex(/^(never|\d+(\.\d+)?(s|m|h|d))$/, 'must be never, or a duration such as 6h, 30m or 2d');

export const StageSpec = z.strictObject({
  cmd: z.union([z.string(), z.array(z.string())]).optional().describe('Shell command, or several, in order'),
  run: z.string().optional().describe('A TypeScript module that exports run(context), or a notebook; its code is a dependency by itself'),
  wdir: z.string().optional().describe('Working directory of cmd, relative to the workspace'),
  deps: z.array(DepItem).optional().describe('Files and folders the stage reads'),
  params: z.array(ParamItem).optional().describe('Keys of params.yaml (or of other files) the stage reads'),
  outs: z.array(OutItem).optional().describe('Files and folders the stage writes'),
  metrics: z.array(OutItem).optional().describe('Outs that hold metrics'),
  plots: z.array(OutItem).optional().describe('Outs that hold plots'),
  env: z.array(z.string()).optional().describe('Environment variables the stage reads; their values join the fingerprint'),
  needs: z.array(z.enum(['network', 'storage', 'processes', 'workers', 'addons'])).optional().describe('Doors to open in the seal'),
  code: z.array(z.string()).optional().describe('Entry points and globs that belong to the code of the stage'),
  when: z.string().optional().describe('file#key: while false, new data does not rerun the stage'),
  fresh: Duration.optional().describe('Rerun when the last run is older, as 6h; never is as if it were not there'),
  state: z.array(StateItem).optional().describe('State outside the graph that the stage reads'),
  effects: Effects.optional().describe('The stage changes state outside the graph: never restored, checked by its receipt'),
  finally: z.union([z.boolean(), z.literal('changed')]).optional().describe('Runs last, after every run in which anything ran or failed; changed: only where an out changed or something failed'),
  frozen: z.boolean().optional().describe('Never runs, whatever changed'),
  always_changed: z.boolean().optional().describe('Runs every time'),
  desc: z.string().optional().describe('What the stage does, in a line'),
  meta: z.unknown().optional().describe('Anything; ignored'),
});
export type StageSpec = z.infer<typeof StageSpec>;

export const TemplateSpec = z.union([
  z.strictObject({ ...StageSpec.shape, matrix: z.record(z.string(), z.union([z.string(), z.array(z.unknown())])).describe('One stage for each combination') }),
  z.strictObject({
    foreach: z.union([z.string(), z.array(z.unknown()), z.record(z.string(), z.unknown())]).describe('One stage for each item'),
    do: StageSpec.describe('The stage, with ${item}'),
  }),
  StageSpec,
]);

export const PipelineSpec = z.strictObject({
  vars: z.array(z.union([z.string(), z.record(z.string(), z.unknown())])).optional().describe('Files and values for ${}; params.yaml is always there'),
  stages: z.record(z.string().regex(/^[A-Za-z0-9_-]+$/, 'must be letters, digits, - and _'), TemplateSpec).describe('The stages, by name'),
  params: z.array(ParamItem).optional(),
  metrics: z.array(OutItem).optional(),
  plots: z.array(z.unknown()).optional(),
  on: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional().describe('Commands for the events of a run: stage-failed, run-failed, run-done, and those that stages emit'),
});

/** The keys a stage may have, for hints. */
export const STAGE_KEYS: readonly string[] = [...Object.keys(StageSpec.shape), 'matrix', 'foreach', 'do'];
export const PIPELINE_KEYS: readonly string[] = Object.keys(PipelineSpec.shape);
export const scalar = Scalar;

/** For editors: the JSON Schema of pipeline.yaml. */
export function pipelineJsonSchema(): unknown {
  return { ...z.toJSONSchema(PipelineSpec, { unrepresentable: 'any' }), title: 'pipeline.yaml' };
}
