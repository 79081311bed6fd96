import type { Review, ReviewRevision } from '../schema/review.ts';
import type { StoreFailure } from './failure.ts';
import type { Stamp } from './stamp.ts';
import type { Backup } from './versions.ts';

export interface Upserted {
  readonly added: number;
  /** Something a person wrote or gave changed: text, stars, version, reply. The earlier content is in the history. */
  readonly edited: number;
  /** Only what is no edit changed (thumbs of others, the hash of the author): the review is replaced, without a history. */
  readonly touched: number;
  readonly unchanged: number;
  /** Reviews whose ids were erased for good: they are never taken in again. */
  readonly refused: number;
}

export interface UpsertOptions {
  /**
   * Number of the full pass over the source in which these reviews were seen, on a list that may lag behind others: what a review
   * said before is then no edit (lagging.ts). Left out, the mark stays as it was, and what comes is what is so.
   */
  readonly sweep?: number;
  /** What comes is what is so, though a pass is named: somebody has looked. */
  readonly isTrusted?: boolean;
}

export interface RestoreOptions {
  /** The backup is of another store that went on where this one stopped: what it says of deletions counts (versions.ts). */
  readonly isNewer?: boolean;
}

export interface HoldOptions {
  readonly seconds: number;
  /** A holder that is known to be gone: it is replaced. */
  readonly over?: string;
}

/**
 * Reviews as collected, by dataset and id, with the history of edits. One interface for the embedded store and the server,
 * and one set of tests. Methods throw what their driver throws; `failureOf` tells an outage from a bug.
 */
export interface RawStore {
  /** Identity of the store without secrets: `sqlite:stores/raw`, `mongodb://host:27017/ulasan`. */
  readonly target: string;
  /** Adds new reviews; one whose content differs replaces the known one, which moves to the history, unless its list lags behind. One that was marked as gone comes back. */
  upsert(dataset: string, reviews: readonly Review[], options?: UpsertOptions): Promise<Upserted>;
  /** All of a dataset that the source still has, by time and id; those without a time first. */
  all(dataset: string): Promise<readonly Review[]>;
  /** Earlier content of reviews, by id and revision. */
  history(dataset: string): Promise<readonly ReviewRevision[]>;
  /** Those of the ids that the store holds. */
  known(dataset: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** What the store holds of the ids, also where it is marked as gone; in no order. */
  read(dataset: string, ids: readonly string[]): Promise<readonly Review[]>;
  /** Those of the ids that were erased for good. */
  erased(dataset: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Number of reviews that the store holds, with those that are marked as gone. */
  count(dataset: string): Promise<number>;
  /**
   * Takes over what a backup tells and the store does not hold: reviews, what they said before, deletions. What the store holds
   * stays, with all of its history; a backup that was taken over before changes nothing. Number of reviews that were written.
   */
  restore(dataset: string, backup: Backup, options?: RestoreOptions): Promise<number>;
  /** Ids that no upsert since the given full pass has shown (and that are not marked as gone), in order. */
  unseen(dataset: string, sweep: number): Promise<readonly string[]>;
  /** Marks reviews that the source no longer has: they leave `all` and the receipt, and stay in the history as deleted at that time. */
  markGone(dataset: string, ids: readonly string[], at: string): Promise<number>;
  /** What the collector remembers of a dataset, as JSON; or null. */
  readMemory(dataset: string): Promise<unknown>;
  writeMemory(dataset: string, memory: unknown): Promise<void>;
  /** Forgets reviews, their history and marks for good, and refuses their ids from now on. Number of reviews that were there. */
  erase(dataset: string, ids: readonly string[]): Promise<number>;
  /** Takes over tombstones that were kept elsewhere: their reviews are refused, and forgotten where they are there. */
  bury(dataset: string, tombstones: readonly string[]): Promise<void>;
  /** Ids of reviews without a time, in order. */
  undated(dataset: string): Promise<readonly string[]>;
  /** Drops reviews older than an instant, and those of the ids, with their history; they may come back. Number of reviews dropped. */
  dropBefore(dataset: string, at: string, ids?: readonly string[]): Promise<number>;
  /** Every dataset that the store holds, in order. */
  datasets(): Promise<readonly string[]>;
  /**
   * Takes the dataset for one writer at a time, also across machines; says who has it where another one does. Expires by itself,
   * unless the same holder takes it again in time.
   */
  hold(dataset: string, holder: string, options: HoldOptions): Promise<{ release(): Promise<void> } | { readonly heldBy: string }>;
  /** Says that the dataset is being written: until `stamp` the next run finds no receipt, and fills again. */
  unstamp(dataset: string): Promise<void>;
  /** Number of reviews and a checksum of their content, in order, computed and kept where `check-raw.ts` finds it. */
  stamp(dataset: string): Promise<Stamp>;
  /** Says that a big fill will come: what it needs can get ready while its source is read. */
  prepareFill(): void;
  /** Upserts all parts, then stamps. All are taken before it first waits: the caller has them at once, and may go on with other work. */
  fill(dataset: string, parts: Iterable<readonly Review[]>): Promise<Upserted & { readonly stamp: Stamp }>;
  /** An outage (unreachable, full, refused) as a value; undefined for anything else, which is a bug. */
  failureOf(error: unknown): StoreFailure | undefined;
  close(): Promise<void>;
}
