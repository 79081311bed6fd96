import type { DatabaseSync } from 'node:sqlite';
import type { Review } from '../../schema/review.ts';
import { documentOf, tombstoneOf } from '../content.ts';
import type { RestoreOptions } from '../raw-store.ts';
import { mergeVersions, versionOf, versionsIn } from '../versions.ts';
import type { Backup, Version } from '../versions.ts';
import { inTransaction } from './raw-write.ts';
import type { Numbered } from './raw-write.ts';

interface Row {
  readonly gone: string | null;
  readonly hash: string;
  readonly json: string;
}

const STATEMENTS = {
  row: 'select gone, hash, json from review where dataset = ? and id = ?',
  earlier: 'select gone, json from history where dataset = ? and id = ? order by revision',
  // What the store knew of its last full pass stays.
  put: `insert into review (dataset, id, at, gone, revision, hash, aside, json) values (?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (dataset, id) do update set at = excluded.at, gone = excluded.gone, revision = excluded.revision, hash = excluded.hash, aside = excluded.aside, json = excluded.json`,
  forget: 'delete from history where dataset = ? and id = ?',
  keep: 'insert into history (dataset, id, revision, gone, json) values (?, ?, ?, ?, ?)',
  erased: 'select 1 from erased where dataset = ? and tombstone = ?',
} as const;

const reviewIn = (json: string): Review => JSON.parse(json) as Review;

/** Takes over what a backup tells and the store does not hold, all of it or nothing. Number of reviews that were written. */
export function restoreReviews(database: DatabaseSync, { number, name }: Numbered, { backup, isNewer }: RestoreOptions & { readonly backup: Backup }): number {
  const asked = Object.fromEntries(Object.entries(STATEMENTS).map(([key, sql]) => [key, database.prepare(sql)])) as Record<keyof typeof STATEMENTS, ReturnType<DatabaseSync['prepare']>>;
  const heldOf = (id: string): readonly Version[] => {
    const row = asked.row.get(number, id) as unknown as Row | undefined;
    if (row === undefined) return [];
    const earlier = asked.earlier.all(number, id) as unknown as readonly Omit<Row, 'hash'>[];
    return [...earlier.map(({ gone, json }) => versionOf(reviewIn(json), gone)), { review: reviewIn(row.json), hash: row.hash, gone: row.gone }];
  };
  const write = (id: string, versions: readonly Version[]): void => {
    asked.forget.run(number, id);
    for (const [revision, { review, gone }] of versions.slice(0, -1).entries()) asked.keep.run(number, id, revision, gone, documentOf(review).json);
    const { review, gone } = versions.at(-1) as Version;
    const { json, hash, aside } = documentOf(review);
    asked.put.run(number, id, review.at, gone, versions.length - 1, hash, aside, json);
  };
  return inTransaction(database, () => {
    let written = 0;
    for (const [id, told] of versionsIn(backup)) {
      if (asked.erased.get(number, tombstoneOf(name, id)) !== undefined) continue;
      const held = heldOf(id);
      const versions = held.length === 0 ? told : mergeVersions(held, told, isNewer);
      if (versions === undefined) continue;
      write(id, versions);
      written++;
    }
    return written;
  });
}
