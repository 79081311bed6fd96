import { randomUUID } from 'node:crypto';
import { readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ReleaseManifest } from '../schema/run-record.ts';
import { errorCode } from './failure.ts';
import type { Attempt } from './failure.ts';
import { takeLock } from './lock.ts';
import { MANIFEST, releasesIn } from './release.ts';

/** A release under its hidden name, whole. */
export interface Staged {
  readonly folder: string;
  readonly manifest: ReleaseManifest;
}

const KEPT = 5;
/** Under such names releases and pointers are made, and old ones go. */
const HIDDEN = /^\.(.+\.(tmp|old)|current-.+)$/;
/** Held by whoever publishes while the release is copied, so that nobody takes the half of it for a leftover. */
export const STAGING_LOCK = '.staging.db';

export const hiddenName = (id: string): string => `.${id}.tmp`;

export function writeManifest(folder: string, manifest: ReleaseManifest): void {
  writeFileSync(path.join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Gives the staged folder its name. A release of the same id goes. */
function moveIntoPlace(releases: string, { folder, manifest }: Staged): void {
  const final = path.join(releases, manifest.id);
  const aside = path.join(releases, `.${manifest.id}.old`);
  try {
    rmSync(aside, { recursive: true, force: true });
    renameSync(final, aside);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  renameSync(folder, final);
  rmSync(aside, { recursive: true, force: true });
}

/**
 * The staged folder becomes the release that `current` leads to: a reader sees the old release or the new one, whole. `before`
 * is what has to hold first, as the registry's new word: by then the pointer lies ready beside the one that counts, and what
 * is left to do is two renames, which need no room on the disk. Nothing has changed where it refuses.
 */
export function putInPlace(releases: string, staged: Staged, before: () => Attempt<unknown> = () => ({ ok: true, value: null })): Attempt<ReleaseManifest> {
  const pointer = path.join(releases, `.current-${randomUUID()}`);
  try {
    symlinkSync(staged.manifest.id, pointer);
    const held = before();
    if (!held.ok) return held;
    moveIntoPlace(releases, staged);
    renameSync(pointer, path.join(releases, 'current'));
    return { ok: true, value: staged.manifest };
  } finally {
    rmSync(pointer, { force: true });
  }
}

function removeAll(releases: string, names: readonly string[]): void {
  for (const name of names) rmSync(path.join(releases, name), { recursive: true, force: true });
}

/**
 * Keeps the newest releases and the one that is served, and clears away what a killed process left half made. Whoever calls it
 * holds the lock of the registry, under which a release gets another model: of hidden names only those of a publication are
 * of somebody alive, and its lock tells. What cannot be removed now is removed the next time.
 */
export async function prune(workspace: string, { current, isPublishing }: { readonly current: string; readonly isPublishing: boolean }): Promise<void> {
  const releases = path.join(workspace, 'releases');
  const staging = isPublishing ? null : await takeLock(path.join(releases, STAGING_LOCK), { workspace, waitMs: 0 });
  try {
    removeAll(releases, releasesIn(releases).slice(KEPT).filter((id) => id !== current));
    if (staging === null || staging.ok) removeAll(releases, readdirSync(releases).filter((name) => HIDDEN.test(name)));
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  } finally {
    if (staging?.ok === true) staging.release();
  }
}
