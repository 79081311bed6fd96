import type { Review } from '../../schema/review.ts';
import { documentOf, tombstoneOf } from '../content.ts';
import type { RestoreOptions } from '../raw-store.ts';
import { mergeVersions, versionOf, versionsIn } from '../versions.ts';
import type { Backup, Version } from '../versions.ts';
import { writeAll } from './bulk.ts';
import type { Operation } from './bulk.ts';
import { keyOf } from './collections.ts';
import type { Collections, Earlier, ReviewDocument } from './collections.ts';

const BATCH = 1000;

type Held = Pick<ReviewDocument, '_id' | 'hash' | 'gone' | 'revision' | 'json' | 'history'>;

const reviewIn = (json: string): Review => JSON.parse(json) as Review;

function versionsOf({ hash, gone, json, history }: Held): readonly Version[] {
  return [...history.map((earlier) => versionOf(reviewIn(earlier.json), earlier.gone)), { review: reviewIn(json), hash, gone }];
}

/** Writes the versions of a review, over those that were read or where there was nothing. */
function operationOf(dataset: string, versions: readonly Version[], held: Held | undefined): Operation {
  const { review, gone } = versions.at(-1) as Version;
  const { json, hash, aside } = documentOf(review);
  const history = versions.slice(0, -1).map((version, revision): Earlier => ({ revision, gone: version.gone, json: documentOf(version.review).json }));
  const { app, id, at, rating } = review;
  const after = { at, rating, gone, revision: versions.length - 1, hash, aside, json, history };
  if (held !== undefined) return { updateOne: { filter: { _id: held._id, hash: held.hash, revision: held.revision }, update: { $set: after } } };
  return { updateOne: { filter: { _id: keyOf(dataset, id) }, update: { $setOnInsert: { dataset, id: id.toWellFormed(), app, sweep: 0, ...after } }, upsert: true } };
}

/** Takes over what a backup tells and the store does not hold, in bulks: one that was cut is made whole by doing it again. Number of reviews that were written. */
export async function restoreReviews({ reviews, erased }: Collections, dataset: string, { backup, isNewer }: RestoreOptions & { readonly backup: Backup }): Promise<number> {
  const all = [...versionsIn(backup)];
  let written = 0;
  for (let start = 0; start < all.length; start += BATCH) {
    const batch = all.slice(start, start + BATCH);
    const tombstones = await erased.find({ _id: { $in: batch.map(([id]) => tombstoneOf(dataset, id)) } }).toArray();
    const refused = new Set(tombstones.map(({ _id }) => _id));
    const found = await reviews.find({ _id: { $in: batch.map(([id]) => keyOf(dataset, id)) } }, { projection: { hash: 1, gone: 1, revision: 1, json: 1, history: 1 } }).toArray();
    const held = new Map(found.map((one) => [one._id, one as Held]));
    const operations = batch.flatMap(([id, told]): readonly Operation[] => {
      if (refused.has(tombstoneOf(dataset, id))) return [];
      const before = held.get(keyOf(dataset, id));
      const versions = before === undefined ? told : mergeVersions(versionsOf(before), told, isNewer);
      return versions === undefined ? [] : [operationOf(dataset, versions, before)];
    });
    if (operations.length > 0) await writeAll({ reviews }, operations);
    written += operations.length;
  }
  return written;
}
