import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Review, ReviewRevision } from '../schema/review.ts';
import type { RawStore, Upserted } from './raw-store.ts';

const BATCH = 1000;

const SCHEMA = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma cache_size = -65536;
  pragma wal_autocheckpoint = 8000;
  create table if not exists review (
    dataset text not null, id text not null, at text, revision integer not null default 0, hash text not null, json text not null,
    primary key (dataset, id)
  );
  create table if not exists history (
    dataset text not null, id text not null, revision integer not null, json text not null,
    primary key (dataset, id, revision)
  );
  create trigger if not exists keep_history before update of hash on review when old.hash <> new.hash begin
    insert into history (dataset, id, revision, json) values (old.dataset, old.id, old.revision, old.json);
  end;
`;

const UPSERT = `
  insert into review (dataset, id, at, hash, json) values (?, ?, ?, ?, ?)
  on conflict (dataset, id) do update set at = excluded.at, hash = excluded.hash, json = excluded.json, revision = review.revision + 1
  where review.hash <> excluded.hash
`;

/** Lone surrogates would come back as U+FFFD, and `length()` stops at NUL: documents are stored as JSON text, where neither stands. */
function documentOf(review: Review): { json: string; hash: string } {
  const json = JSON.stringify(review);
  return { json, hash: createHash('sha256').update(json).digest('hex') };
}

/** Raw reviews in node:sqlite: durable, safe for two processes, no server. */
export function openEmbeddedRawStore(folder: string): RawStore {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(path.join(folder, 'reviews.db'), { timeout: 5000 });
  database.exec(SCHEMA);
  const upsertOne = database.prepare(UPSERT);
  const known = database.prepare('select hash from review where dataset = ? and id = ?');

  function upsertBatch(dataset: string, reviews: readonly Review[]): Upserted {
    let [added, edited, unchanged] = [0, 0, 0];
    database.exec('begin immediate');
    try {
      for (const review of reviews) {
        const { json, hash } = documentOf(review);
        const before = known.get(dataset, review.id) as { readonly hash: string } | undefined;
        if (before === undefined) added++;
        else if (before.hash === hash) unchanged++;
        else edited++;
        if (before?.hash !== hash) upsertOne.run(dataset, review.id, review.at, hash, json);
      }
      database.exec('commit');
    } catch (error) {
      database.exec('rollback');
      throw error;
    }
    return { added, edited, unchanged };
  }

  return {
    upsert(dataset, reviews) {
      const total = { added: 0, edited: 0, unchanged: 0 };
      for (let start = 0; start < reviews.length; start += BATCH) {
        const part = upsertBatch(dataset, reviews.slice(start, start + BATCH));
        total.added += part.added;
        total.edited += part.edited;
        total.unchanged += part.unchanged;
      }
      return total;
    },
    all: (dataset) =>
      (database.prepare('select json from review where dataset = ? order by at, id').all(dataset) as { readonly json: string }[]).map(({ json }) => JSON.parse(json) as Review),
    history: (dataset) =>
      (database.prepare('select id, revision, json from history where dataset = ? order by id, revision').all(dataset) as { readonly id: string; readonly revision: number; readonly json: string }[]).map(
        ({ id, revision, json }): ReviewRevision => {
          const review = JSON.parse(json) as Review;
          return { app: review.app, id, revision, review };
        },
      ),
    receipt(dataset) {
      const checksum = createHash('sha256');
      let rows = 0;
      for (const row of database.prepare('select id, hash from review where dataset = ? order by id').iterate(dataset)) {
        const { id, hash } = row as { readonly id: string; readonly hash: string };
        checksum.update(`${id}\0${hash}\n`);
        rows++;
      }
      return { rows, checksum: checksum.digest('hex') };
    },
    close: () => database.close(),
  };
}
