import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { AppId, Source } from '../../schema/app.ts';
import { paramProblems } from '../../schema/param-problems.ts';
import { paramSentence } from '../../schema/wording-params.ts';

const Params = z.object({
  collect: z.object({ source: Source, app: AppId }),
  report: z.object({ newestShown: z.number().int().min(0).max(200), wordsShown: z.number().int().min(0).max(200) }),
});

const Context = z.object({
  params: Params,
  paths: z.record(z.string(), z.string()),
  runRecord: z.string().nullable(),
  resultFile: z.string().optional(),
  roots: z.object({ code: z.string(), workspace: z.string() }),
});

/** What the runner tells the command of a stage, in the JSON file named by REPRO_CONTEXT. */
export interface SiteContext extends z.infer<typeof Context> {
  /** Absolute path of something the stage declares; beneath the workspace where the runner named none. */
  pathOf(declared: string): string;
}

export type ContextRead = { readonly ok: true; readonly context: SiteContext } | { readonly ok: false; readonly why: string };

/** Values of params.yaml are people's: one that cannot be is told. All else is the runner's word. */
export function readContext(file: string): ContextRead {
  const { params, ...told }: { readonly params?: unknown } = JSON.parse(readFileSync(file, 'utf8'));
  const parsed = Params.safeParse(params);
  if (!parsed.success) return { ok: false, why: paramProblems(Params, params).map((problem) => paramSentence(problem)).join('; ') };
  const context = Context.parse({ ...told, params: parsed.data });
  return { ok: true, context: { ...context, pathOf: (declared) => context.paths[declared] ?? path.join(context.roots.workspace, declared) } };
}
