import type { DatabaseSync } from 'node:sqlite';
import type { Review } from '../../schema/review.ts';
import { documentAt, parcelOf, tombstoneOf } from '../content.ts';
import type { Parcel } from '../content.ts';
import type { Upserted } from '../raw-store.ts';

/** Reviews in a transaction: each costs a wait for the disk, and holds others off while it lasts. */
const BATCH = 25_000;

interface Known {
  readonly hash: string;
  readonly aside: string;
  readonly gone: string | null;
}

/** What the store held of ids before an upsert and holds by now. */
interface Holdings {
  get(id: string): Known | undefined;
  /** Takes notice of what was written, where the store itself is not asked. */
  set(id: string, known: Known): void;
}

const COLUMNS = 'select id, hash, aside, gone from review where dataset = ?';
const nothing = (): void => undefined;

/** Of a big batch all is read in one go, which is quicker than a look-up for each; of a dataset without reviews, nothing. */
function holdingsOf(database: DatabaseSync, dataset: number, expected: number): Holdings {
  const { rows } = database.prepare('select count(*) as rows from review where dataset = ?').get(dataset) as { readonly rows: number };
  if (rows === 0) return { get: nothing as () => undefined, set: nothing };
  if (expected * 4 < rows) {
    const one = database.prepare(`${COLUMNS} and id = ?`);
    return { get: (id) => one.get(dataset, id) as unknown as Known | undefined, set: nothing };
  }
  const all = new Map<string, Known>();
  for (const row of database.prepare(COLUMNS).iterate(dataset)) {
    const { id, hash, aside, gone } = row;
    all.set(String(id), { hash: String(hash), aside: String(aside), gone: gone === null ? null : String(gone) });
  }
  return all;
}

const INSERT = 'insert into review (dataset, id, at, sweep, hash, aside, json) values (?, ?, ?, ?, ?, ?, ?) on conflict (dataset, id) do nothing';
const KEEP = 'insert into history (dataset, id, revision, json) select dataset, id, revision, json from review where dataset = ? and id = ?';
const EDIT = 'update review set at = ?, sweep = max(sweep, ?), gone = null, revision = revision + 1, hash = ?, aside = ?, json = ? where dataset = ? and id = ?';
const TOUCH = 'update review set sweep = max(sweep, ?), gone = null, aside = ?, json = ? where dataset = ? and id = ?';
const SEE = 'update review set sweep = max(sweep, ?), gone = null where dataset = ? and id = ?';

/** A dataset by the number that stands in its rows, and by its name. */
export interface Numbered {
  readonly number: number;
  readonly name: string;
}

/** Whatever of an upsert reaches over its transactions. */
interface Open {
  readonly database: DatabaseSync;
  readonly dataset: Numbered;
  readonly sweep: number | undefined;
  holdings: Holdings;
  readonly count: { added: number; edited: number; touched: number; unchanged: number; refused: number };
}

function takeParcel({ database, dataset, holdings, count, ...use }: Open, parcel: Parcel): void {
  const { number, name } = dataset;
  const sweep = use.sweep ?? 0;
  const [insert, keep, edit, touch, see, one] = [INSERT, KEEP, EDIT, TOUCH, SEE, `${COLUMNS} and id = ?`].map((sql) => database.prepare(sql));
  const erased = new Set((database.prepare('select tombstone from erased where dataset = ?').all(number) as { readonly tombstone: string }[]).map(({ tombstone }) => tombstone));
  for (const [index, id] of parcel.ids.entries()) {
    if (erased.size > 0 && erased.has(tombstoneOf(name, id))) {
      count.refused++;
      continue;
    }
    const { json, hash, aside } = documentAt(parcel, index);
    const at = parcel.ats[index] ?? null;
    let before = holdings.get(id);
    if (before === undefined) {
      if (Number(insert?.run(number, id, at, sweep, hash, aside, json).changes) === 1) {
        count.added++;
        holdings.set(id, { hash, aside, gone: null });
        continue;
      }
      // It came earlier in the same upsert.
      before = one?.get(number, id) as unknown as Known;
    }
    if (before.hash !== hash) {
      keep?.run(number, id);
      edit?.run(at, sweep, hash, aside, json, number, id);
      count.edited++;
    } else if (before.aside !== aside) {
      touch?.run(sweep, aside, json, number, id);
      count.touched++;
    } else {
      if (use.sweep !== undefined || before.gone !== null) see?.run(sweep, number, id);
      count.unchanged++;
      continue;
    }
    holdings.set(id, { hash, aside, gone: null });
  }
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

/** An upsert of about so many reviews, in parcels; each is to be taken within a transaction. */
export function openUpsert(database: DatabaseSync, dataset: Numbered, { sweep, expected }: { readonly sweep: number | undefined; readonly expected: number }): { take(parcel: Parcel): void; readonly count: Upserted } {
  const open: Open = { database, dataset, sweep, holdings: { get: nothing as () => undefined, set: nothing }, count: { added: 0, edited: 0, touched: 0, unchanged: 0, refused: 0 } };
  let version: unknown;
  return {
    take(parcel) {
      // Read again only where another process has written since: in between nobody can, and what we wrote is known.
      const now = database.prepare('pragma data_version').get()?.data_version;
      if (now !== version) {
        version = now;
        open.holdings = holdingsOf(database, dataset.number, expected);
      }
      takeParcel(open, parcel);
    },
    count: open.count,
  };
}

export function upsertReviews(database: DatabaseSync, dataset: Numbered, { reviews, sweep }: { readonly reviews: readonly Review[]; readonly sweep: number | undefined }): Upserted {
  const { take, count } = openUpsert(database, dataset, { sweep, expected: reviews.length });
  for (let start = 0; start < reviews.length; start += BATCH) inTransaction(database, () => take(parcelOf(reviews.slice(start, start + BATCH))));
  return count;
}
