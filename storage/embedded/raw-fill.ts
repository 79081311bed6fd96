import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import type { Review } from '../../schema/review.ts';
import { parcelOf } from '../content.ts';
import type { Upserted } from '../raw-store.ts';
import type { FillAnswer, FillJob } from './raw-filler.ts';
import type { Numbered } from './raw-write.ts';

/** Fewer reviews than these are stored before a thread has started. */
export const FILL_MIN = 10_000;
const PARCEL = 10_000;

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

/**
 * Upserts reviews and computes their stamp in a thread of its own, so that the caller can go on meanwhile. The first fill of a
 * store is one transaction that writes each page once, to its place: with the log all is written twice, in order that others
 * can read meanwhile, and there is nothing to read yet.
 */
export async function fillInThread(database: DatabaseSync, file: string, { dataset, reviews }: { readonly dataset: Numbered; readonly reviews: readonly Review[] }): Promise<{ readonly count: Upserted; readonly rows: number; readonly checksum: string }> {
  const first = database.prepare('select 1 from review limit 1').get() === undefined && useJournal(database, 'truncate');
  try {
    const job: FillJob = { file, dataset, first, expected: reviews.length };
    const worker = new Worker(new URL('./raw-filler.ts', import.meta.url), { workerData: job });
    const answered = answerOf(worker);
    for (let start = 0; start < reviews.length; start += PARCEL) worker.postMessage(parcelOf(reviews.slice(start, start + PARCEL)));
    worker.postMessage(null);
    const answer = await answered;
    if (answer.ok) return answer;
    throw Object.assign(new Error(answer.message), answer.codes);
  } finally {
    if (first) useJournal(database, 'wal');
  }
}
