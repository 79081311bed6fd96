export type Row = Readonly<Record<string, unknown>>;

/** What is sent within one transaction. */
export interface Transaction {
  query(sql: string, params?: readonly unknown[]): Promise<readonly Row[]>;
}

/** SQL in the dialect of PostgreSQL. One interface for the embedded store and the server; the same statements for both. */
export interface SqlStore {
  /** Runs `work` in a transaction: all of it is kept, or nothing. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
