import { readDataset } from '../../registry/registry.ts';
import { readVersion } from '../../registry/versions.ts';
import type { ModelVersion } from '../../registry/versions.ts';
import type { DatasetRegistry } from '../../schema/registry.ts';
import { wording } from '../wording-learning.ts';
import type { Failed } from '../wording-learning.ts';

/** How a dataset stands in the registry, with its champion's files. */
export interface Standing {
  readonly kind: 'standing';
  readonly known: DatasetRegistry;
  readonly champion: ModelVersion | null;
}

/** Of JSON that is cut, or of a shape that does not fit: state is edited by hand at times, so neither is a bug. */
function isBroken(error: unknown): error is Error {
  return error instanceof SyntaxError || (error instanceof Error && error.name === 'ZodError');
}

function championOf(models: string, version: string): ModelVersion | null {
  try {
    return readVersion(models, version);
  } catch (error) {
    if (isBroken(error)) return null;
    throw error;
  }
}

/** Reads the registry and the champion of one dataset. A registry or a version that cannot be read is a failure. */
export function readStanding(models: string, dataset: string): Standing | Failed {
  let known: DatasetRegistry;
  try {
    known = readDataset(models, dataset);
  } catch (error) {
    if (isBroken(error)) return wording.brokenRegistry(error.message.split('\n')[0] ?? '');
    throw error;
  }
  const version = known.aliases.champion;
  if (version === null) return { kind: 'standing', known, champion: null };
  const champion = championOf(models, version);
  return champion === null ? wording.lostVersion(version) : { kind: 'standing', known, champion };
}
