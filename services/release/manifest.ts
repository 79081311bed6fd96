import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ReleaseManifest } from '../../schema/run-record.ts';

const fileOf = (folder: string): string => path.join(folder, 'manifest.json');

/** The manifest of a release; null where it is absent, cut, or another one's: a release that is half there. */
export async function readManifest(folder: string): Promise<ReleaseManifest | null> {
  try {
    const parsed = ReleaseManifest.safeParse(JSON.parse(await readFile(fileOf(folder), 'utf8')));
    return parsed.success && parsed.data.id === path.basename(folder) ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Whether a release still lies on the disk: one that was erased must not be served from memory for long. */
export async function isThere(folder: string): Promise<boolean> {
  return access(fileOf(folder)).then(() => true, () => false);
}
