import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { ModelArtefact } from '../../ml/model.ts';

/** Reads a small file of our own. A shape that does not fit means that another stage wrote it wrongly: a bug, so it throws. */
export function readJson<S extends z.ZodType>(file: string, schema: S): z.infer<S> {
  return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

export interface ModelFile {
  /** Exactly as written: what is hashed, copied and served. */
  readonly bytes: string;
  readonly artefact: ModelArtefact;
  /** sha256 of the bytes: the identity of the model. */
  readonly hash: string;
  /** First twelve digits of the hash. */
  readonly version: string;
}

/** A model is identified by its bytes alone: the same training gives the same version, wherever and whenever it ran. */
export function modelFile(bytes: string): ModelFile {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { bytes, artefact: JSON.parse(bytes) as ModelArtefact, hash, version: hash.slice(0, 12) };
}

export function readModel(file: string): ModelFile {
  return modelFile(readFileSync(file, 'utf8'));
}
