import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { lockFile } from '../../storage/process-lock.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-lock-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('a lock file', () => {
  test('names its holder, and is gone when released', () => {
    const file = path.join(folder, 'deep/lock');
    const lock = lockFile(file);
    assert.ok(lock.ok);
    assert.equal(readFileSync(file, 'utf8'), String(process.pid));
    lock.release();
    assert.ok(!existsSync(file));
  });

  test('of a living process keeps others out', () => {
    const file = path.join(folder, 'living');
    writeFileSync(file, String(process.ppid));
    assert.deepEqual(lockFile(file), { ok: false, pid: process.ppid });
    assert.equal(readFileSync(file, 'utf8'), String(process.ppid));
  });

  test('of a process that is gone, or cut before its pid was written, is taken over', () => {
    const gone = spawnSync(process.execPath, ['-e', '0']).pid;
    for (const left of [String(gone), '', 'x']) {
      const file = path.join(folder, 'stale');
      writeFileSync(file, left);
      const lock = lockFile(file);
      assert.ok(lock.ok, left);
      lock.release();
    }
  });
});
