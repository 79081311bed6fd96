import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { problemOfDisk } from '../../runner/disk-problem.ts';
import { errorCode, realDisk } from '../../runner/disk.ts';
import { lockWorkspace } from '../../runner/workspace-lock.ts';
import type { LockResult } from '../../runner/workspace-lock.ts';
import type { Json } from '../../runner/model.ts';
import { applyOverrides } from '../../runner/params.ts';
import { parseTyped, readYaml } from '../../runner/yaml.ts';
import type { YamlFile } from '../../runner/yaml.ts';
import { AppId, Source } from '../../schema/app.ts';
import { paramProblems } from '../../schema/param-problems.ts';
import { paramSentence } from '../../schema/wording-params.ts';
import { wording } from './wording.ts';

export const CODE = path.resolve(import.meta.dirname, '../..');

const given = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

/** The workspace a command works on: named, or of the environment, or where the code is. */
export function workspaceOf(named: string | undefined): string {
  return path.resolve(given(named) ?? given(process.env.REPRO_WORKSPACE) ?? CODE);
}

/** What cannot be looked at is taken for one: whoever uses it says what the system has against it. */
function isFolder(folder: string): boolean {
  try {
    return statSync(folder).isDirectory();
  } catch (error) {
    return errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR';
  }
}

export type There = { readonly ok: true; readonly workspace: string } | { readonly ok: false; readonly why: string };

/** The workspace of a command that works on what runs left, so that there has to be one: made here, a mistyped name would pass for an empty one. */
export function workspaceThere(named: string | undefined): There {
  const workspace = workspaceOf(named);
  return isFolder(workspace) ? { ok: true, workspace } : { ok: false, why: wording.noWorkspace(workspace, given(named) === undefined ? 'REPRO_WORKSPACE' : '--workspace') };
}

const Params = z.object({ collect: z.object({ source: Source, app: AppId }) });

/** Which app of which source a command is about, or why that cannot be said. */
export type Named = { readonly ok: true; readonly source: Source; readonly app: AppId } | { readonly ok: false; readonly why: string };

type Values = { readonly ok: true; readonly value: Json; readonly place: YamlFile['place'] } | { readonly ok: false; readonly why: string };

/** params.yaml as it stands, or why it cannot be read. */
function paramsIn(code: string): Values {
  const file = path.join(code, 'params.yaml');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { ok: false, why: wording.noParams(file, error instanceof Error && 'code' in error ? String(error.code) : String(error)) };
  }
  const yaml = readYaml('params.yaml', text);
  return yaml.ok ? { ok: true, value: yaml.value.value, place: yaml.value.place } : { ok: false, why: yaml.problems.map(({ message, place }) => wording.inParams(message, place)).join('\n') };
}

/** Everything of a part of params.yaml; undefined where it says nothing of it. */
export function partOfParams(part: 'collect' | 'clean', code = CODE): Readonly<Record<string, unknown>> | undefined {
  const read = paramsIn(code);
  return z.object({ [part]: z.record(z.string(), z.unknown()) }).safeParse(read.ok ? read.value : undefined).data?.[part];
}

/** What params.yaml says of the source and the app, with `--set` applied as a run does. */
function configured(code: string, sets: readonly string[]): Named {
  const read = paramsIn(code);
  if (!read.ok) return read;
  const applied = applyOverrides(read.value, sets, parseTyped);
  if (!applied.ok) return { ok: false, why: applied.problems.map(({ message }) => message).join('\n') };
  const parsed = Params.safeParse(applied.value);
  if (parsed.success) return { ok: true, ...parsed.data.collect };
  // A value that was set stands in no line of the file.
  const isSet = Params.safeParse(read.value).success;
  return { ok: false, why: paramProblems(Params, applied.value).map((problem) => {
    const sentence = paramSentence(problem);
    return isSet ? wording.inSet(sentence) : wording.inParams(sentence, read.place(problem.path.map((step) => (typeof step === 'number' ? step : String(step)))));
  }).join('\n') };
}

export interface Flags {
  readonly source?: string | undefined;
  readonly app?: string | undefined;
  /** `--set` of a run that follows. */
  readonly set?: readonly string[] | undefined;
}

/** By --source and --app; where they do not say it, by --set, then by params.yaml. */
export function named({ source: ownSource, app: ownApp, set = [] }: Flags, code = CODE): Named {
  const known = ownSource === undefined || ownApp === undefined || set.length > 0 ? configured(code, set) : undefined;
  if (known?.ok === false) return known;
  const [source, app] = [Source.safeParse(ownSource ?? known?.source), AppId.safeParse(ownApp ?? known?.app)];
  return source.success && app.success ? { ok: true, source: source.data, app: app.data } : { ok: false, why: wording.badPlace(Source.options) };
}

/** The `--set` by which a run is about a dataset, whatever params.yaml says. */
export function setsOf(dataset: string): readonly string[] {
  const [source = '', app = ''] = dataset.split(':');
  return [`collect.source=${source}`, `collect.app=${app}`];
}

/** What the system said of a file as a sentence, and failure as a value; an error that is a bug of ours stays loud. */
function told(error: unknown, workspace: string, isLock: boolean): number {
  // The lock is a database of its own; of the others only those are not closed behind `storage` that a release brings along.
  const isDatabase = !isLock && errorCode(error) === 'ERR_SQLITE_ERROR';
  const problem = isDatabase ? undefined : problemOfDisk(error, workspace);
  if (problem === undefined && !isDatabase) throw error;
  console.error(problem === undefined ? wording.database(error instanceof Error ? error.message : String(error)) : wording.disk(problem));
  return 1;
}

/** Runs `work` while no run is under way in the workspace, and none can begin. */
export async function alone(workspace: string, work: () => Promise<number>): Promise<number> {
  let lock: LockResult;
  try {
    lock = await lockWorkspace({
      workspace, disk: realDisk, now: new Date().toISOString(), wait: true, signal: new AbortController().signal,
      onWait: ({ pid }) => console.error(`Waiting for the run of process ${pid ?? 'unknown'} to end`),
    });
  } catch (error) {
    return told(error, workspace, true);
  }
  if (lock.kind !== 'held') return 1;
  try {
    return await work();
  } catch (error) {
    return told(error, workspace, false);
  } finally {
    lock.release();
  }
}
