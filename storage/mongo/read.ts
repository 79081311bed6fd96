import { createHash } from 'node:crypto';
import type { Review, ReviewRevision } from '../../schema/review.ts';
import type { Stamp } from '../stamp.ts';
import type { Collections } from './collections.ts';

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const key = ({ at, id }: Review): string => `${at ?? ''}\0${id}`;

export async function readAll({ reviews }: Collections, dataset: string): Promise<readonly Review[]> {
  const found: Review[] = [];
  for await (const { json } of reviews.find({ dataset, gone: null }, { projection: { _id: 0, json: 1 } })) found.push(JSON.parse(json) as Review);
  // Sorted here: the order of a server's strings depends on its collation.
  return found.sort((a, b) => byCodeUnit(key(a), key(b)));
}

export async function readHistory({ reviews }: Collections, dataset: string): Promise<readonly ReviewRevision[]> {
  const revisions: ReviewRevision[] = [];
  for await (const { history } of reviews.find({ dataset, 'history.0': { $exists: true } }, { projection: { history: 1 } })) {
    for (const { revision, gone, json } of history) {
      const review = JSON.parse(json) as Review;
      revisions.push({ app: review.app, id: review.id, revision, review, goneAt: gone });
    }
  }
  return revisions.sort((a, b) => byCodeUnit(a.id, b.id) || a.revision - b.revision);
}

/** Number and checksum as they are now, kept beside the reviews: an emptied database has lost it as well. */
export async function stampOf({ reviews, stamps }: Collections, dataset: string, target: string): Promise<Stamp> {
  const lines: string[] = [];
  for await (const { id, hash, aside } of reviews.find({ dataset, gone: null }, { projection: { _id: 0, id: 1, hash: 1, aside: 1 } })) lines.push(`${id}\0${hash}\0${aside}`);
  const stamp = { rows: lines.length, checksum: createHash('sha256').update(lines.sort(byCodeUnit).join('\n')).digest('hex') };
  await stamps.updateOne({ _id: dataset }, { $set: stamp }, { upsert: true });
  return { target: `${target}#${dataset}`, ...stamp };
}
