import type { StoreFailure } from './failure.ts';

export type Row = Readonly<Record<string, unknown>>;

/** What is sent within one transaction. */
export interface Transaction {
  query(sql: string, params?: readonly unknown[]): Promise<readonly Row[]>;
  /** Bulk-loads rows by COPY, in the order of the columns; null is NULL. Number of rows. */
  copy(table: string, columns: readonly string[], rows: Iterable<readonly unknown[]>): Promise<number>;
}

/** SQL in the dialect of PostgreSQL. One interface for the embedded store and the server; the same statements for both. */
export interface SqlStore {
  /** Identity of the store without secrets: `pglite:stores/sql`, `postgres://host:5432/ulasan`. */
  readonly target: string;
  /** Runs `work` in a transaction: all of it is kept, or nothing. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** An outage (unreachable, full, refused) as a value; undefined for anything else, which is a bug. */
  failureOf(error: unknown): StoreFailure | undefined;
  close(): Promise<void>;
}
