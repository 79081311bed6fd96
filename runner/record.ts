import path from 'node:path';
import { readJson } from './disk.ts';
import type { Disk } from './disk.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { Facts, Json, Receipt } from './model.ts';

/** A try that came to nothing after the result in the record was made. */
export interface Attempt {
  readonly kind: 'failed' | 'interrupted' | 'killed';
  /** Hash of the fingerprint that was tried. */
  readonly hash: string;
}

/** The last good result of a stage: what it was made from and what it left. The truth, of which pipeline.lock is a view. */
export interface StageRecord {
  readonly version: 1;
  readonly name: string;
  /** Id of the run that made or restored it. */
  readonly run: string;
  readonly fingerprint: Fingerprint;
  readonly hash: string;
  /** Files of the code as they were, to say later which one changed. */
  readonly codeFiles: Readonly<Record<string, string>>;
  /** Hash of each out, by path. */
  readonly outs: Readonly<Record<string, string>>;
  /** All state as it was read, also that with `rerun: false`. */
  readonly state: Readonly<Record<string, string>>;
  readonly receipt: Receipt | null;
  readonly facts: Facts;
  readonly headline: string | null;
  /** How long it took when it really ran. */
  readonly seconds: number;
  /** When it really ran (its start, ISO 8601 in UTC): what `fresh` counts from, also after it was restored. */
  readonly ranAt: string;
  /** The captured output, relative to the workspace. */
  readonly log: string | null;
  /** "dep x" or "code y": what was edited while it ran, so that the outs may be made from either version. */
  readonly edited: readonly string[];
  readonly attempt: Attempt | null;
}

const folderOf = (workspace: string): string => path.join(workspace, '.repro', 'stages');

/** Stage names may hold anything that a matrix value holds; a file name may not. */
export function recordFile(workspace: string, stage: string): string {
  return path.join(folderOf(workspace), `${encodeURIComponent(stage)}.json`);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for what we wrote ourselves in this format; anything else counts as no record. */
export function isRecord(value: unknown): value is StageRecord {
  if (!isMap(value) || value.version !== 1) return false;
  const maps = [value.fingerprint, value.codeFiles, value.outs, value.state, value.facts].every(isMap);
  const texts = [value.name, value.run, value.hash, value.ranAt].every((text) => typeof text === 'string');
  return maps && texts && typeof value.seconds === 'number' && Array.isArray(value.edited) && isMap(value.fingerprint) && value.fingerprint.version === 1;
}

export function readRecord(workspace: string, stage: string): StageRecord | undefined {
  const value: unknown = readJson(recordFile(workspace, stage));
  return isRecord(value) ? value : undefined;
}

export async function writeRecord(disk: Disk, workspace: string, record: StageRecord): Promise<void> {
  await disk.write(recordFile(workspace, record.name), `${JSON.stringify(record, null, 1)}\n`);
}

export async function removeRecord(disk: Disk, workspace: string, stage: string): Promise<void> {
  await disk.remove(recordFile(workspace, stage));
}

/** The JSON of a record, for a journal. */
export function recordAsJson(record: StageRecord | undefined): Json {
  return record === undefined ? null : JSON.parse(JSON.stringify(record));
}
