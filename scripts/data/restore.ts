// Fills both stores again from data/collect, after they were lost: pnpm data restore
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { RecordsProblem } from '../../records/problem.ts';
import { sentence } from '../../records/wording.ts';
import { COLLECTED, OTHERS, REVIEWS, datasetIn, isBackup, nameIn, otherFolders, readBackup } from '../../storage/backup.ts';
import { ERASED_FILE, erasedOf } from '../../storage/erased.ts';
import { attempt } from '../../storage/failure.ts';
import { isNewer, knownBackups } from '../../storage/known-backups.ts';
import { openRawStore } from '../../storage/open-raw-store.ts';
import type { RawStore } from '../../storage/raw-store.ts';
import type { Backup } from '../../storage/versions.ts';
import { CODE, alone, setsOf, workspaceThere } from './place.ts';
import { wording } from './wording.ts';

const USAGE = `Usage: pnpm data restore [--workspace DIR] [--no-publish] [--set key=value …]

Rebuilds the raw store from data/collect (reviews.csv and history.jsonl) and from the backups of other apps and sources in
${OTHERS}, then publishes the dataset of data/collect into the SQL store, whatever a run believes of it: tables and views that are
gone are made again. The stores are those of the environment (MONGODB_URI, DATABASE_URL), or the embedded ones. What a store already
holds stays as it is, with its history: only what it lacks is written.`;

interface Found {
  readonly dataset: string;
  /** By its bytes. */
  readonly name: string;
  readonly backup: Backup;
}

type Restored = { readonly ok: true; readonly said: readonly string[] } | { readonly ok: false; readonly why: string };

function whyOf(problem: RecordsProblem): string {
  const { problem: text, remedy } = sentence(problem);
  return `${text}; ${remedy}`;
}

/** Every backup of a workspace, the export that is there now last; or why one cannot be read. */
function backupsIn(workspace: string): { readonly ok: true; readonly backups: readonly Found[] } | { readonly ok: false; readonly why: string } {
  const others = otherFolders(path.join(workspace, OTHERS)).map((name) => `${OTHERS}/${name}`).filter((folder) => isBackup(path.join(workspace, folder)));
  const backups: Found[] = [];
  for (const folder of [...others, COLLECTED]) {
    const place = path.join(workspace, folder);
    // Without an export the other backups are all there is.
    if (folder === COLLECTED && others.length > 0 && !isBackup(place)) continue;
    const read = readBackup(place, folder);
    if (!read.ok) return { ok: false, why: whyOf(read.problem) };
    const dataset = datasetIn(place);
    if (dataset !== undefined) backups.push({ dataset, name: nameIn(place), backup: read.rows });
  }
  return backups.length === 0 ? { ok: false, why: `${COLLECTED}/${REVIEWS} holds no review` } : { ok: true, backups };
}

async function restoreOne(raw: RawStore, workspace: string, { dataset, name, backup }: Found): Promise<string> {
  await raw.unstamp(dataset);
  const erased = erasedOf(path.join(workspace, ERASED_FILE), dataset);
  if (erased.length > 0) await raw.bury(dataset, erased);
  const written = await raw.restore(dataset, backup, { isNewer: isNewer(await knownBackups(raw, dataset), name) });
  const { rows } = await raw.stamp(dataset);
  return `${raw.target} holds ${rows} reviews of ${dataset} again, with ${(await raw.history(dataset)).length} earlier versions (${written} reviews written)`;
}

async function restoreRaw(workspace: string): Promise<Restored> {
  const found = backupsIn(workspace);
  if (!found.ok) return found;
  const opened = await openRawStore({ folder: path.join(workspace, 'stores/raw'), uri: process.env.MONGODB_URI });
  if (!opened.ok) return { ok: false, why: wording.notRestoredStore(opened.failure) };
  const raw = opened.value;
  const said: string[] = [];
  const restored = await attempt(raw.failureOf, async () => {
    for (const one of found.backups) said.push(await restoreOne(raw, workspace, one));
  });
  await attempt(raw.failureOf, () => raw.close());
  return restored.ok ? { ok: true, said } : { ok: false, why: wording.notRestoredStore(restored.failure) };
}

export async function run(args: readonly string[]): Promise<number> {
  let values: { readonly workspace?: string; readonly 'no-publish'?: boolean; readonly set?: readonly string[]; readonly help?: boolean };
  try {
    ({ values } = parseArgs({ args: [...args], options: { workspace: { type: 'string' }, 'no-publish': { type: 'boolean' }, set: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } } }));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const there = workspaceThere(values.workspace);
  if (!there.ok) {
    console.error(there.why);
    return 2;
  }
  const { workspace } = there;
  const code = await alone(workspace, async () => {
    const restored = await restoreRaw(workspace);
    if (restored.ok) for (const line of restored.said) console.log(line);
    else console.error(`error: Cannot restore the raw store: ${restored.why}`);
    return restored.ok ? 0 : 1;
  });
  if (code !== 0 || values['no-publish'] === true) return code;
  // What comes after the raw store is computed, not kept: the pipeline's own stage does it, alone, without asking any source.
  // Of the dataset that lies there: params.yaml may name another one.
  const dataset = datasetIn(path.join(workspace, COLLECTED));
  const sets = [...(dataset === undefined ? [] : setsOf(dataset)), ...(values.set ?? [])].flatMap((set) => ['--set', set]);
  // By force: whoever restores has reason to believe that something is lost, also where nothing says so.
  const published = spawnSync(process.execPath, [path.join(CODE, 'runner/repro.js'), 'publish', '--single', '--force', '--workspace', workspace, ...sets], { stdio: 'inherit' });
  return published.status ?? 1;
}
