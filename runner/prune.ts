import { statSync } from 'node:fs';
import path from 'node:path';
import { isEntries, objectPath } from './cache.ts';
import { isAbsent, listFolder, readJson } from './disk.ts';
import type { Disk } from './disk.ts';
import { readRecord } from './record.ts';
import { isStoredRun } from './run-cache.ts';
import type { StoredRun } from './run-cache.ts';

interface Place {
  readonly disk: Disk;
  readonly workspace: string;
}

export interface Pruned {
  /** Objects that went, and those that stay. */
  readonly objects: number;
  readonly bytes: number;
  readonly keptBytes: number;
  /** Earlier results that can no longer come back. */
  readonly results: number;
}

/** Objects that outs stand on: their own, and what lies in those that are folders. */
function objectsOf(workspace: string, outs: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(outs).flatMap((hash) => {
    const entries: unknown = hash.endsWith('/') ? readJson(objectPath(workspace, hash)) : undefined;
    return [hash.slice(0, 64), ...(isEntries(entries) ? entries.map(([, content]) => content.slice(0, 64)) : [])];
  });
}

/** What the last good results stand on. */
function usedObjects(workspace: string): Set<string> {
  const used = new Set<string>();
  for (const name of listFolder(path.join(workspace, '.repro', 'stages'))) {
    const record = name.endsWith('.json') ? readRecord(workspace, decodeURIComponent(name.slice(0, -'.json'.length))) : undefined;
    for (const object of objectsOf(workspace, record?.outs ?? {})) used.add(object);
  }
  return used;
}

/** Files two folders deep, `ab/cdef…`, by the name that both make. */
const filesOf = (folder: string): readonly { readonly name: string; readonly file: string }[] =>
  listFolder(folder).flatMap((first) => listFolder(path.join(folder, first)).map((rest) => ({ name: first + rest, file: path.join(folder, first, rest) })));

function bytesOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (error) {
    if (isAbsent(error)) return 0;
    throw error;
  }
}

interface Stored {
  readonly file: string;
  /** Undefined for one that cannot be read. */
  readonly run: StoredRun | undefined;
}

function storedRuns(cache: string): readonly Stored[] {
  const stored = filesOf(path.join(cache, 'runs')).map(({ file }): Stored => {
    const run: unknown = readJson(file);
    return { file, run: isStoredRun(run) ? run : undefined };
  });
  const ranAt = ({ run }: Stored): string => run?.ranAt ?? '';
  return stored.toSorted((a, b) => (ranAt(a) > ranAt(b) ? -1 : ranAt(a) < ranAt(b) ? 1 : 0));
}

/**
 * Takes earlier results out of the cache, the oldest ones first, until all that is left has no more than `keepBytes`; what the last
 * good results stand on always stays. What went runs again instead of coming back. Under the lock of the workspace.
 */
export async function pruneCache({ disk, workspace }: Place, options: { readonly keepBytes?: number; readonly isDryRun?: boolean } = {}): Promise<Pruned> {
  const { keepBytes = 0, isDryRun = false } = options;
  const cache = path.join(workspace, '.repro', 'cache');
  const files = filesOf(path.join(cache, 'objects'));
  const sizes = new Map(files.map(({ name, file }) => [name.slice(0, 64), bytesOf(file)]));
  const used = usedObjects(workspace);
  let keptBytes = [...used].reduce((sum, object) => sum + (sizes.get(object) ?? 0), 0);
  const going: string[] = [];
  let isFull = false;
  for (const { file, run } of storedRuns(cache)) {
    const more = new Set(objectsOf(workspace, run?.outs ?? {})).difference(used);
    const bytes = [...more].reduce((sum, object) => sum + (sizes.get(object) ?? 0), 0);
    // The first one that finds no room ends it: an older small one would be an odd thing to keep.
    isFull ||= keptBytes + bytes > keepBytes;
    if (run === undefined || (more.size > 0 && isFull)) going.push(file);
    else {
      for (const object of more) used.add(object);
      keptBytes += bytes;
    }
  }
  const unused = files.filter(({ name }) => !used.has(name.slice(0, 64)));
  const pruned = { objects: unused.length, bytes: unused.reduce((sum, { name }) => sum + (sizes.get(name.slice(0, 64)) ?? 0), 0), keptBytes, results: going.length };
  if (isDryRun) return pruned;
  // First what names them: an object that is named and gone would be looked for.
  for (const file of [...going, ...unused.map(({ file: object }) => object)]) await disk.remove(file);
  await disk.remove(path.join(cache, 'bad'));
  return pruned;
}
