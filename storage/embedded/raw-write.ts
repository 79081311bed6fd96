import type { DatabaseSync } from 'node:sqlite';
import type { Review } from '../../schema/review.ts';
import { documentOf, tombstoneOf } from '../content.ts';
import type { Upserted } from '../raw-store.ts';

/** Reviews in a transaction: each costs a wait for the disk, and holds others off while it lasts. */
const BATCH = 25_000;

interface Known {
  readonly hash: string;
  readonly aside: string;
  readonly gone: string | null;
}

/** What the store holds of some ids. Of a big batch all is read in one go, which is quicker than a look-up for each. */
function knownOf(database: DatabaseSync, dataset: number, reviews: readonly Review[]): (id: string) => Known | undefined {
  const columns = 'select id, hash, aside, gone from review where dataset = ?';
  const { rows } = database.prepare('select count(*) as rows from review where dataset = ?').get(dataset) as { readonly rows: number };
  if (rows === 0) return () => undefined;
  if (reviews.length * 4 < rows) {
    const one = database.prepare(`${columns} and id = ?`);
    return (id) => one.get(dataset, id) as unknown as Known | undefined;
  }
  const all = new Map<string, Known>();
  for (const row of database.prepare(columns).iterate(dataset)) {
    const { id, hash, aside, gone } = row;
    all.set(String(id), { hash: String(hash), aside: String(aside), gone: gone === null ? null : String(gone) });
  }
  return (id) => all.get(id);
}

const INSERT = 'insert into review (dataset, id, at, sweep, hash, aside, json) values (?, ?, ?, ?, ?, ?, ?)';
const KEEP = 'insert into history (dataset, id, revision, json) select dataset, id, revision, json from review where dataset = ? and id = ?';
const EDIT = 'update review set at = ?, sweep = max(sweep, ?), gone = null, revision = revision + 1, hash = ?, aside = ?, json = ? where dataset = ? and id = ?';
const TOUCH = 'update review set sweep = max(sweep, ?), gone = null, aside = ?, json = ? where dataset = ? and id = ?';
const SEE = 'update review set sweep = max(sweep, ?), gone = null where dataset = ? and id = ?';

interface Batch {
  readonly reviews: readonly Review[];
  readonly sweep: number | undefined;
  /** What the store held before the first batch, and what the batches so far have added to that. */
  readonly known: (id: string) => Known | undefined;
  readonly fresh: Map<string, Known>;
}

function upsertBatch(database: DatabaseSync, dataset: { number: number; name: string }, use: Batch): Upserted {
  const { number, name } = dataset;
  const sweep = use.sweep ?? 0;
  const count = { added: 0, edited: 0, touched: 0, unchanged: 0, refused: 0 };
  const [insert, keep, edit, touch, see] = [INSERT, KEEP, EDIT, TOUCH, SEE].map((sql) => database.prepare(sql));
  const erased = new Set((database.prepare('select tombstone from erased where dataset = ?').all(number) as { readonly tombstone: string }[]).map(({ tombstone }) => tombstone));
  const { known, fresh } = use;
  for (const review of use.reviews) {
    if (erased.size > 0 && erased.has(tombstoneOf(name, review.id))) {
      count.refused++;
      continue;
    }
    const { json, hash, aside } = documentOf(review);
    const before = fresh.get(review.id) ?? known(review.id);
    if (before === undefined) {
      insert?.run(number, review.id, review.at, sweep, hash, aside, json);
      count.added++;
    } else if (before.hash !== hash) {
      keep?.run(number, review.id);
      edit?.run(review.at, sweep, hash, aside, json, number, review.id);
      count.edited++;
    } else if (before.aside !== aside) {
      touch?.run(sweep, aside, json, number, review.id);
      count.touched++;
    } else {
      if (use.sweep !== undefined || before.gone !== null) see?.run(sweep, number, review.id);
      count.unchanged++;
      continue;
    }
    fresh.set(review.id, { hash, aside, gone: null });
  }
  return count;
}

export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('begin immediate');
  try {
    const result = work();
    database.exec('commit');
    return result;
  } catch (error) {
    // A full disk may have rolled back by itself: then there is nothing left to undo.
    if (database.isTransaction) database.exec('rollback');
    throw error;
  }
}

export function upsertReviews(database: DatabaseSync, dataset: { number: number; name: string }, use: { reviews: readonly Review[]; sweep: number | undefined }): Upserted {
  const total = { added: 0, edited: 0, touched: 0, unchanged: 0, refused: 0 };
  const fresh = new Map<string, Known>();
  const versionOf = (): unknown => database.prepare('pragma data_version').get()?.data_version;
  let version: unknown;
  let known: Batch['known'] = () => undefined;
  for (let start = 0; start < use.reviews.length; start += BATCH) {
    const reviews = use.reviews.slice(start, start + BATCH);
    const part = inTransaction(database, () => {
      // Read again only where another process has written since: in between nobody can, and what we wrote is in `fresh`.
      const now = versionOf();
      if (now !== version) {
        version = now;
        known = knownOf(database, dataset.number, use.reviews);
        fresh.clear();
      }
      return upsertBatch(database, dataset, { reviews, sweep: use.sweep, known, fresh });
    });
    for (const key of ['added', 'edited', 'touched', 'unchanged', 'refused'] as const) total[key] += part[key];
  }
  return total;
}
