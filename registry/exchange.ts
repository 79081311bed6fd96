import { createHash, randomBytes } from 'node:crypto';
import { cpSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ModelManifest } from '../schema/registry.ts';
import type { ReleaseManifest } from '../schema/run-record.ts';
import { currentRelease, putInPlace, readRelease } from './release.ts';
import { readVersion } from './versions.ts';

export interface Exchange {
  readonly workspace: string;
  readonly dataset: string;
  readonly version: string;
  readonly now?: Date;
}

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** `20261123T194700123Z-1a2b`, as the ids of runs: the order of names is the order of time. */
function newReleaseId(now: Date): string {
  return `${now.toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(2).toString('hex')}`;
}

/** Files of a release never change, so that another release may share them; where the disk knows no links they are copied. */
function share(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    cpSync(from, to);
  }
}

/** The script that hands the model to the page: it lies beside the predictor, so the page predicts as the server does. */
export function modelScript(model: string, version: string): string {
  return `ulasan.model(${model.trim()}, ${JSON.stringify(version)});\n`;
}

/** What is not as it was: the model, the page's own copy of it, and the pages, which name their release in their links. */
function changedFiles(before: { readonly folder: string; readonly manifest: ReleaseManifest }, id: string, next: { readonly model: string; readonly manifest: ModelManifest }): ReadonlyMap<string, string> {
  const { app, dataset, version } = next.manifest;
  const files = new Map([
    ['model/model.json', next.model],
    ['model/champion.json', `${JSON.stringify({ app, dataset, version, manifest: next.manifest }, null, 2)}\n`],
  ]);
  for (const name of Object.keys(before.manifest.files)) {
    if (name === 'site/assets/model.js') files.set(name, modelScript(next.model, version));
    if (name.endsWith('.html')) files.set(name, readFileSync(path.join(before.folder, name), 'utf8').replaceAll(`?r=${before.manifest.id}`, `?r=${id}`));
  }
  return files;
}

/**
 * Publishes the current report with another model, in well under a second: whatever did not change is shared with the release
 * before. The predictions in the report stay those of the model that made them, and its pages say so; the next run makes new
 * ones. Null where nothing is released yet, or the release is of another dataset.
 */
export function exchangeModel({ workspace, dataset, version, now = new Date() }: Exchange): ReleaseManifest | null {
  const current = currentRelease(workspace);
  const manifest = current === null ? null : readRelease(workspace, current);
  const found = readVersion(path.join(workspace, 'models'), version);
  if (current === null || manifest === null || found === null || manifest.dataset !== dataset) return null;
  const id = newReleaseId(now);
  const releases = path.join(workspace, 'releases');
  const [folder, staged] = [path.join(releases, current), path.join(releases, `.${id}.tmp`)];
  const changed = changedFiles({ folder, manifest }, id, found);
  const files: Record<string, string> = {};
  try {
    for (const name of [...new Set([...Object.keys(manifest.files), ...changed.keys()])].sort()) {
      const to = path.join(staged, name);
      const text = changed.get(name);
      if (text === undefined) share(path.join(folder, name), to);
      else {
        mkdirSync(path.dirname(to), { recursive: true });
        writeFileSync(to, text);
      }
      files[name] = text === undefined ? (manifest.files[name] ?? '') : sha256(text);
    }
    const next: ReleaseManifest = { ...manifest, id, champion: version, predictedBy: manifest.predictedBy ?? manifest.champion, files };
    putInPlace(releases, staged, next);
    return next;
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}
