// Forgets results of earlier runs that show reviews which became too old: pnpm data prune (collecting calls it, by pipeline.yaml)
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { parseCsv } from '../../records/parse-csv.ts';
import type { Attempt } from '../../registry/failure.ts';
import { withRegistryLock } from '../../registry/lock.ts';
import { currentRelease, releasesIn } from '../../registry/release.ts';
import { sentence } from '../../registry/wording-registry.ts';
import { realDisk } from '../../runner/disk.ts';
import { pruneCache } from '../../runner/prune.ts';
import { DROPPED_FILE, clearDropped, readDropped } from '../../storage/dropped.ts';
import { dropFromSql } from '../../storage/published.ts';
import { SERVED_FILE } from '../../storage/served-reviews.ts';
import { setStamp } from '../../storage/stamp.ts';
import { eachSqlStore } from './erase/stores.ts';
import { alone, workspaceThere } from './place.ts';
import { filesBeneath } from './traces.ts';
import { wording } from './wording.ts';

const USAGE = `Usage: pnpm data prune [--workspace DIR]

Where collecting dropped reviews that are older than privacy.retentionDays, the workspace still has what earlier runs made of them.
This removes it: cached results but the last one of each stage, releases but the one that serves, files that were set aside, and rows
of the SQL store. A run that drops reviews calls it by itself when it is over.`;

/** Whether a table of reviews has one that is too old; false for what is no such table. */
function isOldTable(file: string, before: string): boolean {
  let [place, found] = [-1, false];
  const fault = parseCsv(readFileSync(file, 'utf8'), (cells, line) => {
    if (line === 1) place = cells.indexOf('at');
    else if (place !== -1) found ||= (cells[place] ?? before) < before;
  });
  return fault === undefined && found;
}

function isOldRelease(file: string, before: string): boolean {
  if (!existsSync(file)) return false;
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare('select 1 from review where at < ? limit 1').get(before) !== undefined;
  } finally {
    database.close();
  }
}

/** A file of the newest results that is made of reviews which are too old now: the run that was to make it anew failed. */
function stillOld(workspace: string, before: string): string | undefined {
  const tables = filesBeneath(path.join(workspace, 'data')).filter((file) => file.endsWith('.csv'));
  const release = path.join(workspace, 'releases/current/data', SERVED_FILE);
  return tables.find((file) => isOldTable(file, before)) ?? (isOldRelease(release, before) ? release : undefined);
}

/** Under the lock of the registry, so that the release which serves is known, and none is made of one that goes. Number of releases. */
function pruneReleases(workspace: string): Promise<Attempt<number>> {
  return withRegistryLock(path.join(workspace, 'models'), () => {
    const releases = path.join(workspace, 'releases');
    const gone = releasesIn(releases).filter((id) => id !== currentRelease(workspace));
    for (const id of gone) rmSync(path.join(releases, id), { recursive: true, force: true });
    return { ok: true, value: gone.length };
  });
}

async function prune(workspace: string): Promise<number> {
  const file = path.join(workspace, DROPPED_FILE);
  const before = readDropped(file);
  if (before === null) {
    console.log(wording.nothingToPrune);
    return 0;
  }
  const kept = filesBeneath(path.join(workspace, '.repro/kept')).length;
  rmSync(path.join(workspace, '.repro/kept'), { recursive: true, force: true });
  const releases = await pruneReleases(workspace);
  if (!releases.ok) {
    console.error(sentence(releases.failure));
    return 1;
  }
  console.log(wording.pruned({ objects: (await pruneCache({ disk: realDisk, workspace })).objects, releases: releases.value, kept }));
  const failure = await eachSqlStore(workspace, async (sql) => {
    for (const dataset of await dropFromSql(sql, before)) if (sql.target.startsWith('pglite:')) setStamp(path.join(workspace, 'stores/sql'), dataset, null);
  });
  if (failure !== undefined) {
    console.error(wording.notPruned(failure));
    return 1;
  }
  const old = stillOld(workspace, before);
  if (old === undefined) clearDropped(file);
  else console.log(wording.stillOld(path.relative(workspace, old)));
  return 0;
}

export async function run(args: readonly string[]): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options: { workspace: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }));
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
  return alone(workspace, () => prune(workspace));
}
