import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ModelManifest } from '../schema/registry.ts';
import { errorCode } from './failure.ts';

/** A model version as it lies in models/versions/<id>: immutable, named by its content. */
export interface ModelVersion {
  readonly manifest: ModelManifest;
  /** The exact bytes of model.json. */
  readonly model: string;
}

function folderOf(models: string, version: string): string {
  return path.join(models, 'versions', version);
}

/**
 * Writes a version beside the others and renames it into place: it is there whole, or not at all. Whoever calls it holds the
 * lock of the registry, so that what lies under the hidden name is of a process that was killed.
 */
export function storeVersion(models: string, { manifest, model }: ModelVersion): void {
  if (readVersion(models, manifest.version) !== null) return;
  const folder = folderOf(models, manifest.version);
  const staged = path.join(path.dirname(folder), `.${manifest.version}.tmp`);
  rmSync(staged, { recursive: true, force: true });
  mkdirSync(staged, { recursive: true });
  writeFileSync(path.join(staged, 'model.json'), model);
  writeFileSync(path.join(staged, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(staged, folder);
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // Absent or not to be read: the version is not whole. Anything else is a bug.
    if (errorCode(error) === undefined) throw error;
    return null;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Cut, or edited by hand.
    return null;
  }
}

/** A version, or null where it is absent, its manifest is cut, or its files are not those of that version. */
export function readVersion(models: string, version: string): ModelVersion | null {
  const folder = folderOf(models, version);
  const [described, model] = [read(path.join(folder, 'manifest.json')), read(path.join(folder, 'model.json'))];
  if (described === null || model === null) return null;
  const manifest = ModelManifest.safeParse(parse(described));
  if (!manifest.success || manifest.data.version !== version) return null;
  return createHash('sha256').update(model).digest('hex') === manifest.data.model ? { manifest: manifest.data, model } : null;
}
