import path from 'node:path';
import { datasetOf } from '../../../schema/app.ts';
import type { Review } from '../../../schema/review.ts';
import { writeBackup } from '../../../stages/collect/export.ts';
import { COLLECTED, HISTORY, OTHERS, REVIEWS, datasetIn, nameIn, otherFolders, readBackup } from '../../../storage/backup.ts';
import type { Erasing } from '../../../storage/erasing.ts';
import type { Backup } from '../../../storage/versions.ts';

interface Found {
  /** Relative to the workspace. */
  readonly folder: string;
  readonly backup: Backup;
}

/** Every backup that can be read, in data/collect and its folder of others, of whatever dataset. */
export function backupsOf(workspace: string): readonly Found[] {
  const folders = [COLLECTED, ...otherFolders(path.join(workspace, OTHERS)).map((name) => `${OTHERS}/${name}`)];
  return folders.flatMap((folder) => {
    const read = readBackup(path.join(workspace, folder), folder);
    return read.ok ? [{ folder, backup: read.rows }] : [];
  });
}

export interface Renamed {
  readonly dataset: string;
  readonly from: string;
  readonly to: string;
}

export interface Rewritten {
  /** How many backups held one of the reviews. */
  readonly count: number;
  /** Files of all backups, which are not to be removed. */
  readonly files: ReadonlySet<string>;
  /** Those that were written anew, by what a raw store may know them by. */
  readonly renamed: readonly Renamed[];
}

/**
 * Takes the reviews out of every backup, and leaves the rest of it in place: until the run that follows is through, and where it
 * is of another dataset or fails, a raw store that gets lost is filled from nothing else.
 */
export async function rewriteBackups(workspace: string, erasing: readonly Erasing[]): Promise<Rewritten> {
  const going = new Map(erasing.map(({ dataset, traces }) => [dataset, new Set(traces.map(({ id }) => id))]));
  const stays = ({ source, app, id }: Review): boolean => going.get(datasetOf(source, app))?.has(id) !== true;
  const files = new Set<string>();
  const renamed: Renamed[] = [];
  let count = 0;
  for (const { folder, backup } of backupsOf(workspace)) {
    const whole = path.join(workspace, folder);
    for (const name of [REVIEWS, HISTORY]) files.add(path.join(whole, name));
    const [reviews, history] = [backup.reviews.filter(stays), backup.history.filter(({ review }) => stays(review))];
    if (reviews.length === backup.reviews.length && history.length === backup.history.length) continue;
    const [dataset, from] = [datasetIn(whole), nameIn(whole)];
    await writeBackup(whole, { reviews, history }, async (to) => {
      if (dataset !== undefined) renamed.push({ dataset, from, to });
    });
    count += 1;
  }
  return { count, files, renamed };
}
