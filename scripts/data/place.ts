import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { realDisk } from '../../runner/disk.ts';
import { lockWorkspace } from '../../runner/workspace-lock.ts';
import { readYaml } from '../../runner/yaml.ts';
import { AppId, Source } from '../../schema/app.ts';
import { wording } from './wording.ts';

export const CODE = path.resolve(import.meta.dirname, '../..');

/** The workspace a command works on: named, or of the environment, or where the code is. */
export function workspaceOf(named: string | undefined): string {
  return path.resolve(named ?? process.env.REPRO_WORKSPACE ?? CODE);
}

const Params = z.object({ collect: z.object({ source: Source, app: AppId }) });

/** Which app of which source a command is about, or why that cannot be said. */
export type Named = { readonly ok: true; readonly source: Source; readonly app: AppId } | { readonly ok: false; readonly why: string };

/** What params.yaml says of the source and the app. */
function configured(code: string): Named {
  const file = path.join(code, 'params.yaml');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { ok: false, why: wording.noParams(file, error instanceof Error && 'code' in error ? String(error.code) : String(error)) };
  }
  const yaml = readYaml('params.yaml', text);
  if (!yaml.ok) return { ok: false, why: yaml.problems.map(({ message, place }) => wording.inParams(message, place)).join('\n') };
  const parsed = Params.safeParse(yaml.value.value);
  if (parsed.success) return { ok: true, ...parsed.data.collect };
  return { ok: false, why: parsed.error.issues.map((issue) => wording.inParams(`${issue.path.join('.')}: ${issue.message}`, yaml.value.place(issue.path.map((step) => (typeof step === 'number' ? step : String(step)))))).join('\n') };
}

/** By --source and --app, and where they do not say it, by params.yaml. */
export function named(flags: { readonly source?: string | undefined; readonly app?: string | undefined }, code = CODE): Named {
  const known = flags.source === undefined || flags.app === undefined ? configured(code) : undefined;
  if (known?.ok === false) return known;
  const [source, app] = [Source.safeParse(flags.source ?? known?.source), AppId.safeParse(flags.app ?? known?.app)];
  return source.success && app.success ? { ok: true, source: source.data, app: app.data } : { ok: false, why: wording.badPlace(Source.options) };
}

/** The `--set` by which a run is about a dataset, whatever params.yaml says. */
export function setsOf(dataset: string): readonly string[] {
  const [source = '', app = ''] = dataset.split(':');
  return [`collect.source=${source}`, `collect.app=${app}`];
}

/** Runs `work` while no run is under way in the workspace, and none can begin. */
export async function alone(workspace: string, work: () => Promise<number>): Promise<number> {
  const lock = await lockWorkspace({
    workspace, disk: realDisk, now: new Date().toISOString(), wait: true, signal: new AbortController().signal,
    onWait: ({ pid }) => console.error(`Waiting for the run of process ${pid ?? 'unknown'} to end`),
  });
  if (lock.kind !== 'held') return 1;
  try {
    return await work();
  } finally {
    lock.release();
  }
}
