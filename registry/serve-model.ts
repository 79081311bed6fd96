import path from 'node:path';
import type { DatasetRegistry } from '../schema/registry.ts';
import type { ReleaseManifest } from '../schema/run-record.ts';
import { exchangeModel } from './exchange.ts';
import { promote, readDataset, rollback } from './registry.ts';
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
}

export type Served =
  | { readonly kind: 'served'; readonly version: string; readonly previous: string | null; readonly release: ReleaseManifest | null }
  | { readonly kind: 'already'; readonly version: string }
  | { readonly kind: 'unknown-version'; readonly version: string; readonly known: readonly string[] }
  | { readonly kind: 'broken-version'; readonly version: string }
  | { readonly kind: 'no-earlier' }
  | { readonly kind: 'never-champion'; readonly version: string; readonly champions: readonly string[] };

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

/** Checks the model before anything changes; then the registry says who is champion, and a release serves it. */
function serve(wish: Wish & { readonly version: string }, change: typeof promote): Served {
  const { workspace, dataset, version, actor, reason, now } = wish;
  const models = path.join(workspace, 'models');
  const known = readDataset(models, dataset);
  if (!versionsOf(known).includes(version)) return { kind: 'unknown-version', version, known: versionsOf(known) };
  if (known.aliases.champion === version) return { kind: 'already', version };
  const found = readVersion(models, version);
  if (found === null || found.manifest.dataset !== dataset) return { kind: 'broken-version', version };
  change({ models, dataset, version, actor, at: now.toISOString(), reason });
  return { kind: 'served', version, previous: known.aliases.champion, release: exchangeModel({ workspace, dataset, version, now }) };
}

/** Makes a registered version champion, whatever the gate said: the log keeps who and why. */
export function promoteByHand(wish: Wish & { readonly version: string }): Served {
  return serve(wish, promote);
}

/** Takes the champion back: to the one before it, or to any earlier one. The same again undoes it. */
export function rollBack(wish: Wish): Served {
  const known = readDataset(path.join(wish.workspace, 'models'), wish.dataset);
  const version = wish.version ?? earlierChampion(known);
  if (version === null) return { kind: 'no-earlier' };
  if (!championsOf(known).includes(version)) {
    return versionsOf(known).includes(version) ? { kind: 'never-champion', version, champions: championsOf(known) } : { kind: 'unknown-version', version, known: versionsOf(known) };
  }
  return serve({ ...wish, version }, rollback);
}
