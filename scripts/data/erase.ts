// Forgets reviews, wherever they left a trace: pnpm data erase gp:AOqpTOE…
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { AppId, Source, datasetOf } from '../../schema/app.ts';
import type { Review } from '../../schema/review.ts';
import { ERASED_FILE, rememberErased } from '../../storage/erased.ts';
import { attempt } from '../../storage/failure.ts';
import { openRawStore } from '../../storage/open-raw-store.ts';
import { openSqlStore } from '../../storage/open-sql-store.ts';
import { eraseFromSql } from '../../storage/published.ts';
import { setStamp } from '../../storage/stamp.ts';
import { CODE, alone, configured, workspaceOf } from './place.ts';
import { modelsWith, ownTerms } from './terms.ts';
import { filesBeneath, shows, traceOf } from './traces.ts';
import type { Trace } from './traces.ts';

const USAGE = `Usage: pnpm data erase <review id> … [--app ID] [--source play|file|sample] [--workspace DIR] [--no-run] [--set key=value …]

Erases reviews from both stores for good (they are not collected again), and from every file that shows them: stage outs,
cache, logs, kept answers, releases. Then runs the pipeline, so that models, predictions and the report are made without them.
Only hashes of the ids are kept, in ${ERASED_FILE}. A file that the source itself is read from is yours to mend.`;

/** What a run leaves in a workspace that can be made again. Not the stores, the registry and the lock, in which no review stands. */
const FOLDERS = ['data', 'reports', 'site/dist', 'logs', 'stores/raw/answers', '.repro/cache', '.repro/kept', '.repro/logs', '.repro/site'];

interface Wanted {
  readonly workspace: string;
  readonly dataset: string;
  readonly ids: readonly string[];
}

type Found = { readonly ok: true; readonly erased: number; readonly versions: readonly Review[]; readonly remaining: readonly Review[] } | { readonly ok: false; readonly why: string };

async function eraseRaw({ workspace, dataset, ids }: Wanted): Promise<Found> {
  const opened = await openRawStore({ folder: path.join(workspace, 'stores/raw'), uri: process.env.MONGODB_URI });
  if (!opened.ok) return { ok: false, why: `${opened.failure.target}: ${opened.failure.why}` };
  const raw = opened.value;
  const done = await attempt(raw.failureOf, async () => {
    const wanted = new Set(ids);
    const [all, history] = [await raw.all(dataset), await raw.history(dataset)];
    await raw.unstamp(dataset);
    const erased = await raw.erase(dataset, ids);
    const versions = [...all, ...history.map(({ review }) => review)].filter(({ id }) => wanted.has(id));
    return { erased, versions, remaining: all.filter(({ id }) => !wanted.has(id)) };
  });
  await attempt(raw.failureOf, () => raw.close());
  return done.ok ? { ok: true, ...done.value } : { ok: false, why: `${done.failure.target}: ${done.failure.why}` };
}

async function eraseSql({ workspace, dataset, ids }: Wanted): Promise<{ readonly ok: true; readonly erased: number } | { readonly ok: false; readonly why: string }> {
  const url = process.env.DATABASE_URL;
  const folder = path.join(workspace, 'stores/sql');
  if ((url ?? '') === '' && !existsSync(path.join(folder, 'data/PG_VERSION'))) return { ok: true, erased: 0 };
  const opened = await openSqlStore({ folder, url });
  if (!opened.ok) return { ok: false, why: `${opened.failure.target}: ${opened.failure.why}` };
  const store = opened.value;
  if ((url ?? '') === '') setStamp(folder, dataset, null);
  const done = await attempt(store.failureOf, () => eraseFromSql(store, dataset, ids));
  await attempt(store.failureOf, () => store.close());
  return done.ok ? { ok: true, erased: done.value } : { ok: false, why: `${done.failure.target}: ${done.failure.why}` };
}

/** Removes every file of the folders that shows a review; the pipeline makes again what it needs. */
function removeTraces(workspace: string, folders: readonly string[], traces: readonly Trace[]): number {
  const files = folders.flatMap((folder) => filesBeneath(path.join(workspace, folder))).filter((file) => shows(file, traces));
  for (const file of files) rmSync(file, { force: true });
  return files.length;
}

/** A release stands or falls as a whole: its manifest names the hash of each file. */
function removeReleases(workspace: string, traces: readonly Trace[]): number {
  const showing = filesBeneath(path.join(workspace, 'releases')).filter((file) => shows(file, traces));
  const releases = new Set(showing.map((file) => path.relative(path.join(workspace, 'releases'), file).split(path.sep)[0] ?? ''));
  for (const release of releases) rmSync(path.join(workspace, 'releases', release), { recursive: true, force: true });
  return releases.size;
}

async function forget(wanted: Wanted, print: (line: string) => void): Promise<{ readonly traces: readonly Trace[]; readonly terms: ReadonlySet<string> } | undefined> {
  const { workspace, dataset, ids } = wanted;
  // First of all: if anything after this is cut, the reviews still do not come in again.
  rememberErased(path.join(workspace, ERASED_FILE), dataset, ids);
  const raw = await eraseRaw(wanted);
  const sql = raw.ok ? await eraseSql(wanted) : raw;
  if (!raw.ok || !sql.ok) {
    console.error(`error: Cannot erase: ${raw.ok ? (sql.ok ? '' : sql.why) : raw.why}; run the same command again when it can be reached`);
    return undefined;
  }
  print(`stores: ${raw.erased} of ${ids.length} in the raw store, ${sql.erased} in the SQL store`);
  const traces = ids.map((id) => traceOf(id, raw.versions.filter((version) => version.id === id), raw.remaining));
  print(`files: ${removeTraces(workspace, FOLDERS, traces)} removed that showed them`);
  // Their vocabularies were learned from what is erased: a missing out always runs again.
  rmSync(path.join(workspace, 'data/train'), { recursive: true, force: true });
  return { traces, terms: ownTerms(raw.versions, raw.remaining) };
}

/** Looks once more at everything, and says what is left. */
function verify(workspace: string, { traces, terms }: { readonly traces: readonly Trace[]; readonly terms: ReadonlySet<string> }, print: (line: string) => void): number {
  const left = [...FOLDERS, 'releases'].flatMap((folder) => filesBeneath(path.join(workspace, folder))).filter((file) => shows(file, traces));
  for (const file of left) console.error(`still there: ${path.relative(workspace, file)} (it is made from the source itself, or another program writes it)`);
  const models = modelsWith(workspace, terms);
  for (const { file, terms: found } of models) print(`${path.relative(workspace, file)} still knows ${found.length} terms that only they had: it serves until a newer version is promoted`);
  if (left.length === 0) print('verified: no file of the workspace shows them');
  return left.length === 0 ? 0 : 1;
}

interface Options {
  readonly app?: string;
  readonly source?: string;
  readonly workspace?: string;
  readonly 'no-run'?: boolean;
  readonly set?: readonly string[];
  readonly help?: boolean;
}

const OPTIONS = { app: { type: 'string' }, source: { type: 'string' }, workspace: { type: 'string' }, 'no-run': { type: 'boolean' }, set: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } } as const;

function usage(problem: string): number {
  console.error(`${problem}\n\n${USAGE}`);
  return 2;
}

export async function run(args: readonly string[]): Promise<number> {
  let parsed: { readonly values: Options; readonly positionals: readonly string[] };
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals: ids } = parsed;
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  if (ids.length === 0) return usage('Name the id of a review, as in the column "id" of data/collect/reviews.csv');
  const [source, app] = [Source.safeParse(values.source ?? configured().source), AppId.safeParse(values.app ?? configured().app)];
  if (!source.success || !app.success) return usage(`--source must be one of ${Source.options.join(', ')}, and --app an app id`);
  const workspace = workspaceOf(values.workspace);
  const wanted: Wanted = { workspace, dataset: datasetOf(source.data, app.data), ids };
  const print = (line: string): void => console.log(line);
  let forgotten: Awaited<ReturnType<typeof forget>>;
  await alone(workspace, async () => {
    forgotten = await forget(wanted, print);
    return 0;
  });
  if (forgotten === undefined) return 1;
  // The report goes on being served until the new one is there; where none is made, it ends at once.
  let failed = false;
  if (values['no-run'] !== true) {
    const ran = spawnSync(process.execPath, [path.join(CODE, 'runner/repro.js'), '--workspace', workspace, ...(values.set ?? []).flatMap((set) => ['--set', set])], { stdio: 'inherit' });
    failed = ran.status !== 0;
  }
  print(`releases: ${removeReleases(workspace, forgotten.traces)} removed that showed them`);
  if (failed) console.error('error: The run that makes models and the report again failed: mend it and run  pnpm repro');
  return Math.max(verify(workspace, forgotten, print), failed ? 1 : 0);
}
