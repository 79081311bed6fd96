import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeAtomic } from '../records/atomic.ts';
import { Registry } from '../schema/registry.ts';
import type { DatasetRegistry, RegistryEvent } from '../schema/registry.ts';
import { withRegistryLock } from './registry-lock.ts';

/** A change of the registry: `models` is the folder that holds registry.json, `at` the time of the run. */
export interface Change {
  readonly models: string;
  readonly dataset: string;
  readonly version: string;
  readonly actor: string;
  readonly at: string;
  readonly reason: string;
}

const EMPTY: DatasetRegistry = { aliases: { champion: null, challenger: null }, rolledBack: [], rejected: null, log: [] };

/** The whole registry; an absent file is an empty one. A file that does not fit its schema is a bug or a hand, and throws. */
export function readRegistry(models: string): Registry {
  let text: string;
  try {
    text = readFileSync(path.join(models, 'registry.json'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { format: 1, datasets: {} };
    throw error;
  }
  return Registry.parse(JSON.parse(text));
}

/** What is known of one dataset: a champion of another one is never a reference. */
export function readDataset(models: string, dataset: string): DatasetRegistry {
  return readRegistry(models).datasets[dataset] ?? EMPTY;
}

type Edit = (known: DatasetRegistry) => { readonly next: DatasetRegistry; readonly event: Pick<RegistryEvent, 'action' | 'alias' | 'previous'> };

function change(by: Change, edit: Edit): DatasetRegistry {
  return withRegistryLock(by.models, () => changeLocked(by, edit));
}

function changeLocked(by: Change, edit: Edit): DatasetRegistry {
  const registry = readRegistry(by.models);
  const known = registry.datasets[by.dataset] ?? EMPTY;
  const { next, event } = edit(known);
  const at = by.at.replace(/\.\d+Z$/, 'Z');
  const line: RegistryEvent = { sequence: known.log.length + 1, at, actor: by.actor, version: by.version, reason: by.reason, ...event };
  const changed: DatasetRegistry = { ...next, log: [...known.log, line] };
  const datasets = { ...registry.datasets, [by.dataset]: changed };
  mkdirSync(by.models, { recursive: true });
  const sorted = Object.fromEntries(Object.entries(datasets).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeAtomic(path.join(by.models, 'registry.json'), `${JSON.stringify({ format: 1, datasets: sorted }, null, 2)}\n`);
  return changed;
}

/** Makes a version known. Registering one that is known already changes nothing. */
export function register(by: Change): DatasetRegistry {
  const known = readDataset(by.models, by.dataset);
  if (known.log.some(({ action, version }) => action === 'register' && version === by.version)) return known;
  return change(by, (before) => ({ next: before, event: { action: 'register', alias: null, previous: null } }));
}

/** The version becomes champion; whoever was it before is kept in the log. */
export function promote(by: Change): DatasetRegistry {
  return change(by, (known) => ({
    next: { ...known, aliases: { champion: by.version, challenger: known.aliases.challenger === by.version ? null : known.aliases.challenger }, rejected: null },
    event: { action: 'promote', alias: 'champion', previous: known.aliases.champion },
  }));
}

/** The version stays challenger; retraining backs off until enough rows are newer than `newest`. */
export function reject(by: Change & { readonly rows: number; readonly newest: string }): DatasetRegistry {
  return change(by, (known) => ({
    next: { ...known, aliases: { ...known.aliases, challenger: by.version }, rejected: { version: by.version, rows: by.rows, newest: by.newest } },
    event: { action: 'reject', alias: 'challenger', previous: known.aliases.challenger },
  }));
}

/** An earlier champion serves again. The one that is taken down is never promoted again. */
export function rollback(by: Change): DatasetRegistry {
  return change(by, (known) => {
    const down = known.aliases.champion;
    const rolledBack = down === null || down === by.version || known.rolledBack.includes(down) ? known.rolledBack : [...known.rolledBack, down];
    return {
      next: { ...known, aliases: { ...known.aliases, champion: by.version }, rolledBack: rolledBack.filter((version) => version !== by.version) },
      event: { action: 'rollback', alias: 'champion', previous: down },
    };
  });
}
