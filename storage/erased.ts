import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../records/atomic.ts';
import { Dataset } from '../schema/app.ts';
import { tombstoneOf } from './content.ts';

/** A review that was erased, without anything that names it. */
const Tombstone = z.object({ dataset: Dataset, tombstone: z.string() });
type Tombstone = z.infer<typeof Tombstone>;

/** Beside the stores, so that what was erased stays so when a store is lost and filled again. */
export const ERASED_FILE = 'stores/erased.jsonl';

function readTombstones(file: string): readonly Tombstone[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').filter((line) => line.trim() !== '').map((line) => Tombstone.parse(JSON.parse(line)));
}

/** The tombstones of a dataset. */
export function erasedOf(file: string, dataset: string): readonly string[] {
  return readTombstones(file).filter((one) => one.dataset === dataset).map(({ tombstone }) => tombstone);
}

export function rememberErased(file: string, dataset: string, ids: readonly string[]): void {
  const lines = new Set([...readTombstones(file), ...ids.map((id): Tombstone => ({ dataset, tombstone: tombstoneOf(dataset, id) }))].map((one) => JSON.stringify({ dataset: one.dataset, tombstone: one.tombstone })));
  mkdirSync(path.dirname(file), { recursive: true });
  writeAtomic(file, `${[...lines].sort().join('\n')}\n`);
}
