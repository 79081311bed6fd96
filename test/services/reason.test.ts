import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import pino from 'pino';
import { runOnce } from '../../services/schedule/child.ts';
import { root } from '../pipeline/rig.ts';

describe('why somebody asked for a run', () => {
  let workspace = '';
  const before = { ...process.env };
  beforeEach(() => {
    workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-reason-'));
    for (const name of ['DATABASE_URL', 'DATABASE_URL_FILE', 'ALERT_WEBHOOK_URL', 'ALERT_WEBHOOK_URL_FILE']) delete process.env[name];
  });
  afterEach(() => {
    process.env = { ...before };
    rmSync(workspace, { recursive: true, force: true });
  });

  test('stands in the line of its begin, in the history, in the status and in the alert', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    const signal = new AbortController().signal;
    const outcome = await runOnce({ roots: { code: root, workspace }, sets: ['nosuch.key=1'], log, signal }, 'api', { number: 2, isLast: true, reason: 'new corrections' });
    assert.equal(outcome, 'failed');
    assert.deepEqual(lines.filter(({ reason }) => reason !== undefined).map(({ reason, msg }) => [reason, msg]), [['new corrections', 'a run begins: api, try 2: "new corrections"']]);
    const read = (file: string): string => readFileSync(path.join(workspace, file), 'utf8');
    assert.equal((JSON.parse(read('.repro/schedule/history.jsonl')) as { readonly reason: string }).reason, 'new corrections');
    assert.ok(read('logs/alerts.jsonl').includes('"startedBy":"the scheduler (api, try 2: \\"new corrections\\")"'));
    const { stdout } = spawnSync(process.execPath, [path.join(root, 'services/schedule.js'), 'status', '--workspace', workspace], { encoding: 'utf8' });
    assert.match(stdout, /failed .* api, try 2: "new corrections"\n/);
  });
});
