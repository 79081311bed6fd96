import { Worker } from 'node:worker_threads';
import type { Attempt, StoreFailure } from './failure.ts';
import { openSqlStore } from './open-sql-store.ts';
import type { SqlPlace } from './open-sql-store.ts';
import type { Row } from './sql-store.ts';

/** The SQL store as servers read it: one question at a time, none of which keeps other requests waiting. */
export interface SqlReader {
  query(sql: string, params?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

interface Answer {
  readonly id: number;
  readonly ok: boolean;
  readonly rows?: readonly Row[];
  readonly failure?: StoreFailure;
  readonly message?: string;
}

interface Waiting {
  resolve(rows: readonly Row[]): void;
  reject(error: Error): void;
}

function readerOf(worker: Worker): SqlReader {
  const waiting = new Map<number, Waiting>();
  let count = 0;
  worker.on('message', ({ id, ok, rows, message }: Answer) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (ok) asked?.resolve(rows ?? []);
    else asked?.reject(new Error(message));
  });
  worker.on('exit', () => {
    for (const asked of waiting.values()) asked.reject(new Error('the store was closed'));
    waiting.clear();
  });
  return {
    query: (sql, params = []) =>
      new Promise((resolve, reject) => {
        const id = ++count;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, sql, params });
      }),
    close: () =>
      new Promise((resolve) => {
        worker.once('exit', () => resolve());
        worker.postMessage({ id: ++count, sql: null, params: [] });
      }),
  };
}

/** A server is asked through its pool, the embedded store in a thread of its own. */
export async function openSqlReader(place: SqlPlace): Promise<Attempt<SqlReader>> {
  if ((place.url ?? '').trim() !== '') {
    const opened = await openSqlStore(place);
    if (!opened.ok) return opened;
    const store = opened.value;
    return { ok: true, value: { query: (sql, params) => store.transaction((tx) => tx.query(sql, params)), close: () => store.close() } };
  }
  const worker = new Worker(new URL('./sql-worker.ts', import.meta.url), { workerData: { folder: place.folder } });
  const first = await new Promise<Answer>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  if (first.ok) return { ok: true, value: readerOf(worker) };
  await worker.terminate();
  return { ok: false, failure: first.failure ?? { kind: 'broken', target: place.folder, why: 'it did not open' } };
}
