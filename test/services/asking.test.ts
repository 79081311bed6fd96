import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { takeExclusive } from '../../records/exclusive.ts';
import { requestRun, takeRequest } from '../../services/schedule/request.ts';
import { EMPTY, readState, setPaused, stoppedState, writeState } from '../../services/schedule/state.ts';

describe('asking the scheduler', () => {
  let workspace = '';
  beforeEach(() => void (workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-schedule-'))));
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));
  const now = new Date('2026-01-01T00:00:10Z');
  const ask = () => requestRun(workspace, { source: 'command', reason: 'x', now });

  test('is refused where none lives, taken once, and busy while one runs or waits', () => {
    assert.equal(ask(), 'no-scheduler');
    writeState(workspace, { ...EMPTY, pid: 1, aliveAt: '2026-01-01T00:00:00Z' });
    assert.equal(ask(), 'taken');
    assert.equal(ask(), 'busy');
    assert.equal(takeRequest(workspace)?.reason, 'x');
    assert.equal(takeRequest(workspace), null);
    writeState(workspace, { ...EMPTY, pid: 1, aliveAt: '2026-01-01T00:00:00Z', running: true });
    assert.equal(ask(), 'busy');
    writeState(workspace, { ...EMPTY, pid: 1, aliveAt: '2025-12-31T00:00:00Z' });
    assert.equal(ask(), 'no-scheduler', 'it was silent for too long');
    writeState(workspace, stoppedState({ ...EMPTY, pid: 1, aliveAt: '2026-01-01T00:00:05Z' }));
    assert.equal(ask(), 'no-scheduler', 'it was stopped just now');
  });

  test('says why in one line without what steers a terminal, and not at length', () => {
    writeState(workspace, { ...EMPTY, pid: 1, aliveAt: '2026-01-01T00:00:00Z' });
    const asked = (reason: string): string | undefined => (requestRun(workspace, { source: 'api', reason, now }), takeRequest(workspace)?.reason);
    assert.equal(asked(' new\r\ncorrections\u001b[2J\u202e\0 of "May" '), 'new corrections [2J of "May"');
    assert.equal(asked('x'.repeat(1000)), 'x'.repeat(200));
  });

  test('goes by the lock that a scheduler holds, whatever its state says: a clock that was set, a process that was killed', () => {
    const lock = takeExclusive(DatabaseSync, path.join(workspace, '.repro/schedule/lock.db'));
    for (const aliveAt of ['2025-12-31T00:00:00Z', '2026-01-01T01:00:00Z']) {
      writeState(workspace, { ...EMPTY, pid: 1, aliveAt });
      assert.equal(ask(), 'taken', aliveAt);
      takeRequest(workspace);
    }
    lock?.release();
    writeState(workspace, { ...EMPTY, pid: 1, aliveAt: '2026-01-01T00:00:09Z' });
    assert.equal(ask(), 'no-scheduler', 'it said so a second ago, and is gone');
  });

  test('believes no state of the future where the lock says nothing', () => {
    writeState(workspace, { ...EMPTY, pid: 1, aliveAt: '2026-01-01T01:00:00Z' });
    assert.equal(ask(), 'no-scheduler');
    writeState(workspace, { ...EMPTY, pid: 1, aliveAt: '2026-01-01T00:00:12Z' });
    assert.equal(ask(), 'taken', 'another machine may be a little ahead');
  });

  test('a state that was cut begins anew', () => {
    writeState(workspace, EMPTY);
    rmSync(path.join(workspace, '.repro/schedule/state.json'));
    assert.deepEqual(readState(workspace), EMPTY);
    setPaused(workspace, true);
    setPaused(workspace, false);
  });
});
