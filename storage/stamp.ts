import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeAtomic } from '../records/atomic.ts';

/** What a store says of itself without being opened: one entry for each dataset. */
export interface Stamp {
  readonly target: string;
  readonly rows: number;
  readonly checksum: string;
  /** Of a store in one file: what stands in its header since it was stamped last, whatever dataset that was. */
  readonly mark?: number;
}

const NAME = 'receipts.json';

export function readStamps(folder: string): Readonly<Record<string, Stamp>> {
  try {
    return JSON.parse(readFileSync(path.join(folder, NAME), 'utf8')) as Record<string, Stamp>;
  } catch {
    // Absent or cut: the store is not known to hold anything, so it is filled again.
    return {};
  }
}

/** Before a write the stamp of the dataset goes, after it the new one comes: a write that was cut is noticed. A new mark is that of all datasets. */
export function setStamp(folder: string, dataset: string, stamp: Stamp | null): void {
  mkdirSync(folder, { recursive: true });
  const { [dataset]: _old, ...left } = readStamps(folder);
  const mark = stamp?.mark;
  const others = mark === undefined ? left : Object.fromEntries(Object.entries(left).map(([name, other]) => [name, { ...other, mark }]));
  writeAtomic(path.join(folder, NAME), `${JSON.stringify(stamp === null ? others : { ...others, [dataset]: stamp }, null, 2)}\n`);
}

/** Stamps with another mark than the file has are of another file, which is lost: they would hold again by the next mark. */
export function keepMarked(folder: string, mark: number): void {
  for (const [dataset, stamp] of Object.entries(readStamps(folder))) if (stamp.mark !== undefined && stamp.mark !== mark) setStamp(folder, dataset, null);
}

/** A stamp whose receipt the database itself no longer has says nothing: rows were changed by hand, or a table was lost. */
export function keepStamps(folder: string, datasets: readonly string[]): void {
  for (const dataset of Object.keys(readStamps(folder))) if (!datasets.includes(dataset)) setStamp(folder, dataset, null);
}
