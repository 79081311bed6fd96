import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import type { Review } from '../../schema/review.ts';
import { parcelOf } from '../content.ts';
import type { Upserted } from '../raw-store.ts';
import type { FillAnswer, FillJob } from './raw-filler.ts';
import { stampOf } from './raw-stamp.ts';
import { upsertReviews } from './raw-write.ts';
import type { Numbered } from './raw-write.ts';

/** Fewer reviews than these are stored before a thread has started. */
const THREAD_MIN = 5000;

/** A thread that will fill the store: it loads its code while the caller still reads, and waits for its job. */
export const startFiller = (): Worker => new Worker(new URL('./raw-filler.ts', import.meta.url));

export interface Filling {
  readonly database: DatabaseSync;
  /** One that was started before, if any. */
  readonly filler: Worker | undefined;
  readonly file: string;
  readonly dataset: Numbered;
}

export interface Filled {
  readonly count: Upserted;
  readonly rows: number;
  readonly checksum: string;
}

/**
 * Asks for a way of making transactions safe; false where another process has the store open, which then stays as it is. A
 * process killed in between leaves a store that the next one opens with its log again.
 */
function useJournal(database: DatabaseSync, mode: 'wal' | 'truncate'): boolean {
  try {
    return database.prepare(`pragma journal_mode = ${mode}`).get()?.journal_mode === mode;
  } catch {
    // Locked by another process, or the disk is full: the next transaction says so, as it always does.
    return false;
  }
}

function answerOf(worker: Worker): Promise<FillAnswer> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread that fills the store ended with ${code}`)));
  });
}

async function fillInThread({ database, file, dataset, filler }: Filling, parts: Iterable<readonly Review[]>): Promise<Filled> {
  const first = database.prepare('select 1 from review limit 1').get() === undefined && useJournal(database, 'truncate');
  const job: FillJob = { file, dataset, first };
  const worker = filler ?? startFiller();
  try {
    const answered = answerOf(worker);
    // Where a part cannot be made that is what is told, not that the thread was ended for it.
    answered.catch(() => undefined);
    worker.postMessage(job);
    for (const part of parts) worker.postMessage(parcelOf(part));
    worker.postMessage(null);
    const answer = await answered;
    if (answer.ok) return answer;
    throw Object.assign(new Error(answer.message), answer.codes);
  } finally {
    // Where a part could not be made, the thread still waits; a transaction that it began is as if it had never been.
    await worker.terminate();
    if (first) useJournal(database, 'wal');
  }
}

/** A part as it is, then those that come after it. */
function* following(first: readonly Review[], rest: Iterator<readonly Review[]>): Generator<readonly Review[]> {
  yield first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

/**
 * Upserts parts and computes their stamp; many in a thread of its own, so that the caller can go on meanwhile. The first fill
 * of a store is one transaction that writes each page once, to its place: with the log all is written twice, in order that
 * others can read meanwhile, and there is nothing to read yet.
 */
export async function fill(filling: Filling, parts: Iterable<readonly Review[]>): Promise<Filled> {
  const rest = parts[Symbol.iterator]();
  const { value: first = [] } = rest.next() as { readonly value?: readonly Review[] };
  if (filling.filler !== undefined || first.length >= THREAD_MIN) return fillInThread(filling, following(first, rest));
  const { database, dataset } = filling;
  const reviews = [...following(first, rest)].flat();
  const count = upsertReviews(database, dataset, { reviews });
  return { count, ...stampOf(database, dataset.number) };
}
