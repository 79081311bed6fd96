import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MongoClient } from 'mongodb';
import { Client } from 'pg';
import { Pipeline, worked } from '../pipeline/rig.ts';
import { mongoMissing, startMongo } from './mongo/server.ts';
import type { MongoServer } from './mongo/server.ts';
import { postgresMissing, startPostgres } from './postgres/server.ts';
import type { PostgresServer } from './postgres/server.ts';

const skip = mongoMissing() === false ? postgresMissing() : mongoMissing();
const DATASET = 'sample:com.valar.pintu';

describe('the pipeline on real stores', { skip }, () => {
  const pipeline = new Pipeline();
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-stores-'));
  let postgres: PostgresServer;
  let mongo: MongoServer;
  let uri = '';
  let url = '';
  before(async () => {
    postgres = await startPostgres();
    mongo = await startMongo({ file: path.join(folder, 'mongo') });
    uri = (process.env.MONGODB_URI ?? mongo.uri).replace(/\/ulasan$/, `/ulasan_${process.pid}`);
    url = postgres.fresh();
    pipeline.env = { MONGODB_URI: uri, DATABASE_URL: url };
  });
  after(async () => {
    await mongo.stop();
    await postgres.stop();
    pipeline.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const count = async (of: string): Promise<unknown> => {
    const client = new Client({ connectionString: of });
    await client.connect();
    try {
      return (await client.query<{ readonly n: number }>('select count(*)::integer as n from review where dataset = $1', [DATASET])).rows[0]?.n;
    } finally {
      await client.end();
    }
  };
  const reviews = async <T>(work: (collection: ReturnType<ReturnType<MongoClient['db']>['collection']>) => Promise<T>): Promise<T> => {
    const client = await MongoClient.connect(uri);
    try {
      return await work(client.db().collection('reviews'));
    } finally {
      await client.close();
    }
  };

  test('fills both, and the next run has nothing to do', async () => {
    const first = worked(await pipeline.repro('publish'));
    assert.ok(first.includes('collect') && first.includes('publish'));
    assert.equal(await reviews((all) => all.countDocuments({ dataset: DATASET })), 900);
    assert.ok(Number(await count(url)) > 800);
    assert.deepEqual(worked(await pipeline.repro('publish')), []);
  });

  test('gives the same export as the embedded stores, to the byte', async () => {
    const embedded = new Pipeline();
    try {
      worked(await embedded.repro('clean'));
      for (const file of ['data/collect/reviews.csv', 'data/collect/history.jsonl', 'data/clean/reviews.csv']) assert.equal(pipeline.read(file), embedded.read(file), file);
    } finally {
      embedded.remove();
    }
  });

  test('an empty database at another address is filled by the next run, and nothing else runs', async () => {
    const other = postgres.fresh();
    pipeline.env = { MONGODB_URI: uri, DATABASE_URL: other };
    assert.deepEqual(worked(await pipeline.repro('publish')).filter((name) => name !== 'watch' && name !== 'site'), ['publish']);
    assert.equal(await count(other), await count(url));
    pipeline.env = { MONGODB_URI: uri, DATABASE_URL: url };
    worked(await pipeline.repro('publish'));
  });

  test('reviews that somebody took out of the raw store are put back, and nothing after it runs', async () => {
    await reviews((all) => all.deleteMany({ dataset: DATASET, rating: 1 }));
    const ran = worked(await pipeline.repro('publish'));
    assert.deepEqual(ran.filter((name) => name !== 'watch' && name !== 'site'), ['collect']);
    assert.equal(await reviews((all) => all.countDocuments({ dataset: DATASET })), 900);
  });

  test('a database that is away fails the run and says so; when it is back the next run catches up', async () => {
    await postgres.kill();
    const away = await pipeline.repro('publish', '--force', '--single');
    assert.equal(away.status, 1);
    assert.match(away.output, /Cannot reach postgres:\/\/127\.0\.0\.1:\d+\/test_0/);
    await postgres.start();
    assert.deepEqual(worked(await pipeline.repro('publish')).filter((name) => name !== 'watch' && name !== 'site'), ['publish']);
  });
});
