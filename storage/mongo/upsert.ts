import type { Review } from '../../schema/review.ts';
import { documentOf, tombstoneOf } from '../content.ts';
import { lagsBehind } from '../lagging.ts';
import type { Upserted, UpsertOptions } from '../raw-store.ts';
import { writeAll } from './bulk.ts';
import type { Operation } from './bulk.ts';
import { keyOf } from './collections.ts';
import type { Collections, Earlier, ReviewDocument } from './collections.ts';

const BATCH = 1000;

type Known = Pick<ReviewDocument, '_id' | 'hash' | 'aside' | 'gone' | 'revision' | 'sweep' | 'shown' | 'json'>;

const reviewIn = (json: string): Review => JSON.parse(json) as Review;

async function knownOf({ reviews }: Collections, keys: readonly string[]): Promise<Map<string, Known>> {
  const found = reviews.find({ _id: { $in: [...keys] } }, { projection: { hash: 1, aside: 1, gone: 1, revision: 1, sweep: 1, shown: 1, json: 1 } });
  return new Map((await found.toArray()).map((known) => [known._id, known as Known]));
}

interface Step extends UpsertOptions {
  readonly dataset: string;
}

/** By key, hashes of what reviews said before that come in with another content: there are few of them, and histories are long. */
async function saidBefore({ reviews }: Collections, known: ReadonlyMap<string, Known>, shown: readonly (readonly [string, string])[]): Promise<Map<string, Set<string>>> {
  const keys = shown.filter(([key, hash]) => (known.get(key)?.revision ?? 0) > 0 && known.get(key)?.hash !== hash).map(([key]) => key);
  const found = keys.length === 0 ? [] : await reviews.find({ _id: { $in: keys } }, { projection: { 'history.json': 1 } }).toArray();
  return new Map(found.map(({ _id, history }) => [_id, new Set(history.map(({ json }) => documentOf(reviewIn(json)).hash))]));
}

interface Written {
  readonly kind: keyof Omit<Upserted, 'refused'>;
  readonly operation: Operation | undefined;
  readonly after: Known;
}

function add(review: Review, { dataset, sweep = 0 }: Step): Written {
  const { json, hash, aside } = documentOf(review);
  const { app, id, at, rating } = review;
  const after: Known = { _id: keyOf(dataset, id), hash, aside, gone: null, revision: 0, sweep, json };
  const { _id, ...rest } = after;
  // Where another process added it since it was looked for, nothing is overwritten: the next upsert compares.
  return { kind: 'added', after, operation: { updateOne: { filter: { _id }, update: { $setOnInsert: { dataset, id: id.toWellFormed(), app, at, rating, history: [], ...rest } }, upsert: true } } };
}

/** What has to be written for a review that is known, and as what it counts. `said` are hashes of what it said before. */
function change(review: Review, before: Known, { sweep, isTrusted, said }: Step & { readonly said: ReadonlySet<string> }): Written {
  const { json, hash, aside } = documentOf(review);
  const { at, rating } = review;
  const { _id } = before;
  // Of a document that was written before this was kept, it is the pass in which it was seen.
  const shownBefore = before.shown ?? before.sweep;
  const [seen, shown] = [before.sweep, shownBefore].map((number) => Math.max(number, sweep ?? 0)) as [number, number];
  if (before.hash !== hash) {
    const isOld = sweep !== undefined && isTrusted !== true && before.gone === null && lagsBehind({ at, hash, sweep }, { at: reviewIn(before.json).at, shown: shownBefore }, said);
    if (isOld) return { kind: 'unchanged', after: { ...before, sweep: seen }, operation: before.sweep === seen ? undefined : { updateOne: { filter: { _id, hash: before.hash }, update: { $set: { sweep: seen } } } } };
    const earlier: Earlier = { revision: before.revision, gone: null, json: before.json };
    const after: Known = { _id, hash, aside, gone: null, revision: before.revision + 1, sweep: seen, shown, json };
    const { _id: _, ...rest } = after;
    // Only if it is still what it was: so a batch that is sent again adds no second history.
    return { kind: 'edited', after, operation: { updateOne: { filter: { _id, hash: before.hash, revision: before.revision }, update: { $set: { at, rating, ...rest }, $push: { history: earlier } } } } };
  }
  const after: Known = { ...before, aside, json, gone: null, sweep: seen, shown };
  const isSame = before.aside === aside && before.gone === null && before.sweep === seen && shownBefore === shown;
  const operation: Operation | undefined = isSame ? undefined : { updateOne: { filter: { _id, hash }, update: { $set: { aside, json, gone: null, sweep: seen, shown } } } };
  return { kind: before.aside === aside ? 'unchanged' : 'touched', operation, after };
}

async function upsertBatch(collections: Collections, reviews: readonly Review[], step: Step): Promise<Upserted> {
  const count = { added: 0, edited: 0, touched: 0, unchanged: 0, refused: 0 };
  const { dataset } = step;
  const tombstones = await collections.erased.find({ _id: { $in: reviews.map(({ id }) => tombstoneOf(dataset, id)) } }).toArray();
  const refused = new Set(tombstones.map(({ _id }) => _id));
  const known = await knownOf(collections, reviews.map(({ id }) => keyOf(dataset, id)));
  const said = step.sweep === undefined ? new Map<string, Set<string>>() : await saidBefore(collections, known, reviews.map((review) => [keyOf(dataset, review.id), documentOf(review).hash]));
  // A review that comes twice in a batch is compared with itself: in order, so its operations may not be mixed.
  const rounds: Operation[][] = [];
  const turns = new Map<string, number>();
  for (const review of reviews) {
    if (refused.has(tombstoneOf(dataset, review.id))) {
      count.refused++;
      continue;
    }
    const key = keyOf(dataset, review.id);
    const before = known.get(key);
    const { kind, operation, after } = before === undefined ? add(review, step) : change(review, before, { ...step, said: said.get(key) ?? new Set() });
    count[kind]++;
    known.set(key, after);
    if (before !== undefined && kind === 'edited') said.set(key, (said.get(key) ?? new Set()).add(before.hash));
    if (operation === undefined) continue;
    const turn = turns.get(key) ?? 0;
    turns.set(key, turn + 1);
    (rounds[turn] ??= []).push(operation);
  }
  for (const operations of rounds) await writeAll(collections, operations);
  return count;
}

/** Batches of unordered bulk writes. One that was cut in the middle is made whole by sending it again. */
export async function upsertReviews(collections: Collections, dataset: string, { reviews, ...options }: UpsertOptions & { readonly reviews: readonly Review[] }): Promise<Upserted> {
  const total = { added: 0, edited: 0, touched: 0, unchanged: 0, refused: 0 };
  for (let start = 0; start < reviews.length; start += BATCH) {
    const part = await upsertBatch(collections, reviews.slice(start, start + BATCH), { dataset, ...options });
    for (const key of ['added', 'edited', 'touched', 'unchanged', 'refused'] as const) total[key] += part[key];
  }
  return total;
}
