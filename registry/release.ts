import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ReleaseManifest } from '../schema/run-record.ts';
import { errorCode } from './failure.ts';

/** A release that lies on the disk, by what its manifest says of it. */
export interface FoundRelease {
  readonly folder: string;
  readonly manifest: ReleaseManifest;
}

/** Without it there is no report: no release lacks it. */
export const INDEX = 'site/index.html';
/** Beside the files that it names. */
export const MANIFEST = 'manifest.json';

/** Larger pieces than Node's own: a release holds one large file, the reviews. */
const PIECE_BYTES = 512 * 1024;

/** Files beneath a folder by their relative path, sorted. */
export function filesOf(folder: string, prefix = ''): readonly string[] {
  return readdirSync(path.join(folder, prefix), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesOf(folder, `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`]))
    .sort();
}

/** The id that `current` points to, or null. */
export function currentRelease(workspace: string): string | null {
  try {
    return path.basename(readlinkSync(path.join(workspace, 'releases', 'current')));
  } catch {
    // There is no release yet.
    return null;
  }
}

/** Ids of the releases in a folder, newest first. What begins with a dot is no release: somebody is making one, or was killed. */
export function releasesIn(releases: string): readonly string[] {
  try {
    return readdirSync(releases, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() && !entry.name.startsWith('.') ? [entry.name] : [])).sort().reverse();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The release of this id; null where there is none, or its manifest is cut or not its own. */
export function findRelease(workspace: string, id: string): FoundRelease | null {
  const folder = path.join(workspace, 'releases', id);
  try {
    const parsed = ReleaseManifest.safeParse(JSON.parse(readFileSync(path.join(folder, MANIFEST), 'utf8')));
    return parsed.success && parsed.data.id === id ? { folder, manifest: parsed.data } : null;
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) !== undefined) return null;
    throw error;
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: PIECE_BYTES }), hash);
  return hash.digest('hex');
}

/**
 * True where the folder holds the files of the manifest and no others, each with its hash, the first page among them.
 * Asynchronous, since a server asks it too.
 */
export async function isWhole({ folder, manifest }: FoundRelease): Promise<boolean> {
  const names = Object.keys(manifest.files).sort();
  try {
    const found = filesOf(folder).filter((name) => name !== MANIFEST);
    if (found.join('\n') !== names.join('\n') || !names.includes(INDEX)) return false;
    for (const name of names) if ((await hashOf(path.join(folder, name))) !== manifest.files[name]) return false;
    return true;
  } catch (error) {
    // A file that went away or cannot be read: it is not whole.
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}
