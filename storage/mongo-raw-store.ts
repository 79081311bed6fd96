import { MongoClient } from 'mongodb';
import { badAddress } from './address.ts';
import type { Attempt } from './failure.ts';
import type { RawStore } from './raw-store.ts';
import { mongoFailure, targetOf } from './mongo/failure.ts';
import { openCollections } from './mongo/collections.ts';
import { keepBooks } from './mongo/books.ts';
import { forget } from './mongo/forget.ts';
import { upsertReviews } from './mongo/upsert.ts';
import { readAll, readHistory, stampOf } from './mongo/read.ts';
import { restoreReviews } from './mongo/restore.ts';

/** How long a server may be silent before it counts as gone. */
const SELECT_MS = 5000;
const SOCKET_MS = 60_000;

/**
 * Raw reviews in MongoDB: the same results as the embedded store. It does without transactions, change streams and updates
 * by pipeline, so that every server of the protocol will do: each review is one document with its history inside of it, and a
 * bulk that was cut is made whole by sending it again.
 */
export async function openMongoRawStore(uri: string, now: () => number = Date.now): Promise<Attempt<RawStore>> {
  const bad = badAddress('MONGODB_URI', uri);
  if (bad !== undefined) return { ok: false, failure: bad };
  const target = targetOf(uri);
  let client: MongoClient | undefined;
  try {
    client = new MongoClient(uri, { appName: 'ulasan', retryWrites: true, serverSelectionTimeoutMS: SELECT_MS, connectTimeoutMS: SELECT_MS, socketTimeoutMS: SOCKET_MS, ignoreUndefined: false });
    // A name of a database that cannot be is told before anybody is asked.
    const db = client.db();
    await client.connect();
    const collections = await openCollections(db);
    const open = client;
    return {
      ok: true,
      value: {
        target,
        upsert: (dataset, reviews, options) => upsertReviews(collections, dataset, { reviews, ...options }),
        all: (dataset) => readAll(collections, dataset),
        history: (dataset) => readHistory(collections, dataset),
        restore: (dataset, backup, options) => restoreReviews(collections, dataset, { backup, ...options }),
        ...keepBooks(collections, now),
        ...forget(collections),
        prepareFill: () => undefined,
        async fill(dataset, parts) {
          const reviews = [...parts].flat();
          const upserted = await upsertReviews(collections, dataset, { reviews });
          return { ...upserted, stamp: await stampOf(collections, dataset, target) };
        },
        stamp: (dataset) => stampOf(collections, dataset, target),
        failureOf: (error) => mongoFailure(target, error),
        close: () => open.close(),
      },
    };
  } catch (error) {
    // Its own failure to close would hide why it did not open.
    await client?.close().catch(() => undefined);
    const failure = mongoFailure(target, error);
    if (failure === undefined) throw error;
    return { ok: false, failure };
  }
}
