import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MongoClient } from 'mongodb';
import type { Review } from '../../schema/review.ts';
import { check } from '../../storage/check-raw.ts';
import { attempt } from '../../storage/failure.ts';
import { oversizedIn } from '../../storage/mongo/bulk.ts';
import type { Operation } from '../../storage/mongo/bulk.ts';
import { openMongoRawStore } from '../../storage/mongo-raw-store.ts';
import type { RawStore } from '../../storage/raw-store.ts';
import { laggingContract } from '../storage/lagging-contract.ts';
import { rawStoreContract } from '../storage/raw-store-contract.ts';
import type { RawBench } from '../storage/raw-store-contract.ts';
import { DATASET, review } from '../storage/reviews.ts';
import { layCable } from './mongo/cable.ts';
import { mongoMissing, startMongo } from './mongo/server.ts';
import type { MongoServer } from './mongo/server.ts';

const skip = mongoMissing();
const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-mongo-'));
let server: MongoServer | undefined;
let count = 0;
let uri = '';

before(async () => {
  if (skip === false && process.env.MONGODB_URI === undefined) server = await startMongo({ file: path.join(folder, 'contract') });
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A database of its own for each test. */
function freshUri(base: string): string {
  const url = new URL(base);
  url.pathname = `/ulasan_test_${process.pid}_${count++}`;
  return url.href;
}

async function open(address: string, now?: () => number): Promise<RawStore> {
  const opened = await openMongoRawStore(address, now);
  assert.ok(opened.ok, JSON.stringify(opened));
  return opened.value;
}

const BENCH: RawBench = {
  async open(now) {
    uri = freshUri(process.env.MONGODB_URI ?? server?.uri ?? '');
    return open(uri, now);
  },
  again: () => open(uri),
  async clear() {
    const client = await MongoClient.connect(uri);
    await client.db().dropDatabase();
    await client.close();
  },
};
rawStoreContract('MongoDB', BENCH, { skip });
laggingContract('MongoDB', BENCH, { skip });

describe('MongoDB', { skip }, () => {
  test('an address that nobody answers, or that cannot be read, is a failure without the password', async () => {
    for (const [address, kind] of [['mongodb://budi:s3cret@127.0.0.1:1/ulasan?serverSelectionTimeoutMS=200', 'unreachable'], ['postgres://budi:s3cret@host/x', 'address']] as const) {
      const opened = await openMongoRawStore(address);
      assert.ok(!opened.ok);
      assert.equal(opened.failure.kind, kind);
      assert.doesNotMatch(JSON.stringify(opened), /s3cret/);
    }
  });

  test('a review that no document has room for is a failure with its id and size; the others stay, and come in without it', async () => {
    const store = await open(freshUri(process.env.MONGODB_URI ?? server?.uri ?? ''));
    await store.upsert(DATASET, [review('edited', { text: 'x'.repeat(9_000_000) }), review('small')]);
    const big = (bytes: number): Review => review('big', { text: 'x'.repeat(bytes) });
    const whyOf = async (work: Promise<unknown>): Promise<string> => {
      const done = await attempt(store.failureOf, () => work);
      return done.ok ? 'none' : `${done.failure.kind}: ${done.failure.why}`;
    };
    for (const [bytes, said] of [[21 * 2 ** 20, '21.0'], [17 * 2 ** 20, '17.0'], [2 ** 24, '16.0']] as const) {
      const why = `oversized: review "big" takes ${said} MB with all that it said before, and no document is larger than 16 MB`;
      assert.equal(await whyOf(store.upsert(DATASET, [review('beside'), big(bytes)])), why);
      assert.equal(await whyOf(store.fill(DATASET, [[big(bytes)]])), why);
      assert.equal(await whyOf(store.restore(DATASET, { reviews: [big(bytes)], history: [] })), why);
    }
    assert.match(await whyOf(store.upsert(DATASET, [review('edited', { text: 'y'.repeat(9_000_000) })])), /"edited" takes 17\.2 MB with all that it said before/);
    assert.deepEqual((await store.all(DATASET)).map(({ id, text }) => [id, text.slice(0, 5)]), [['edited', 'xxxxx'], ['small', 'bagus']]);
    assert.equal((await store.upsert(DATASET, [review('beside'), review('small')])).added, 1);
    await store.close();
  });

  test('a document that only the server finds too large is named by the operation that it refused', () => {
    const operations = ['a', 'b/c'].map((id): Operation => ({ updateOne: { filter: { _id: `${DATASET}/${id}` }, update: { $set: { json: '{}' } } } }));
    for (const code of [10334, 17419, 17420]) assert.equal(oversizedIn(Object.assign(new Error('cut'), { writeErrors: [{ code: 11000, index: 0 }, { code, index: 1 }] }), operations)?.id, 'b/c');
    assert.equal(oversizedIn(Object.assign(new Error('cut'), { writeErrors: { code: 17419, index: 0 } }), operations)?.id, 'a');
    for (const other of [new Error('x'), Object.assign(new Error('x'), { writeErrors: [{ code: 11000, index: 0 }] }), undefined]) assert.equal(oversizedIn(other, operations), undefined);
  });

  test('its check answers by stamp and count; an emptied database has neither', async () => {
    const address = freshUri(process.env.MONGODB_URI ?? server?.uri ?? '');
    const store = await open(address);
    await store.upsert(DATASET, [review('a'), review('b')]);
    const receipt = await store.stamp(DATASET);
    const ask = () => check({ workspace: folder, env: { MONGODB_URI: address }, receipt });
    assert.deepEqual(await ask(), receipt);
    await store.unstamp(DATASET);
    assert.equal(await ask(), null, 'a write that goes on');
    await store.stamp(DATASET);
    const client = await MongoClient.connect(address);
    await client.db().collection<{ readonly _id: string }>('reviews').deleteOne({ _id: `${DATASET}/a` });
    assert.equal(await ask(), null, 'a review that somebody took out');
    await client.db().dropDatabase();
    assert.equal(await ask(), null);
    await client.close();
    await store.close();
    await assert.rejects(check({ workspace: folder, env: { MONGODB_URI: 'mongodb://u:s3cret@127.0.0.1:1/x' }, receipt }), (error: Error) => /127\.0\.0\.1:1/.test(error.message) && !error.message.includes('s3cret'));
  });
});

// By our own server, also where MONGODB_URI names a real one: that is not ours to stop.
describe('a MongoDB that goes away', { skip }, () => {
  const reviews = Array.from({ length: 20_000 }, (_, index) => review(`r${String(index).padStart(5, '0')}`, { text: `teks ${index} ${'x'.repeat(200)}` }));

  test('in the middle of a write: the failure says so, and the same batch again makes it whole, with nothing doubled', async (t) => {
    const file = path.join(folder, 'killed');
    const first = await startMongo({ file });
    t.after(() => first.kill());
    // Cut from it, not killed: the data of this server do not outlive its death in the middle of a write, as those of MongoDB do.
    const cable = await layCable(first.port);
    t.after(() => cable.cut());
    const uri = `mongodb://127.0.0.1:${cable.port}/ulasan`;
    const store = await open(uri);
    // Of a test that fails, too: a connection that is left keeps the process, which waits for its server.
    t.after(() => store.close());
    await store.upsert(DATASET, reviews.slice(0, 1000));
    await store.stamp(DATASET);
    await store.unstamp(DATASET);
    const writing = attempt(store.failureOf, () => store.upsert(DATASET, reviews));
    // The middle is where more is there than before, and not all of it.
    const watcher = await MongoClient.connect(first.uri);
    for (const counted = watcher.db().collection('reviews'); (await counted.estimatedDocumentCount()) < 3000;) continue;
    await watcher.close();
    await cable.cut();
    const result = await writing;
    assert.ok(!result.ok, 'the write was cut');
    assert.equal(result.failure.kind, 'unreachable', result.failure.why);
    assert.equal((await attempt(store.failureOf, () => store.all(DATASET))).ok, false, 'still away');
    await first.stop();
    const second = await startMongo({ file });
    t.after(() => second.kill());
    await cable.mend(second.port);
    const again = await open(uri);
    t.after(() => again.close());
    assert.equal(await check({ workspace: folder, env: { MONGODB_URI: uri }, receipt: { target: `${again.target}#${DATASET}`, rows: 1000, checksum: '' } }), null, 'the cut write is noticed');
    const done = await again.upsert(DATASET, reviews);
    assert.equal(done.added + done.unchanged, reviews.length);
    assert.equal((await again.stamp(DATASET)).rows, reviews.length);
    assert.deepEqual(await again.history(DATASET), []);
  });
});
