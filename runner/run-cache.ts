import path from 'node:path';
import { readJson } from './disk.ts';
import type { Disk } from './disk.ts';
import type { Facts } from './model.ts';
import type { StageRecord } from './record.ts';

/** An earlier result that can stand in for a run: which outs, and what the stage told about it. */
export interface StoredRun {
  readonly version: 1;
  readonly outs: Readonly<Record<string, string>>;
  readonly facts: Facts;
  readonly headline: string | null;
  readonly seconds: number;
  readonly ranAt: string;
  readonly log: string | null;
}

const fileOf = (workspace: string, key: string): string => path.join(workspace, '.repro', 'cache', 'runs', key.slice(0, 2), `${key.slice(2)}.json`);

export function storedRunOf(record: StageRecord): StoredRun {
  const { outs, facts, headline, seconds, ranAt, log } = record;
  return { version: 1, outs, facts, headline, seconds, ranAt, log };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isStoredRun(value: unknown): value is StoredRun {
  return isMap(value) && value.version === 1 && isMap(value.outs) && isMap(value.facts) && typeof value.seconds === 'number' && typeof value.ranAt === 'string';
}

export function readStoredRun(workspace: string, key: string): StoredRun | undefined {
  const value: unknown = readJson(fileOf(workspace, key));
  return isStoredRun(value) ? value : undefined;
}

/** The newest result of a key wins, should a stage not be deterministic. Torn by a power cut it counts as absent: no fsync. */
export async function writeStoredRun(options: { readonly disk: Disk; readonly workspace: string; readonly key: string }, run: StoredRun): Promise<void> {
  await options.disk.write(fileOf(options.workspace, options.key), JSON.stringify(run), { fsync: false });
}
