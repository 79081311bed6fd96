import { readFile, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { ModelArtefact } from '../../ml/model.ts';

/** Reads a small file of our own. A shape that does not fit means that another stage wrote it wrongly: a bug, so it throws. */
export async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await readFile(file, 'utf8')));
}

/** For people and for diffs: one value a line. The same value gives the same bytes. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

export interface ModelFile {
  /** Exactly as written: what is hashed, copied and served. */
  readonly bytes: string;
  readonly artefact: ModelArtefact;
  /** sha256 of the bytes: the identity of the model; its first twelve digits are the version. */
  readonly hash: string;
}

export function modelFile(bytes: string): ModelFile {
  return { bytes, artefact: JSON.parse(bytes) as ModelArtefact, hash: createHash('sha256').update(bytes).digest('hex') };
}

export async function readModel(file: string): Promise<ModelFile> {
  return modelFile(await readFile(file, 'utf8'));
}

export const versionOf = (hash: string): string => hash.slice(0, 12);
