import type { Collection, Db, Document } from 'mongodb';

/** Earlier content of a review, inside of its document. */
export interface Earlier {
  readonly revision: number;
  readonly gone: string | null;
  readonly json: string;
}

/**
 * A review. `_id` is dataset and id, `json` the review as text: the server's own strings know neither lone surrogates nor keys
 * with NUL. The other fields are there to be asked for.
 */
export interface ReviewDocument {
  readonly _id: string;
  readonly dataset: string;
  readonly id: string;
  readonly app: string;
  readonly at: string | null;
  readonly rating: number | null;
  readonly sweep: number;
  /** The last pass in which it was seen to say what it says; absent where that was never kept. */
  readonly shown?: number;
  readonly gone: string | null;
  readonly revision: number;
  readonly hash: string;
  readonly aside: string;
  readonly json: string;
  readonly history: readonly Earlier[];
}

export interface Keyed extends Document {
  readonly _id: string;
}

export interface Collections {
  readonly reviews: Collection<ReviewDocument>;
  readonly memory: Collection<Keyed & { readonly json: string }>;
  readonly erased: Collection<Keyed & { readonly dataset: string }>;
  readonly holds: Collection<Keyed & { readonly holder: string; readonly until: number }>;
  readonly stamps: Collection<Keyed & { readonly rows: number; readonly checksum: string }>;
}

const SCHEMA = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['_id', 'dataset', 'id', 'app', 'at', 'revision', 'hash', 'aside', 'json'],
    properties: {
      _id: { bsonType: 'string' },
      dataset: { bsonType: 'string', pattern: '^(sample|file|play):' },
      id: { bsonType: 'string', minLength: 1 },
      at: { bsonType: ['string', 'null'] },
      rating: { bsonType: ['number', 'null'] },
      gone: { bsonType: ['string', 'null'] },
      revision: { bsonType: ['int', 'long', 'double'], minimum: 0 },
      hash: { bsonType: 'string' },
      json: { bsonType: 'string' },
      history: { bsonType: 'array' },
    },
  },
};

/** Two ids that differ by a separator cannot be taken for one another: a dataset has no slash. */
export const keyOf = (dataset: string, id: string): string => `${dataset}/${id}`;

/** Makes what is not there yet: the collection with its validation, the indexes. Twice does nothing. */
export async function openCollections(db: Db): Promise<Collections> {
  const names = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name));
  if (!names.has('reviews')) {
    try {
      await db.createCollection('reviews', { validator: SCHEMA, validationLevel: 'strict' });
    } catch (error) {
      // Another process made it at the same moment.
      if (!(error instanceof Error && 'codeName' in error && error.codeName === 'NamespaceExists')) throw error;
    }
  }
  const reviews = db.collection<ReviewDocument>('reviews');
  await reviews.createIndexes([
    { key: { dataset: 1, id: 1 }, name: 'dataset_id', unique: true },
    { key: { dataset: 1, at: 1, id: 1 }, name: 'dataset_time' },
    { key: { dataset: 1, sweep: 1 }, name: 'dataset_sweep' },
  ]);
  return { reviews, memory: db.collection('memory'), erased: db.collection('erased'), holds: db.collection('holds'), stamps: db.collection('stamps') };
}
