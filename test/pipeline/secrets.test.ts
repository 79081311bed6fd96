import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { filesBeneath } from '../../scripts/data/traces.ts';
import { Pipeline } from './rig.ts';

const SECRET = 'hunter2-and-more';

/** Files of the workspace in which the secret stands. */
function leaks(workspace: string): readonly string[] {
  return filesBeneath(workspace).filter((file) => readFileSync(file).includes(SECRET));
}

describe('secrets of the environment', () => {
  const pipeline = new Pipeline();
  after(() => pipeline.remove());

  test('are in no message, record, log or report when a server cannot be reached', async () => {
    pipeline.env = { MONGODB_URI: `mongodb://budi:${SECRET}@127.0.0.1:1/ulasan`, PRIVACY_KEY: SECRET };
    const raw = await pipeline.repro('collect', '--set', 'privacy.users=hash');
    assert.equal(raw.status, 1);
    assert.match(raw.output, /Cannot reach mongodb:\/\/127\.0\.0\.1:1\/ulasan/);
    pipeline.env = { DATABASE_URL: `postgres://budi:${SECRET}@127.0.0.1:1/ulasan`, PRIVACY_KEY: SECRET };
    const sql = await pipeline.repro('publish', '--set', 'privacy.users=hash', '--verbose');
    assert.equal(sql.status, 1, sql.output);
    assert.match(sql.output, /Cannot reach postgres:\/\/127\.0\.0\.1:1\/ulasan/);
    for (const { output } of [raw, sql]) assert.ok(!output.includes(SECRET));
    assert.deepEqual(leaks(pipeline.workspace), []);
    const why = await pipeline.repro('why', 'publish');
    assert.ok(!why.output.includes(SECRET), why.output);
  });
});
