import type { DatabaseSync } from 'node:sqlite';
import type { Review } from '../../schema/review.ts';
import { isBusy } from '../../records/exclusive.ts';
import { documentOf } from '../content.ts';

const TABLES = `
  create table dataset (number integer primary key, name text not null unique);
  create table review (
    dataset integer not null, id text not null, at text, sweep integer not null default 0, gone text,
    revision integer not null default 0, hash text not null, aside text not null, json text not null,
    shown integer not null default 0,
    primary key (dataset, id)
  );
  create table history (
    dataset integer not null, id text not null, revision integer not null, gone text, json text not null,
    primary key (dataset, id, revision)
  );
  create table memory (dataset integer primary key, json text not null);
  create table erased (dataset integer not null, tombstone text not null, primary key (dataset, tombstone)) without rowid;
  create table hold (dataset integer primary key, holder text not null, until integer not null);
`;

/** The first form of the store had the name of the dataset in each row, and thumbs in the hash. */
const FROM_FIRST = `
  alter table review rename to review_1;
  alter table history rename to history_1;
  drop trigger keep_history;
  ${TABLES}
  insert into dataset (name) select distinct dataset from review_1;
  insert into review (dataset, id, at, revision, hash, aside, json)
    select d.number, r.id, r.at, r.revision, content_hash(r.json), coalesce(json_extract(r.json, '$.thumbsUp'), '') || ' ', json_insert(r.json, '$.author', null) from review_1 r join dataset d on d.name = r.dataset;
  insert into history (dataset, id, revision, json) select d.number, h.id, h.revision, json_insert(h.json, '$.author', null) from history_1 h join dataset d on d.name = h.dataset;
  drop table review_1;
  drop table history_1;
`;

/** The second form did not know in which pass a review was last seen to say what it says. */
const FROM_SECOND = `
  alter table review add column shown integer not null default 0;
  update review set shown = sweep;
`;

const VERSION = 3;

/** Times for other processes to end their transaction. */
export const BUSY_MS = 5000;
export const CACHE = 'pragma cache_size = -65536;';

/** Pages of twice the usual size, which a new file takes: fewer of them to write when it is filled. */
const SETTINGS = `
  pragma page_size = 8192;
  pragma journal_mode = wal;
  pragma synchronous = full;
  ${CACHE}
  pragma wal_autocheckpoint = 8000;
`;

const AGAIN_MS = 10;

/** Two who open a new file at once both set its journal, for which SQLite does not wait, whatever the timeout says. */
function settle(database: DatabaseSync): void {
  for (let left = BUSY_MS / AGAIN_MS; ; left--) {
    try {
      database.exec(SETTINGS);
      return;
    } catch (error) {
      if (!isBusy(error) || left <= 0) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS);
    }
  }
}

/** Makes or brings forward the tables. The version found where it is newer than this program knows: nothing is touched then. */
export function prepareRawTables(database: DatabaseSync): { readonly newer: number } | undefined {
  settle(database);
  const versionOf = (): number => Number((database.prepare('pragma user_version').get() as { readonly user_version: number }).user_version);
  if (versionOf() === VERSION) return undefined;
  database.exec('begin immediate');
  try {
    // Looked at again under the lock: another process may have done it in the meantime.
    const version = versionOf();
    if (version < VERSION) {
      const isFirst = database.prepare("select 1 from sqlite_master where type = 'table' and name = 'review'").get() !== undefined;
      database.function('content_hash', (json) => documentOf({ ...(JSON.parse(String(json)) as Review), author: null }).hash);
      database.exec(version === 2 ? FROM_SECOND : isFirst ? FROM_FIRST : TABLES);
      database.exec(`pragma user_version = ${VERSION}`);
    }
    database.exec('commit');
    return version > VERSION ? { newer: version } : undefined;
  } catch (error) {
    database.exec('rollback');
    throw error;
  }
}
