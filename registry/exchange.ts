import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile, link } from 'node:fs/promises';
import path from 'node:path';
import type { ReleaseManifest } from '../schema/run-record.ts';
import { errorCode } from './failure.ts';
import type { Attempt } from './failure.ts';
import { hiddenName, writeManifest } from './place.ts';
import type { Staged } from './place.ts';
import { currentRelease, findRelease, isWhole, releasesIn } from './release.ts';
import type { FoundRelease } from './release.ts';
import type { ModelVersion } from './versions.ts';

export interface Exchange {
  readonly workspace: string;
  readonly dataset: string;
  /** The model to serve. */
  readonly version: ModelVersion;
  readonly now: Date;
  /** The release to give the model to; without it the one that is served, or the newest that is whole. */
  readonly base?: FoundRelease;
}

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** `20261123T194700123Z-1a2b`, as the ids of runs: the order of names is the order of time. */
function newReleaseId(now: Date): string {
  return `${now.toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(2).toString('hex')}`;
}

/** The script that hands the model to the page: it lies beside the predictor, so the page predicts as the server does. */
export function modelScript(model: string, version: string): string {
  return `ulasan.model(${model.trim()}, ${JSON.stringify(version)});\n`;
}

/** Files of a release never change, so that another release may share them; where the disk knows no links they are copied. */
async function share(from: string, to: string): Promise<void> {
  mkdirSync(path.dirname(to), { recursive: true });
  await link(from, to).catch(() => copyFile(from, to));
}

/**
 * What is not as it was: the model, the page's own copy of it, and the pages, which name their release in their links. A page
 * is written anew with a new hash, so that it is compared with its old one first: null where it is not what was published.
 */
function changedFiles({ folder, manifest }: FoundRelease, id: string, { model, manifest: described }: ModelVersion): ReadonlyMap<string, string> | null {
  const { app, dataset, version } = described;
  const files = new Map([
    ['model/model.json', model],
    ['model/champion.json', `${JSON.stringify({ app, dataset, version, manifest: described }, null, 2)}\n`],
  ]);
  for (const [name, hash] of Object.entries(manifest.files)) {
    if (name === 'site/assets/model.js') files.set(name, modelScript(model, version));
    if (!name.endsWith('.html')) continue;
    const bytes = readFileSync(path.join(folder, name));
    if (sha256(bytes) !== hash) return null;
    files.set(name, bytes.toString('utf8').replaceAll(`?r=${manifest.id}`, `?r=${id}`));
  }
  return files;
}

/** The release `base` with another model, under a hidden name, each file of it compared with its hash. Null where the base is not whole. */
async function stageFrom(base: FoundRelease, { workspace, version, now }: Exchange): Promise<Staged | null> {
  const id = newReleaseId(now);
  const folder = path.join(workspace, 'releases', hiddenName(id));
  let isGood = false;
  try {
    const changed = changedFiles(base, id, version);
    if (changed === null) return null;
    const files: Record<string, string> = {};
    for (const name of [...new Set([...Object.keys(base.manifest.files), ...changed.keys()])].sort()) {
      const [to, text] = [path.join(folder, name), changed.get(name)];
      if (text === undefined) await share(path.join(base.folder, name), to);
      else {
        mkdirSync(path.dirname(to), { recursive: true });
        writeFileSync(to, text);
      }
      files[name] = text === undefined ? (base.manifest.files[name] ?? '') : sha256(text);
    }
    const { champion, predictedBy = champion } = base.manifest;
    const manifest: ReleaseManifest = { ...base.manifest, id, champion: version.manifest.version, predictedBy, files };
    writeManifest(folder, manifest);
    isGood = await isWhole({ folder, manifest });
    return isGood ? { folder, manifest } : null;
  } catch (error) {
    // A file of the base is missing; a full disk is none of its faults.
    if (errorCode(error) !== 'ENOENT') throw error;
    return null;
  } finally {
    if (!isGood) rmSync(folder, { recursive: true, force: true });
  }
}

/** Where another model may go, best first: the release that is served, then the others, newest first. Null where none is of this dataset. */
function basesOf({ workspace, dataset, base }: Exchange): readonly FoundRelease[] | null {
  if (base !== undefined) return [base];
  const current = currentRelease(workspace);
  const ids = releasesIn(path.join(workspace, 'releases'));
  if (ids.length === 0) return null;
  const found = [...new Set([...(current === null ? [] : [current]), ...ids])].flatMap((id) => findRelease(workspace, id) ?? []);
  const served = found.find(({ manifest }) => manifest.id === current);
  if (served !== undefined && served.manifest.dataset !== dataset) return null;
  const own = found.filter(({ manifest }) => manifest.dataset === dataset);
  return own.length === 0 && found.length > 0 ? null : own;
}

/**
 * Makes the report ready with another model, in well under a second: whatever did not change is shared with the release before.
 * The predictions in the report stay those of the model that made them, and its pages say so; the next run makes new ones. Null
 * where nothing of this dataset is released. Needs the lock of the registry: the base must not be removed meanwhile.
 */
export async function stageExchange(exchange: Exchange): Promise<Attempt<Staged | null>> {
  const bases = basesOf(exchange);
  if (bases === null) return { ok: true, value: null };
  for (const base of bases) {
    const staged = await stageFrom(base, exchange);
    if (staged !== null) return { ok: true, value: staged };
  }
  return { ok: false, failure: { kind: 'no-whole-release', file: 'releases', releases: releasesIn(path.join(exchange.workspace, 'releases')) } };
}
