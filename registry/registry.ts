import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeAtomic } from '../records/atomic.ts';
import { Registry } from '../schema/registry.ts';
import type { DatasetRegistry, RegistryEvent } from '../schema/registry.ts';
import { errorCode, refused } from './failure.ts';
import type { Attempt, Refused } from './failure.ts';

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

const FILE = 'models/registry.json';

const broken = (why: string): Refused => ({ ok: false, failure: { kind: 'broken-registry', file: FILE, why } });

function parse(text: string): Attempt<Registry> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return broken(error instanceof Error ? error.message : String(error));
  }
  const parsed = Registry.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  return broken(issue === undefined ? 'it does not fit' : `${issue.path.map(String).join('.') || 'the whole of it'}: ${issue.message}`);
}

/** The whole registry; an absent file is an empty one. A file that is cut or does not fit its schema is told of, and never written over. */
export function readRegistry(models: string): Attempt<Registry> {
  let text: string;
  try {
    text = readFileSync(path.join(models, 'registry.json'), 'utf8');
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? { ok: true, value: { format: 1, datasets: {} } } : refused(error, path.dirname(models), FILE);
  }
  return parse(text);
}

/** What is known of one dataset: a champion of another one is never a reference. */
export function readDataset(models: string, dataset: string): Attempt<DatasetRegistry> {
  const read = readRegistry(models);
  return read.ok ? { ok: true, value: read.value.datasets[dataset] ?? EMPTY } : read;
}

type Edit = (known: DatasetRegistry) => { readonly next: DatasetRegistry; readonly event: Pick<RegistryEvent, 'action' | 'alias' | 'previous'> };

function write(models: string, datasets: Registry['datasets']): void {
  mkdirSync(models, { recursive: true });
  const sorted = Object.fromEntries(Object.entries(datasets).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeAtomic(path.join(models, 'registry.json'), `${JSON.stringify({ format: 1, datasets: sorted }, null, 2)}\n`);
}

/** Reads, edits and writes: whoever calls one of the four changes below holds the lock (lock.ts), else two of them may undo each other. */
function change(by: Change, edit: Edit): Attempt<DatasetRegistry> {
  const read = readRegistry(by.models);
  if (!read.ok) return read;
  const known = read.value.datasets[by.dataset] ?? EMPTY;
  const { next, event } = edit(known);
  const at = by.at.replace(/\.\d+Z$/, 'Z');
  const line: RegistryEvent = { sequence: known.log.length + 1, at, actor: by.actor, version: by.version, reason: by.reason, ...event };
  const changed: DatasetRegistry = { ...next, log: [...known.log, line] };
  try {
    write(by.models, { ...read.value.datasets, [by.dataset]: changed });
  } catch (error) {
    return refused(error, path.dirname(by.models), FILE);
  }
  return { ok: true, value: changed };
}

/** Makes a version known. Registering one that is known already changes nothing. */
export function register(by: Change): Attempt<DatasetRegistry> {
  const known = readDataset(by.models, by.dataset);
  if (!known.ok || known.value.log.some(({ action, version }) => action === 'register' && version === by.version)) return known;
  return change(by, (before) => ({ next: before, event: { action: 'register', alias: null, previous: null } }));
}

/** The version becomes champion; whoever was it before is kept in the log. One that was rolled back is forgiven: only a person promotes it. */
export function promote(by: Change): Attempt<DatasetRegistry> {
  return change(by, (known) => ({
    next: {
      ...known, aliases: { champion: by.version, challenger: known.aliases.challenger === by.version ? null : known.aliases.challenger },
      rolledBack: known.rolledBack.filter((version) => version !== by.version), rejected: null,
    },
    event: { action: 'promote', alias: 'champion', previous: known.aliases.champion },
  }));
}

/** The version stays challenger; retraining backs off until enough rows are newer than `newest`. */
export function reject(by: Change & { readonly rows: number; readonly newest: string }): Attempt<DatasetRegistry> {
  return change(by, (known) => ({
    next: { ...known, aliases: { ...known.aliases, challenger: by.version }, rejected: { version: by.version, rows: by.rows, newest: by.newest } },
    event: { action: 'reject', alias: 'challenger', previous: known.aliases.challenger },
  }));
}

/** An earlier champion serves again. The one that is taken down is never promoted again. */
export function rollback(by: Change): Attempt<DatasetRegistry> {
  return change(by, (known) => {
    const down = known.aliases.champion;
    const rolledBack = down === null || down === by.version || known.rolledBack.includes(down) ? known.rolledBack : [...known.rolledBack, down];
    return {
      next: { ...known, aliases: { ...known.aliases, champion: by.version }, rolledBack: rolledBack.filter((version) => version !== by.version) },
      event: { action: 'rollback', alias: 'champion', previous: down },
    };
  });
}
