import { parentPort, workerData } from 'node:worker_threads';
import { openEmbeddedSqlStore } from './embedded-sql-store.ts';

/** Opens the embedded store in a thread of its own and answers questions one by one: it would block the thread it runs in. */

interface Question {
  readonly id: number;
  /** Null: close, and end. */
  readonly sql: string | null;
  readonly params: readonly unknown[];
}

const opened = await openEmbeddedSqlStore((workerData as { readonly folder: string }).folder);
parentPort?.postMessage({ id: 0, ...(opened.ok ? { ok: true } : { ok: false, failure: opened.failure }) });
if (opened.ok) {
  const store = opened.value;
  parentPort?.on('message', ({ id, sql, params }: Question) => {
    if (sql === null) {
      void store.close().then(() => process.exit(0));
      return;
    }
    const answered = store.transaction((tx) => tx.query(sql, params)).then(
      (rows) => ({ id, ok: true, rows }),
      (error: unknown) => ({ id, ok: false, failure: store.failureOf(error), message: error instanceof Error ? error.message : String(error) }),
    );
    void answered.then((answer) => parentPort?.postMessage(answer));
  });
}
