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

/** Reads the registry and the champion of one dataset. A registry or a version that cannot be read is a failure. */
export function readStanding(models: string, dataset: string): Standing | Failed {
  const read = readDataset(models, dataset);
  if (!read.ok) return wording.registry(read.failure);
  const known = read.value;
  const version = known.aliases.champion;
  if (version === null) return { kind: 'standing', known, champion: null };
  const champion = readVersion(models, version);
  return champion === null ? wording.lostVersion(version) : { kind: 'standing', known, champion };
}
