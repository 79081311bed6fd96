import { DatabaseSync } from 'node:sqlite';
import { parentPort } from 'node:worker_threads';
import type { Parcel } from '../content.ts';
import type { Upserted } from '../raw-store.ts';
import { BUSY_MS, CACHE } from './raw-schema.ts';
import { stampOf } from './raw-stamp.ts';
import { inTransaction, openUpsert } from './raw-write.ts';
import type { Numbered } from './raw-write.ts';

/** The thread that fills a store: takes a job, parcels, then null, and answers once. */

export interface FillJob {
  readonly file: string;
  readonly dataset: Numbered;
  /** All in one transaction, without the log. */
  readonly first: boolean;
}

export type FillAnswer =
  | { readonly ok: true; readonly count: Upserted; readonly rows: number; readonly checksum: string }
  /** An error in parts, as its class does not come through to the other thread. */
  | { readonly ok: false; readonly message: string; readonly codes: Readonly<Record<string, unknown>> };

function openDatabase({ file, first }: FillJob): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_MS });
  database.exec(`pragma synchronous = full; ${CACHE}`);
  if (first) database.exec('pragma journal_mode = truncate; begin immediate');
  return database;
}

function failureOf(error: unknown): FillAnswer {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  return { ok: false, message: error instanceof Error ? error.message : String(error), codes: { code, errcode } };
}

/** What is begun and not committed when the database is closed is as if it had never been. */
function answer(database: DatabaseSync | undefined, said: FillAnswer): void {
  parentPort?.removeAllListeners('message');
  if (database?.isOpen === true) database.close();
  parentPort?.postMessage(said);
  parentPort?.close();
}

function startFilling(database: DatabaseSync, { dataset, first }: FillJob): void {
  const { take, count } = openUpsert(database, dataset, { expected: Infinity });
  parentPort?.on('message', (parcel: Parcel | null) => {
    try {
      if (parcel === null) {
        if (first) database.exec('commit');
        answer(database, { ok: true, count, ...stampOf(database, dataset.number) });
      } else if (first) take(parcel);
      else inTransaction(database, () => take(parcel));
    } catch (error) {
      answer(database, failureOf(error));
    }
  });
}

parentPort?.once('message', (job: FillJob) => {
  try {
    startFilling(openDatabase(job), job);
  } catch (error) {
    answer(undefined, failureOf(error));
  }
});
