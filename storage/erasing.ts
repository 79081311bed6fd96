import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../records/atomic.ts';
import { Dataset } from '../schema/app.ts';

/** What is being erased, from before anything is removed until every place was looked at: whatever ends the work in between, it goes on. */
export const ERASING_FILE = 'stores/erasing.json';

/** What gives a review away in a file: its id, and pieces of its text that no way of escaping changes. */
export const Trace = z.object({
  id: z.string(),
  /** In small letters. */
  pieces: z.array(z.string()),
  /** False where another dataset has a review of the same id, which stays. */
  isOnly: z.boolean(),
  /** False where the id is a part of others as well ("17" of "117"): in the bytes of a database it cannot be told from them. */
  isDistinct: z.boolean(),
});
export type Trace = z.infer<typeof Trace>;

export const Erasing = z.object({
  dataset: Dataset,
  traces: z.array(Trace),
  /** Words, and each two in a row, that nobody else used. */
  terms: z.array(z.string()),
  /** The `--set` of the run that makes everything again without them: whoever goes on with the work makes the same. */
  run: z.array(z.string()).default([]),
  /** The raw store has them no more, and what was made of data that held them is removed: all that is there now was made since, without them. */
  isCleared: z.boolean().default(false),
});
export type Erasing = z.infer<typeof Erasing>;

/** Everything that is not erased yet, one entry a dataset, the latest last. A file that says something else throws: it must not be passed over. */
export function readErasing(file: string): readonly Erasing[] {
  return existsSync(file) ? z.array(Erasing).parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
}

export function writeErasing(file: string, erasing: readonly Erasing[]): void {
  if (erasing.length === 0) return rmSync(file, { force: true });
  mkdirSync(path.dirname(file), { recursive: true });
  return writeAtomic(file, `${JSON.stringify(erasing)}\n`);
}

/** The same dataset's reviews in one entry, each once; what was known of one before stays known. */
export function addErasing(known: readonly Erasing[], added: Erasing): readonly Erasing[] {
  const before = known.find(({ dataset }) => dataset === added.dataset);
  if (before === undefined) return [...known, added];
  const traces = new Map<string, Trace>([...before.traces, ...added.traces].map((trace) => [trace.id, trace]));
  for (const { id, pieces } of before.traces) {
    const now = traces.get(id);
    if (now !== undefined) traces.set(id, { ...now, pieces: [...new Set([...pieces, ...now.pieces])] });
  }
  const merged = { dataset: added.dataset, traces: [...traces.values()], terms: [...new Set([...before.terms, ...added.terms])], run: added.run, isCleared: false };
  return [...known.filter((one) => one !== before), merged];
}
