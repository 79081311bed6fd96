import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Pipeline, Result, Stage } from './model.ts';
import type { LoadOptions } from './parse-pipeline.ts';
import { missingPaths } from './presence.ts';

/** Bumped when the meaning of what is kept changes. */
const FORMAT = 3;

/** A loaded pipeline as kept: valid as long as the bytes it came from, the roots and the overrides are the same. */
interface Kept {
  readonly format: number;
  readonly key: string;
  readonly read: readonly string[];
  readonly pipeline: {
    readonly file: string;
    readonly stages: readonly Stage[];
    readonly upstream: readonly (readonly [string, readonly string[]])[];
    readonly producers: readonly (readonly [string, string])[];
    readonly hooks: Pipeline['hooks'];
    readonly params: readonly (readonly [string, Pipeline['params'] extends ReadonlyMap<string, infer P> ? P : never])[];
  };
}

/** The hash of everything a loaded pipeline depends on. A file that is not there counts as such. */
function keyOf(options: LoadOptions, read: readonly string[]): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([FORMAT, options.file, options.roots, options.overrides, process.version]));
  for (const file of read) {
    let bytes: Buffer | undefined;
    try {
      bytes = readFileSync(file);
    } catch {
      // Absent or unreadable: the slow way says which, in words.
      bytes = undefined;
    }
    hash.update(bytes === undefined ? '\0absent' : `\0${bytes.length}\0`);
    if (bytes !== undefined) hash.update(bytes);
  }
  return hash.digest('hex');
}

/**
 * JSON.stringify leaves `undefined` out; a pipeline from the file must equal a parsed one, so that absent values are
 * written as a mark and put back.
 */
const MARK = '\0undefined';
const toText = (kept: Kept): string => JSON.stringify(kept, (_key, value: unknown) => (value === undefined ? MARK : value));

function restored(value: unknown): unknown {
  if (value === MARK) return undefined;
  if (Array.isArray(value)) return value.map(restored);
  if (value !== null && typeof value === 'object') {
    const map = value as Record<string, unknown>;
    for (const key of Object.keys(map)) map[key] = restored(map[key]);
  }
  return value;
}

function readKept(file: string, options: LoadOptions): Pipeline | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    const raw = JSON.parse(text) as Kept;
    if (raw.format !== FORMAT || keyOf(options, raw.read) !== raw.key) return undefined;
    const { pipeline } = (text.includes('\\u0000undefined') ? restored(raw) : raw) as Kept;
    return {
      file: pipeline.file, roots: options.roots, stages: pipeline.stages, upstream: new Map(pipeline.upstream),
      producers: new Map(pipeline.producers), params: new Map(pipeline.params), overrides: options.overrides, hooks: pipeline.hooks,
    };
  } catch {
    // Absent, cut or from another version: it is only a short cut, the slow way makes it anew.
    return undefined;
  }
}

function keep(file: string, options: LoadOptions, made: { pipeline: Pipeline; read: readonly string[] }): void {
  const { pipeline, read } = made;
  const kept: Kept = {
    format: FORMAT, key: keyOf(options, read), read,
    pipeline: { file: pipeline.file, stages: pipeline.stages, upstream: [...pipeline.upstream], producers: [...pipeline.producers], params: [...pipeline.params], hooks: pipeline.hooks },
  };
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(temporary, toText(kept));
    renameSync(temporary, file);
  } catch {
    // A read-only or full disk costs the short cut, nothing else; what must be written fails by itself, with words.
    return;
  }
}

/**
 * Turns pipeline.yaml and its params into a valid pipeline, or every problem found. An unchanged one comes from
 * `.repro/loaded.json` without loading the YAML and schema libraries; only the presence of deps is looked at again.
 */
export async function loadPipeline(options: LoadOptions): Promise<Result<Pipeline>> {
  const name = options.overrides.length === 0 ? 'loaded.json' : 'loaded-set.json';
  const file = path.join(options.roots.workspace, '.repro', name);
  const known = readKept(file, options);
  if (known !== undefined) {
    const problems = missingPaths.problems(known);
    return problems.length > 0 ? { ok: false, problems } : { ok: true, value: known };
  }
  const { parsePipeline } = await import('./parse-pipeline.ts');
  const parsed = parsePipeline(options);
  if (!parsed.ok) return parsed;
  keep(file, options, parsed.value);
  return { ok: true, value: parsed.value.pipeline };
}
