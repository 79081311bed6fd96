import type { Review, ReviewRevision } from '../schema/review.ts';

export interface Upserted {
  readonly added: number;
  readonly edited: number;
  readonly unchanged: number;
}

/** Reviews as collected, by dataset and id, with the history of edits. One interface for the embedded store and the server. */
export interface RawStore {
  /** Adds new reviews; one whose content differs replaces the known one, which moves to the history. */
  upsert(dataset: string, reviews: readonly Review[]): Upserted;
  /** All of a dataset, by time and id; those without a time first. */
  all(dataset: string): readonly Review[];
  history(dataset: string): readonly ReviewRevision[];
  /** Number of reviews and a checksum of their content, in order. */
  receipt(dataset: string): { readonly rows: number; readonly checksum: string };
  close(): void;
}
