import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import pino from 'pino';
import { lockWorkspace } from '../../runner/workspace-lock.ts';
import { realDisk } from '../../runner/disk.ts';
import { clearCache } from '../../services/schedule/clear-cache.ts';
import { root } from '../pipeline/rig.ts';

const HASH = 'ab'.repeat(32);

describe('the cache after a scheduled run', () => {
  let workspace = '';
  let lines: string[] = [];
  const at = (file: string): string => path.join(workspace, '.repro/cache', file);
  const object = (): string => at(`objects/ab/${HASH.slice(2)}`);
  const clear = (keep: string): Promise<void> => clearCache({ roots: { code: root, workspace }, keep, log: pino({}, { write: (line: string) => void lines.push(line) }) });

  beforeEach(() => {
    workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-cache-'));
    lines = [];
    for (const folder of ['objects/ab', 'runs/cd']) mkdirSync(at(folder), { recursive: true });
    writeFileSync(object(), 'x'.repeat(2000));
    writeFileSync(at('runs/cd/ef.json'), JSON.stringify({ version: 1, outs: { 'data/x': HASH }, facts: {}, headline: null, seconds: 1, ranAt: '2026-01-01T00:00:00Z', log: null }));
  });
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));

  test('holds no more than was said, and the log says what went', async () => {
    await clear('2kB');
    assert.deepEqual([existsSync(object()), lines], [true, []]);
    await clear('1kB');
    assert.equal(existsSync(object()), false);
    assert.match(lines.join(''), /"results":1,"bytes":2000,"keptBytes":0.*one earlier result went out of the cache/);
  });

  test('stays as it is while somebody works in the workspace', async () => {
    const lock = await lockWorkspace({ workspace, disk: realDisk, now: '2026-01-01T00:00:00Z', wait: false, onWait: () => undefined, signal: new AbortController().signal });
    assert.ok(lock.kind === 'held');
    try {
      await clear('1kB');
    } finally {
      lock.release();
    }
    assert.equal(existsSync(object()), true);
    assert.match(lines.join(''), /The cache is as it was: error: Cannot clear the cache while process \d+ works/);
  });
});
