import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { ReleaseManifest } from '../schema/run-record.ts';
import { stageExchange } from './exchange.ts';
import { attempt } from './failure.ts';
import type { Attempt, RegistryFailure } from './failure.ts';
import { RUN_WAIT_MS, takeLock, withRegistryLock } from './lock.ts';
import { STAGING_LOCK, hiddenName, prune, putInPlace, writeManifest } from './place.ts';
import type { Staged } from './place.ts';
import { readDataset } from './registry.ts';
import { INDEX, filesOf } from './release.ts';
import { readVersion } from './versions.ts';

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

export interface Published {
  /** Of the release that is served now: the one that was made, or one with the registry's champion in it. */
  readonly manifest: ReleaseManifest;
  /** Why the release has the model of this run, though the registry's word is another one or cannot be read; null where all is well. */
  readonly unsettled: { readonly kind: 'broken-version'; readonly version: string } | { readonly kind: 'failed'; readonly failure: RegistryFailure } | null;
}

function hashesOf(folder: string): Record<string, string> {
  return Object.fromEntries(filesOf(folder).map((file) => [file, createHash('sha256').update(readFileSync(path.join(folder, file))).digest('hex')]));
}

/** Copies a release to its hidden name, hashes it, and looks whether all that was to be copied has come. Needs the lock of staging. */
export function stagePublication(publication: Publication): Attempt<Staged> {
  const { workspace, siteDir, modelDir, id, run, dataset, app, champion, predictedBy = champion, add } = publication;
  const folder = path.join(workspace, 'releases', hiddenName(id));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const sources = [['site', siteDir] as const, ...(modelDir !== null && existsSync(modelDir) ? [['model', modelDir] as const] : [])];
  const intended = [INDEX, ...sources.flatMap(([name, source]) => filesOf(source).map((file) => `${name}/${file}`))];
  for (const [name, source] of sources) cpSync(source, path.join(folder, name), { recursive: true });
  add?.(folder);
  const files = hashesOf(folder);
  const missing = intended.find((file) => !Object.hasOwn(files, file));
  if (missing !== undefined) return { ok: false, failure: { kind: 'half-made', file: missing } };
  const manifest: ReleaseManifest = { format: 1, id, run, dataset, app, champion, predictedBy, files };
  writeManifest(folder, manifest);
  return { ok: true, value: { folder, manifest } };
}

interface Settled extends Pick<Published, 'unsettled'> {
  /** The release with the registry's champion; null where that is the one of this run, or cannot be had. */
  readonly instead: Staged | null;
}

/** Somebody rolled back while this run was under way: what the registry says is served, and the next run predicts with it. */
async function settle({ workspace, dataset, champion }: Publication, staged: Staged): Promise<Settled> {
  const models = path.join(workspace, 'models');
  const read = readDataset(models, dataset);
  if (!read.ok) return { instead: null, unsettled: { kind: 'failed', failure: read.failure } };
  const wanted = read.value.aliases.champion;
  if (champion === null || wanted === null || wanted === champion) return { instead: null, unsettled: null };
  const version = readVersion(models, wanted);
  if (version === null || version.manifest.dataset !== dataset) return { instead: null, unsettled: { kind: 'broken-version', version: wanted } };
  const exchanged = await stageExchange({ workspace, dataset, version, base: staged, now: new Date() });
  return exchanged.ok ? { instead: exchanged.value, unsettled: null } : { instead: null, unsettled: { kind: 'failed', failure: exchanged.failure } };
}

/** Under the lock of the registry: its word is read, and the pointer moves once, to a release that follows it. */
async function release(publication: Publication, staged: Staged): Promise<Attempt<Published>> {
  const { workspace } = publication;
  const { instead, unsettled } = await settle(publication, staged);
  try {
    const placed = putInPlace(path.join(workspace, 'releases'), instead ?? staged);
    if (!placed.ok) return placed;
    await prune(workspace, { current: placed.value.id, isPublishing: true });
    return { ok: true, value: { manifest: placed.value, unsettled } };
  } finally {
    if (instead !== null) rmSync(instead.folder, { recursive: true, force: true });
  }
}

/**
 * Publishes site and model behind one pointer. The release is copied to a hidden name and looked at while others may change the
 * registry; then, under its lock, it gets its name and the pointer leads to it.
 */
export async function publishRelease(publication: Publication): Promise<Attempt<Published>> {
  const { workspace, id } = publication;
  const releases = path.join(workspace, 'releases');
  const staging = await takeLock(path.join(releases, STAGING_LOCK), { workspace, waitMs: RUN_WAIT_MS });
  if (!staging.ok) return staging;
  const publish = async (): Promise<Attempt<Published>> => {
    try {
      const staged = stagePublication(publication);
      return staged.ok ? await withRegistryLock(path.join(workspace, 'models'), () => release(publication, staged.value), { waitMs: RUN_WAIT_MS }) : staged;
    } finally {
      // On a disk that is full nothing may be left behind.
      rmSync(path.join(releases, hiddenName(id)), { recursive: true, force: true });
    }
  };
  try {
    return await attempt(workspace, publish);
  } finally {
    staging.release();
  }
}
