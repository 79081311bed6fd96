import type { Review } from '../../schema/review.ts';
import { documentOf, tombstoneOf } from '../content.ts';
import type { Upserted } from '../raw-store.ts';
import { writeAll } from './bulk.ts';
import type { Operation } from './bulk.ts';
import { keyOf } from './collections.ts';
import type { Collections, Earlier, ReviewDocument } from './collections.ts';

const BATCH = 1000;

type Known = Pick<ReviewDocument, '_id' | 'hash' | 'aside' | 'gone' | 'revision' | 'sweep' | 'json'>;

async function knownOf({ reviews }: Collections, keys: readonly string[]): Promise<Map<string, Known>> {
  const found = reviews.find({ _id: { $in: [...keys] } }, { projection: { hash: 1, aside: 1, gone: 1, revision: 1, sweep: 1, json: 1 } });
  return new Map((await found.toArray()).map((known) => [known._id, known as Known]));
}

interface Step {
  readonly dataset: string;
  readonly sweep: number | undefined;
}

/** What has to be written for one review, and as what it counts. */
function operationOf(review: Review, before: Known | undefined, { dataset, sweep }: Step): { readonly kind: keyof Omit<Upserted, 'refused'>; readonly operation: Operation | undefined; readonly after: Known } {
  const { json, hash, aside } = documentOf(review);
  const key = keyOf(dataset, review.id);
  const { app, id, at, rating } = review;
  if (before === undefined) {
    const after: Known = { _id: key, hash, aside, gone: null, revision: 0, sweep: sweep ?? 0, json };
    const { _id: _, ...rest } = after;
    // Where another process added it since it was looked for, nothing is overwritten: the next upsert compares.
    return { kind: 'added', after, operation: { updateOne: { filter: { _id: key }, update: { $setOnInsert: { dataset, id: id.toWellFormed(), app, at, rating, history: [], ...rest } }, upsert: true } } };
  }
  const seen = Math.max(before.sweep, sweep ?? 0);
  if (before.hash !== hash) {
    const earlier: Earlier = { revision: before.revision, gone: null, json: before.json };
    const after: Known = { _id: key, hash, aside, gone: null, revision: before.revision + 1, sweep: seen, json };
    const { _id: _, ...rest } = after;
    // Only if it is still what it was: so a batch that is sent again adds no second history.
    return { kind: 'edited', after, operation: { updateOne: { filter: { _id: key, hash: before.hash, revision: before.revision }, update: { $set: { at, rating, ...rest }, $push: { history: earlier } } } } };
  }
  const after: Known = { ...before, aside, json, gone: null, sweep: seen };
  const isSame = before.aside === aside && before.gone === null && before.sweep === seen;
  const operation: Operation | undefined = isSame ? undefined : { updateOne: { filter: { _id: key, hash }, update: { $set: { aside, json, gone: null, sweep: seen } } } };
  return { kind: before.aside === aside ? 'unchanged' : 'touched', operation, after };
}

async function upsertBatch(collections: Collections, reviews: readonly Review[], step: Step): Promise<Upserted> {
  const count = { added: 0, edited: 0, touched: 0, unchanged: 0, refused: 0 };
  const tombstones = await collections.erased.find({ _id: { $in: reviews.map(({ id }) => tombstoneOf(step.dataset, id)) } }).toArray();
  const refused = new Set(tombstones.map(({ _id }) => _id));
  const known = await knownOf(collections, reviews.map(({ id }) => keyOf(step.dataset, id)));
  // A review that comes twice in a batch is compared with itself: in order, so its operations may not be mixed.
  const rounds: Operation[][] = [];
  const turns = new Map<string, number>();
  for (const review of reviews) {
    if (refused.has(tombstoneOf(step.dataset, review.id))) {
      count.refused++;
      continue;
    }
    const key = keyOf(step.dataset, review.id);
    const { kind, operation, after } = operationOf(review, known.get(key), step);
    count[kind]++;
    known.set(key, after);
    if (operation === undefined) continue;
    const turn = turns.get(key) ?? 0;
    turns.set(key, turn + 1);
    (rounds[turn] ??= []).push(operation);
  }
  for (const operations of rounds) await writeAll(collections, operations);
  return count;
}

/** Batches of unordered bulk writes. One that was cut in the middle is made whole by sending it again. */
export async function upsertReviews(collections: Collections, dataset: string, use: { readonly reviews: readonly Review[]; readonly sweep: number | undefined }): Promise<Upserted> {
  const total = { added: 0, edited: 0, touched: 0, unchanged: 0, refused: 0 };
  for (let start = 0; start < use.reviews.length; start += BATCH) {
    const part = await upsertBatch(collections, use.reviews.slice(start, start + BATCH), { dataset, sweep: use.sweep });
    for (const key of ['added', 'edited', 'touched', 'unchanged', 'refused'] as const) total[key] += part[key];
  }
  return total;
}
