import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ModelManifest } from '../schema/registry.ts';

/** A model version as it lies in models/versions/<id>: immutable, named by its content. */
export interface ModelVersion {
  readonly manifest: ModelManifest;
  /** The exact bytes of model.json. */
  readonly model: string;
}

function folderOf(models: string, version: string): string {
  return path.join(models, 'versions', version);
}

/** Writes a version beside the others and renames it into place: it is there whole, or not at all. */
export function storeVersion(models: string, { manifest, model }: ModelVersion): void {
  const folder = folderOf(models, manifest.version);
  if (existsSync(path.join(folder, 'manifest.json')) && intact(models, manifest.version)) return;
  const staged = `${folder}.${randomUUID().slice(0, 8)}.tmp`;
  mkdirSync(staged, { recursive: true });
  writeFileSync(path.join(staged, 'model.json'), model);
  writeFileSync(path.join(staged, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(staged, folder);
}

/** A version, or null where it is absent or its model is not the one of its manifest. */
export function readVersion(models: string, version: string): ModelVersion | null {
  const folder = folderOf(models, version);
  if (!existsSync(path.join(folder, 'manifest.json')) || !existsSync(path.join(folder, 'model.json'))) return null;
  const manifest = ModelManifest.parse(JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')));
  const model = readFileSync(path.join(folder, 'model.json'), 'utf8');
  return createHash('sha256').update(model).digest('hex') === manifest.model ? { manifest, model } : null;
}

function intact(models: string, version: string): boolean {
  return readVersion(models, version) !== null;
}
