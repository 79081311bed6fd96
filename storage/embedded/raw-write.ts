import type { DatabaseSync } from 'node:sqlite';
import type { Review } from '../../schema/review.ts';
import { documentAt, documentOf, parcelOf, tombstoneOf } from '../content.ts';
import type { Parcel } from '../content.ts';
import { lagsBehind } from '../lagging.ts';
import type { Upserted, UpsertOptions } from '../raw-store.ts';

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
const SEEN = 'sweep = max(sweep, ?1), shown = max(shown, ?1), gone = null';
const EDIT = `update review set ${SEEN}, at = ?2, revision = revision + 1, hash = ?3, aside = ?4, json = ?5 where dataset = ?6 and id = ?7`;
const TOUCH = `update review set ${SEEN}, aside = ?2, json = ?3 where dataset = ?4 and id = ?5`;
const SEE = `update review set ${SEEN} where dataset = ?2 and id = ?3`;
/** The review is still there, but this is not what it says. */
const LAG = 'update review set sweep = max(sweep, ?) where dataset = ? and id = ?';
const NOW = 'select at, shown from review where dataset = ? and id = ?';
const EARLIER = 'select json from history where dataset = ? and id = ?';

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
  readonly isTrusted: boolean;
  holdings: Holdings;
  readonly count: { added: number; edited: number; touched: number; unchanged: number; refused: number };
}

/** Whether reviews that come in with another content than they have are of a list that lags behind; `at` is the time that it shows. */
function lagging({ database, dataset: { number }, sweep, isTrusted }: Open): (id: string, shown: { readonly at: string | null; readonly hash: string }) => boolean {
  if (sweep === undefined || isTrusted) return () => false;
  const [now, earlier] = [NOW, EARLIER].map((sql) => database.prepare(sql));
  return (id, shown) => {
    const before = (earlier?.all(number, id) ?? []) as unknown as readonly { readonly json: string }[];
    return before.length > 0 && lagsBehind({ ...shown, sweep }, now?.get(number, id) as unknown as { readonly at: string | null; readonly shown: number }, new Set(before.map(({ json }) => documentOf(JSON.parse(json) as Review).hash)));
  };
}

function takeParcel(open: Open, parcel: Parcel): void {
  const { database, dataset, holdings, count } = open;
  const { number, name } = dataset;
  const sweep = open.sweep ?? 0;
  const lags = lagging(open);
  const [insert, keep, edit, touch, see, lag, one] = [INSERT, KEEP, EDIT, TOUCH, SEE, LAG, `${COLUMNS} and id = ?`].map((sql) => database.prepare(sql));
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
    if (before.hash !== hash && before.gone === null && lags(id, { at, hash })) {
      lag?.run(sweep, number, id);
      count.unchanged++;
      continue;
    }
    if (before.hash !== hash) {
      keep?.run(number, id);
      edit?.run(sweep, at, hash, aside, json, number, id);
      count.edited++;
    } else if (before.aside !== aside) {
      touch?.run(sweep, aside, json, number, id);
      count.touched++;
    } else {
      if (open.sweep !== undefined || before.gone !== null) see?.run(sweep, number, id);
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
export function openUpsert(database: DatabaseSync, dataset: Numbered, { sweep, isTrusted = false, expected }: UpsertOptions & { readonly expected: number }): { take(parcel: Parcel): void; readonly count: Upserted } {
  const open: Open = { database, dataset, sweep, isTrusted, holdings: { get: nothing as () => undefined, set: nothing }, count: { added: 0, edited: 0, touched: 0, unchanged: 0, refused: 0 } };
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

export function upsertReviews(database: DatabaseSync, dataset: Numbered, { reviews, ...options }: UpsertOptions & { readonly reviews: readonly Review[] }): Upserted {
  const { take, count } = openUpsert(database, dataset, { ...options, expected: reviews.length });
  for (let start = 0; start < reviews.length; start += BATCH) inTransaction(database, () => take(parcelOf(reviews.slice(start, start + BATCH))));
  return count;
}
