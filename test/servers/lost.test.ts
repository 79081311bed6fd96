import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { Pipeline, ownEnv, root, worked } from '../pipeline/rig.ts';
import { postgresMissing, startPostgres } from './postgres/server.ts';
import type { PostgresServer } from './postgres/server.ts';

const skip = postgresMissing();
const SETS = ['collect.sample.reviews=900', 'train.folds=3', 'train.random-forest.trees=8'].flatMap((set) => ['--set', set]);

describe('a PostgreSQL of which something was taken', { skip }, () => {
  const pipeline = new Pipeline();
  let postgres: PostgresServer;
  let admin: Client;
  before(async () => {
    postgres = await startPostgres();
    const url = postgres.fresh();
    pipeline.env = { DATABASE_URL: url };
    admin = new Client({ connectionString: url });
    await admin.connect();
    worked(await pipeline.repro('publish'));
  });
  after(async () => {
    await admin.end();
    await postgres.stop();
    pipeline.remove();
  });
  const publishes = async (): Promise<readonly string[]> => worked(await pipeline.repro('publish')).filter((name) => name !== 'watch' && name !== 'site');
  const predicted = async (): Promise<number> => Number((await admin.query<{ readonly n: string }>('select count(*) filter (where predicted is not null) as n from review_sentiment')).rows[0]?.n);

  test('is noticed and filled by the next run, predictions, views and tables, and then there is nothing to do', async () => {
    const all = await predicted();
    assert.ok(all > 800);
    for (const taken of ['delete from prediction', "delete from prediction where id = (select min(id) from prediction)", 'drop view review_sentiment cascade', 'drop table prediction cascade', 'drop table dataset cascade']) {
      await admin.query(taken);
      assert.deepEqual(await publishes(), ['publish'], taken);
      assert.equal(await predicted(), all, taken);
      assert.deepEqual(await publishes(), [], taken);
    }
  });

  test('is filled by pnpm data restore, whatever a run believes of it', async () => {
    const all = await predicted();
    await admin.query('alter table report disable trigger all');
    await admin.query('drop view label');
    await admin.query('delete from report');
    const child = spawn(process.execPath, [path.join(root, 'scripts/data.js'), 'restore', '--workspace', pipeline.workspace, ...SETS], { env: { ...ownEnv(), ...pipeline.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    assert.equal(await new Promise((resolve) => child.on('close', resolve)), 0, output);
    assert.equal(await predicted(), all);
    assert.equal((await admin.query('select * from label')).rowCount, (await admin.query('select * from review')).rowCount);
    assert.equal((await admin.query('select name from report')).rowCount, 3);
    assert.deepEqual(await publishes(), []);
  });

  test('and whose tables are not those that were made is told in a sentence, with what to do', async () => {
    await admin.query('alter table prediction drop column neutral');
    await admin.query('delete from receipt');
    const run = await pipeline.repro('publish');
    assert.equal(run.status, 1);
    assert.match(run.output, /The tables of postgres:\/\/127\.0\.0\.1:\d+\/test_0 are not those that were made there: column "neutral"[^\n]* does not exist/);
    assert.match(run.output, /what was changed by hand has to be dropped first, or DATABASE_URL to name an empty database/);
    assert.doesNotMatch(run.output, /threw|\n\s+at /);
    await admin.query('drop table prediction cascade');
    assert.deepEqual(await publishes(), ['publish']);
  });
});
