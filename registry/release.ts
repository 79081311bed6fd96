import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
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
  const folder = path.join(workspace, 'releases', id);
  const file = path.join(folder, 'manifest.json');
  if (!existsSync(file)) return false;
  const manifest = ReleaseManifest.parse(JSON.parse(readFileSync(file, 'utf8')));
  return JSON.stringify(hashesOf(folder)) === JSON.stringify(manifest.files);
}

/** Keeps the newest, and clears away what a killed run left half made: releases are only made under the lock of the workspace. */
function prune(releases: string, current: string): void {
  for (const name of readdirSync(releases)) if (name.startsWith('.')) rmSync(path.join(releases, name), { recursive: true, force: true });
  const ids = readdirSync(releases).filter((name) => name !== 'current' && statSync(path.join(releases, name)).isDirectory());
  for (const id of ids.sort().slice(0, -KEPT)) if (id !== current) rmSync(path.join(releases, id), { recursive: true, force: true });
}

/**
 * Publishes site and model behind one pointer: copied to a hidden folder, hashed, renamed to its id, then `current` is
 * renamed into place. A reader of `current` sees the old release or the new one, whole.
 */
export function publishRelease(publication: Publication): ReleaseManifest {
  const { workspace, siteDir, modelDir, id, run, dataset, app, champion } = publication;
  const releases = path.join(workspace, 'releases');
  const staged = path.join(releases, `.${id}.tmp`);
  rmSync(staged, { recursive: true, force: true });
  mkdirSync(staged, { recursive: true });
  cpSync(siteDir, path.join(staged, 'site'), { recursive: true });
  if (modelDir !== null && existsSync(modelDir)) cpSync(modelDir, path.join(staged, 'model'), { recursive: true });
  const manifest: ReleaseManifest = { format: 1, id, run, dataset, app, champion, files: hashesOf(staged) };
  writeFileSync(path.join(staged, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const folder = path.join(releases, id);
  rmSync(folder, { recursive: true, force: true });
  renameSync(staged, folder);
  const pointer = path.join(releases, `.current-${process.pid}`);
  rmSync(pointer, { force: true });
  symlinkSync(id, pointer);
  renameSync(pointer, path.join(releases, 'current'));
  prune(releases, id);
  return manifest;
}
