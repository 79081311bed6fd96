import { rmSync } from 'node:fs';
import path from 'node:path';
import type { DatasetRegistry } from '../schema/registry.ts';
import type { ReleaseManifest } from '../schema/run-record.ts';
import { stageExchange } from './exchange.ts';
import type { Attempt, RegistryFailure } from './failure.ts';
import { withRegistryLock } from './lock.ts';
import { prune, putInPlace } from './place.ts';
import type { Staged } from './place.ts';
import { promote, readDataset, rollback } from './registry.ts';
import { currentRelease, findRelease, isWhole } from './release.ts';
import type { FoundRelease } from './release.ts';
import { readVersion } from './versions.ts';

/** A person's wish to have another model served. */
export interface Wish {
  readonly workspace: string;
  readonly dataset: string;
  /** Null: of a rollback, the champion before this one. */
  readonly version: string | null;
  readonly actor: string;
  readonly reason: string;
  readonly now: Date;
  /** How long to wait for others who change the registry. */
  readonly waitMs?: number;
}

export type Served =
  | { readonly kind: 'served'; readonly version: string; readonly previous: string | null; readonly release: ReleaseManifest | null }
  /** The version was champion already, but the release had the model `previous`, or was broken: an earlier change did not come to its end. */
  | { readonly kind: 'mended'; readonly version: string; readonly previous: string | null; readonly release: ReleaseManifest }
  | { readonly kind: 'already'; readonly version: string }
  | { readonly kind: 'unknown-version'; readonly version: string; readonly known: readonly string[] }
  | { readonly kind: 'broken-version'; readonly version: string }
  | { readonly kind: 'no-earlier' }
  | { readonly kind: 'never-champion'; readonly version: string; readonly champions: readonly string[] }
  | { readonly kind: 'failed'; readonly failure: RegistryFailure };

/** Versions that were registered, oldest first. */
export function versionsOf(known: DatasetRegistry): readonly string[] {
  return [...new Set(known.log.map(({ version }) => version))];
}

/** Versions that were champion at some time, oldest first. */
export function championsOf({ log }: DatasetRegistry): readonly string[] {
  return [...new Set(log.flatMap(({ alias, action, version }) => (alias === 'champion' && action !== 'register' ? [version] : [])))];
}

/** The champion before this one: who it took over from. */
export function earlierChampion({ log, aliases }: DatasetRegistry): string | null {
  const took = log.toReversed().find(({ alias, version }) => alias === 'champion' && version === aliases.champion);
  return took?.previous ?? null;
}

/** The release that is served, where it is one of the dataset. */
function servedOf({ workspace, dataset }: Wish): FoundRelease | null {
  const current = currentRelease(workspace);
  const found = current === null ? null : findRelease(workspace, current);
  return found?.manifest.dataset === dataset ? found : null;
}

/** The registry changes and the pointer follows; where nothing is released the registry changes alone. */
async function commit({ workspace }: Wish, staged: Staged | null, write: () => Attempt<unknown>): Promise<Attempt<ReleaseManifest | null>> {
  if (staged === null) {
    const written = write();
    return written.ok ? { ok: true, value: null } : written;
  }
  const releases = path.join(workspace, 'releases');
  try {
    const placed = putInPlace(releases, staged, write);
    if (placed.ok) await prune(workspace, { current: placed.value.id, isPublishing: false });
    return placed;
  } finally {
    rmSync(staged.folder, { recursive: true, force: true });
  }
}

/**
 * Makes the release ready and looks at all of it before anything changes; then the registry says who is champion, and the
 * pointer follows. A process that is killed between the two leaves a pointer that contradicts the registry: whoever names the
 * champion again, or publishes, brings it back to the registry's word.
 */
async function serve(wish: Wish & { readonly version: string }, known: DatasetRegistry, write: typeof promote): Promise<Attempt<Served>> {
  const { workspace, dataset, version, actor, reason, now } = wish;
  const models = path.join(workspace, 'models');
  if (!versionsOf(known).includes(version)) return { ok: true, value: { kind: 'unknown-version', version, known: versionsOf(known) } };
  const [previous, served] = [known.aliases.champion, servedOf(wish)];
  const isChampion = previous === version;
  if (isChampion && served?.manifest.champion === version && (await isWhole(served))) return { ok: true, value: { kind: 'already', version } };
  const found = readVersion(models, version);
  if (found === null || found.manifest.dataset !== dataset) return { ok: true, value: { kind: 'broken-version', version } };
  const staged = await stageExchange({ workspace, dataset, version: found, now });
  if (!staged.ok) return staged;
  if (isChampion && staged.value === null) return { ok: true, value: { kind: 'already', version } };
  const change = (): Attempt<unknown> => (isChampion ? { ok: true, value: null } : write({ models, dataset, version, actor, at: now.toISOString(), reason }));
  const committed = await commit(wish, staged.value, change);
  if (!committed.ok) return committed;
  const release = committed.value;
  return { ok: true, value: isChampion && release !== null ? { kind: 'mended', version, previous: served?.manifest.champion ?? null, release } : { kind: 'served', version, previous, release } };
}

/** Reads the registry and works under its lock: between the two nobody changes it. */
async function alone(wish: Wish, work: (known: DatasetRegistry) => Promise<Attempt<Served>>): Promise<Served> {
  const models = path.join(wish.workspace, 'models');
  const locked = async (): Promise<Attempt<Served>> => {
    const known = readDataset(models, wish.dataset);
    return known.ok ? work(known.value) : known;
  };
  const done = await withRegistryLock(models, locked, { waitMs: wish.waitMs });
  return done.ok ? done.value : { kind: 'failed', failure: done.failure };
}

/** Makes a registered version champion, whatever the gate said: the log keeps who and why. */
export function promoteByHand(wish: Wish & { readonly version: string }): Promise<Served> {
  return alone(wish, (known) => serve(wish, known, promote));
}

/** True where the last word of the registry was a rollback that no release followed: its process was killed in the middle. */
function isCutShort(wish: Wish, { aliases, log }: DatasetRegistry): boolean {
  const served = servedOf(wish);
  return log.findLast(({ alias }) => alias === 'champion')?.action === 'rollback' && served !== null && served.manifest.champion !== aliases.champion;
}

/** Whom a rollback that names nobody means: the champion before this one. One that was cut short is brought to its end first. */
function meantBy(wish: Wish, known: DatasetRegistry): string | null {
  return wish.version ?? (isCutShort(wish, known) ? known.aliases.champion : earlierChampion(known));
}

/** Takes the champion back: to the one before it, or to any earlier one. The same again undoes it. */
export function rollBack(wish: Wish): Promise<Served> {
  return alone(wish, async (known) => {
    const version = meantBy(wish, known);
    if (version === null) return { ok: true, value: { kind: 'no-earlier' } };
    const [versions, champions] = [versionsOf(known), championsOf(known)];
    if (champions.includes(version)) return serve({ ...wish, version }, known, rollback);
    return { ok: true, value: versions.includes(version) ? { kind: 'never-champion', version, champions } : { kind: 'unknown-version', version, known: versions } };
  });
}
