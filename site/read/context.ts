import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { AppId, Source } from '../../schema/app.ts';

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

export function readContext(file: string): SiteContext {
  const context = Context.parse(JSON.parse(readFileSync(file, 'utf8')));
  return { ...context, pathOf: (declared) => context.paths[declared] ?? path.join(context.roots.workspace, declared) };
}
