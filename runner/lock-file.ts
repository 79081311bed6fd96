import path from 'node:path';
import { canonical, compare } from './canonical.ts';
import { parseJson, readText } from './disk.ts';
import type { Disk } from './disk.ts';
import { hashText } from './hash.ts';
import type { Json, Pipeline, Stage } from './model.ts';
import type { StageRecord } from './record.ts';

/** `pipeline.lock` beside the outs; of `other.yaml`, `other.lock`. */
export function lockFile(pipeline: Pipeline): string {
  return path.join(pipeline.roots.workspace, `${path.basename(pipeline.file).replace(/\.ya?ml$/, '')}.lock`);
}

type Entries = { readonly [stage: string]: Json };

function sorted(value: Readonly<Record<string, Json>>): Json {
  return Object.fromEntries(Object.keys(value).sort(compare).map((key) => [key, value[key] ?? null]));
}

function workOf(stage: Stage): { readonly [key: string]: Json } {
  if (stage.work.kind !== 'shell') return { run: stage.work.file };
  return { cmd: stage.work.commands.length === 1 ? (stage.work.commands[0] ?? '') : stage.work.commands };
}

/**
 * What a reader of a diff wants to know, and nothing that differs between two machines or two runs of the same: no times,
 * no state, no receipts, no variables, no versions of a runtime.
 */
function entryOf(stage: Stage, record: StageRecord): Json {
  const { fingerprint } = record;
  return {
    ...workOf(stage),
    ...(fingerprint.code === null ? {} : { code: fingerprint.code }),
    ...(Object.keys(fingerprint.packages).length === 0 ? {} : { packages: hashText(canonical(fingerprint.packages)) }),
    ...(Object.keys(fingerprint.deps).length === 0 ? {} : { deps: sorted(fingerprint.deps) }),
    ...(Object.keys(fingerprint.params).length === 0 ? {} : { params: sorted(fingerprint.params) }),
    ...(Object.keys(record.outs).length === 0 ? {} : { outs: sorted(record.outs) }),
  };
}

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entriesOf(text: string | undefined): Entries {
  const value = text === undefined ? undefined : parseJson(text);
  return isMap(value) && isMap(value.stages) ? value.stages : {};
}

/** The lock as it stands, or undefined: then also one with the marks of a merge conflict, which is derived anew. */
export function readLockText(pipeline: Pipeline): string | undefined {
  return readText(lockFile(pipeline));
}

/** Hash of an out as the lock knows it: on a fresh clone, that of the committed one. */
export function lockedOut(text: string | undefined, stage: string, out: string): string | undefined {
  const entry = entriesOf(text)[stage];
  const outs = isMap(entry) ? entry.outs : undefined;
  const hash = isMap(outs) ? outs[out] : undefined;
  return typeof hash === 'string' ? hash : undefined;
}

/**
 * The text of the lock: derived from the records, stages and paths by code unit. JSON, which is YAML too, so that it can be
 * written without a library. A stage without a record keeps what the lock said of it: after a clone only what ran is news.
 */
export function lockText(pipeline: Pipeline, recordOf: (stage: string) => StageRecord | undefined, before: string | undefined): string | undefined {
  const old = entriesOf(before);
  const stages = pipeline.stages
    .filter((stage) => !stage.finally)
    .toSorted((a, b) => compare(a.name, b.name))
    .flatMap((stage): (readonly [string, Json])[] => {
      const record = recordOf(stage.name);
      const entry = record === undefined ? old[stage.name] : entryOf(stage, record);
      return entry === undefined ? [] : [[stage.name, entry]];
    });
  // Nothing has ever run: there is nothing to tell, and no file to make.
  if (stages.length === 0 && before === undefined) return undefined;
  return `${JSON.stringify({ version: 1, stages: Object.fromEntries(stages) }, null, 2)}\n`;
}

/** Writes the lock where its bytes change. */
export async function writeLock(disk: Disk, pipeline: Pipeline, recordOf: (stage: string) => StageRecord | undefined): Promise<void> {
  const before = readLockText(pipeline);
  const text = lockText(pipeline, recordOf, before);
  if (text !== undefined && text !== before) await disk.write(lockFile(pipeline), text);
}
