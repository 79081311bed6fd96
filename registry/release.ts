import { createHash } from 'node:crypto';
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ReleaseManifest } from '../schema/run-record.ts';

export interface Publication {
  readonly workspace: string;
  /** Folder of the built report. */
  readonly siteDir: string;
  /** Folder of the champion (champion.json, model.json), or null before there is one. */
  readonly modelDir: string | null;
  /** Id of the release: the id of the run. */
  readonly id: string;
  readonly run: string;
  readonly dataset: string;
  readonly app: string;
  readonly champion: string | null;
  /** The model that made the predictions of the report, where it is another one. */
  readonly predictedBy?: string | null;
  /** Adds further files to the folder of the release before it is hashed. */
  readonly add?: (folder: string) => void;
}

const KEPT = 5;

function filesOf(folder: string, prefix = ''): readonly string[] {
  return readdirSync(path.join(folder, prefix), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesOf(folder, `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`]))
    .sort();
}

function hashesOf(folder: string): Record<string, string> {
  const files = filesOf(folder).filter((file) => file !== 'manifest.json');
  return Object.fromEntries(files.map((file) => [file, createHash('sha256').update(readFileSync(path.join(folder, file))).digest('hex')]));
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

/** True where every file of a release is there with the hash of its manifest. */
export function verifyRelease(workspace: string, id: string): boolean {
  const manifest = readRelease(workspace, id);
  return manifest !== null && JSON.stringify(hashesOf(path.join(workspace, 'releases', id))) === JSON.stringify(manifest.files);
}

/** The manifest of a release; null where there is none. */
export function readRelease(workspace: string, id: string): ReleaseManifest | null {
  const file = path.join(workspace, 'releases', id, 'manifest.json');
  return existsSync(file) ? ReleaseManifest.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
}

/** What is hidden and this old was left half made by a process that was killed: a rollback by hand may be making one right now. */
const HALF_MADE_MS = 60_000;

/** Keeps the newest, and clears away what was left half made. */
function prune(releases: string, current: string): void {
  for (const name of readdirSync(releases)) {
    const folder = path.join(releases, name);
    if (name.startsWith('.') && Date.now() - lstatSync(folder).mtimeMs > HALF_MADE_MS) rmSync(folder, { recursive: true, force: true });
  }
  const ids = readdirSync(releases).filter((name) => name !== 'current' && statSync(path.join(releases, name)).isDirectory());
  for (const id of ids.sort().slice(0, -KEPT)) if (id !== current) rmSync(path.join(releases, id), { recursive: true, force: true });
}

/**
 * Publishes site and model behind one pointer: copied to a hidden folder, hashed, renamed to its id, then `current` is
 * renamed into place. A reader of `current` sees the old release or the new one, whole.
 */
export function publishRelease(publication: Publication): ReleaseManifest {
  const { workspace, siteDir, modelDir, id, run, dataset, app, champion, predictedBy = champion, add } = publication;
  const releases = path.join(workspace, 'releases');
  const staged = path.join(releases, `.${id}.tmp`);
  rmSync(staged, { recursive: true, force: true });
  mkdirSync(staged, { recursive: true });
  cpSync(siteDir, path.join(staged, 'site'), { recursive: true });
  if (modelDir !== null && existsSync(modelDir)) cpSync(modelDir, path.join(staged, 'model'), { recursive: true });
  add?.(staged);
  const manifest: ReleaseManifest = { format: 1, id, run, dataset, app, champion, predictedBy, files: hashesOf(staged) };
  putInPlace(releases, staged, manifest);
  return manifest;
}

/** The staged folder becomes the release, and the pointer leads to it. */
export function putInPlace(releases: string, staged: string, manifest: ReleaseManifest): void {
  const { id } = manifest;
  writeFileSync(path.join(staged, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const folder = path.join(releases, id);
  rmSync(folder, { recursive: true, force: true });
  renameSync(staged, folder);
  const pointer = path.join(releases, `.current-${process.pid}`);
  rmSync(pointer, { force: true });
  symlinkSync(id, pointer);
  renameSync(pointer, path.join(releases, 'current'));
  prune(releases, id);
}
