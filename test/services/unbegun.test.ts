import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { runOnce } from '../../services/schedule/child.ts';
import { readHistory } from '../../services/schedule/history.ts';
import type { RunOutcome } from '../../services/schedule/loop.ts';
import { root } from '../pipeline/rig.ts';
import { quiet } from './rig.ts';

describe('a run that cannot even be begun', () => {
  let workspace = '';
  const before = { ...process.env };
  beforeEach(() => {
    workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-schedule-'));
    for (const name of ['DATABASE_URL', 'DATABASE_URL_FILE', 'ALERT_WEBHOOK_URL', 'ALERT_WEBHOOK_URL_FILE']) delete process.env[name];
  });
  afterEach(() => {
    process.env = { ...before };
    rmSync(workspace, { recursive: true, force: true });
  });
  const run = (sets: readonly string[], isLast: boolean): Promise<RunOutcome> =>
    runOnce({ roots: { code: root, workspace }, sets, log: quiet, signal: new AbortController().signal }, 'time', { number: isLast ? 2 : 1, isLast, reason: '' });
  const told = (): string => readFileSync(path.join(workspace, 'logs/alerts.jsonl'), 'utf8');

  test('has failed: it is remembered, and told of after its last try', async () => {
    process.env.DATABASE_URL_FILE = path.join(workspace, 'no-such-secret');
    assert.equal(await run([], false), 'failed');
    assert.throws(told, /ENOENT/);
    assert.equal(await run([], true), 'failed');
    assert.deepEqual(readHistory(workspace, 9).map(({ attempt, outcome, run: id }) => [attempt, outcome, id]), [[2, 'failed', null], [1, 'failed', null]]);
    assert.match(told(), /run-failed/);
  });

  test('also by a bug, and where the address of the database is none', async () => {
    assert.equal(await run(['a=\0'], true), 'failed', 'no process takes such a word');
    process.env.DATABASE_URL = 'postgres://ulasan:s3cr/et@db/ulasan';
    assert.equal(await run([], true), 'failed');
    assert.equal(readHistory(workspace, 9).length, 2);
    assert.equal(told().match(/"kind":"run-failed"/g)?.length, 2);
    assert.doesNotMatch(told(), /s3cr/);
  });
});
