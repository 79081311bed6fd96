import path from 'node:path';
import { listFolder, readJson } from './disk.ts';
import type { Disk } from './disk.ts';
import { isEntries, objectPath } from './cache.ts';
import { readRecord } from './record.ts';
import { isStoredRun } from './run-cache.ts';

interface Place {
  readonly disk: Disk;
  readonly workspace: string;
}

/** Objects that the last good results stand on: their outs, and what lies in the outs that are folders. */
function usedObjects(workspace: string): ReadonlySet<string> {
  const used = new Set<string>();
  for (const name of listFolder(path.join(workspace, '.repro', 'stages'))) {
    const record = name.endsWith('.json') ? readRecord(workspace, decodeURIComponent(name.slice(0, -'.json'.length))) : undefined;
    for (const hash of Object.values(record?.outs ?? {})) {
      used.add(hash.slice(0, 64));
      const entries: unknown = hash.endsWith('/') ? readJson(objectPath(workspace, hash)) : undefined;
      if (isEntries(entries)) for (const [, content] of entries) used.add(content.slice(0, 64));
    }
  }
  return used;
}

/** Files two folders deep, `ab/cdef…`, by the name that both make. */
const filesOf = (folder: string): readonly { readonly name: string; readonly file: string }[] =>
  listFolder(folder).flatMap((first) => listFolder(path.join(folder, first)).map((rest) => ({ name: first + rest, file: path.join(folder, first, rest) })));

/**
 * Takes out of the cache what no last good result stands on, for data that has to go where nobody looks any more: earlier
 * results run again instead of coming back. Under the lock of the workspace. Number of objects.
 */
export async function pruneCache({ disk, workspace }: Place): Promise<number> {
  const cache = path.join(workspace, '.repro', 'cache');
  const used = usedObjects(workspace);
  const unused = filesOf(path.join(cache, 'objects')).filter(({ name }) => !used.has(name.slice(0, 64)));
  for (const { file } of unused) await disk.remove(file);
  for (const { file } of filesOf(path.join(cache, 'runs'))) {
    const run: unknown = readJson(file);
    if (!isStoredRun(run) || Object.values(run.outs).some((hash) => !used.has(hash.slice(0, 64)))) await disk.remove(file);
  }
  await disk.remove(path.join(cache, 'bad'));
  return unused.length;
}
