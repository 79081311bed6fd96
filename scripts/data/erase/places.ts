import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Attempt } from '../../../registry/failure.ts';
import { withRegistryLock } from '../../../registry/lock.ts';
import { findRelease } from '../../../registry/release.ts';
import type { Erasing, Trace } from '../../../storage/erasing.ts';
import { SERVED_FILE } from '../../../storage/served-reviews.ts';
import { CODE } from '../place.ts';
import { filesBeneath, shows } from '../traces.ts';

/**
 * What is made again from data that held the reviews, whatever it shows of them: short texts have no piece by which they could be
 * found. Vocabularies of models that are not in the registry are among it; a missing out always runs again.
 */
const MADE = ['site/dist', 'reports/notebooks', 'data/train', '.repro/cache', '.repro/site', '.repro/tmp'];
/** What a run leaves in a workspace beside that. Not the stores, the registry and the lock, in which no review stands. */
const SEARCHED = ['data', 'reports', 'logs', 'stores/raw/answers', '.repro'];
/** Everything, to be sure. */
const ALL = ['data', 'reports', 'site/dist', 'logs', 'stores', 'models', '.repro'];
/** Not what the reviews left: what is still to do, locks, and code that was made ready to run. */
const PASSED: ReadonlySet<string> = new Set(['erasing.json', 'lock', 'lock.db', '.lock.db', '.staging.db', 'lock.json', 'compile-cache']);

const tracesOf = (erasing: readonly Erasing[]): readonly Trace[] => erasing.flatMap(({ traces }) => traces);

/**
 * Removes every file that shows a review, or was made of what held it, but for `kept`; the pipeline makes again what it needs. What
 * was made since by itself is no more than a run of today makes, so of that goes what shows one, and nothing else. Number of files.
 */
export function removeTraces(workspace: string, erasing: readonly Erasing[], kept: ReadonlySet<string>): number {
  const isSince = erasing.every(({ isCleared }) => isCleared);
  const isShown = (file: string): boolean => shows(file, tracesOf(erasing), { shared: !isSince });
  const going = MADE.map((folder) => ({ folder: path.join(workspace, folder), files: filesBeneath(path.join(workspace, folder)) })).filter(({ files }) => !isSince || files.some(isShown));
  for (const { folder } of going) rmSync(folder, { recursive: true, force: true });
  const made = going.flatMap(({ files }) => files);
  const showing = SEARCHED.flatMap((folder) => filesBeneath(path.join(workspace, folder), PASSED)).filter((file) => !kept.has(file) && isShown(file));
  for (const file of showing) rmSync(file, { force: true });
  return made.length + showing.length;
}

/** Whether a release has one of the reviews: by its own table of them, and by all its files. */
function isShowing(folder: string, id: string, erasing: readonly Erasing[]): boolean {
  const dataset = findRelease(path.dirname(path.dirname(folder)), id)?.manifest.dataset;
  const ids = erasing.filter((one) => one.dataset === dataset).flatMap(({ traces }) => traces.map((trace) => trace.id));
  const file = path.join(folder, 'data', SERVED_FILE);
  if (ids.length > 0 && existsSync(file)) {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      if (database.prepare('select 1 from review where id in (select value from json_each(?)) limit 1').get(JSON.stringify(ids)) !== undefined) return true;
    } finally {
      database.close();
    }
  }
  return filesBeneath(folder).some((one) => shows(one, tracesOf(erasing), { shared: false }));
}

/** Names of the releases that show one of the reviews, half made ones among them. */
function showingReleases(workspace: string, erasing: readonly Erasing[]): readonly string[] {
  const releases = path.join(workspace, 'releases');
  const names = new Set(filesBeneath(releases).map((file) => path.relative(releases, file).split(path.sep)[0] ?? ''));
  return [...names].filter((name) => isShowing(path.join(releases, name), name, erasing));
}

/**
 * A release stands or falls as a whole: its manifest names the hash of each file. Number of releases. Under the lock of the
 * registry, so that nobody who rolls back meanwhile makes another release of one that goes.
 */
export function removeReleases(workspace: string, erasing: readonly Erasing[]): Promise<Attempt<number>> {
  return withRegistryLock(path.join(workspace, 'models'), () => {
    const showing = showingReleases(workspace, erasing);
    for (const name of showing) rmSync(path.join(workspace, 'releases', name), { recursive: true, force: true });
    return { ok: true, value: showing.length };
  });
}

/** Every file of the workspace that still shows one of the reviews, by its path in it. */
export function stillShowing(workspace: string, erasing: readonly Erasing[]): readonly string[] {
  const files = ALL.flatMap((folder) => filesBeneath(path.join(workspace, folder), PASSED)).filter((file) => shows(file, tracesOf(erasing), { shared: false }));
  return [...files.map((file) => path.relative(workspace, file)), ...showingReleases(workspace, erasing).map((name) => path.join('releases', name))];
}

/** Tables of corrections that name one of the reviews: people keep them, so people take the lines out. */
export function correctionsOf(workspace: string, erasing: readonly Erasing[]): readonly string[] {
  const files = new Set([path.join(workspace, 'corrections.csv'), path.join(CODE, 'corrections.csv')]);
  return [...files].filter((file) => existsSync(file) && shows(file, tracesOf(erasing), { shared: true }));
}
