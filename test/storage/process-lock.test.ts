import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { lockFile } from '../../storage/process-lock.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-lock-'));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const MODULE = path.resolve(import.meta.dirname, '../../storage/process-lock.ts');
const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('close', resolve));

function run(code: string, file: string): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', `const { lockFile } = await import(process.argv[1]); ${code}`, MODULE, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

/** A process that takes the lock, says so and keeps it. */
async function holder(file: string): Promise<ChildProcess> {
  const child = run("console.log(lockFile(process.argv[2]).ok ? 'mine' : 'not mine'); setInterval(() => undefined, 1000);", file);
  const said = await new Promise<string>((resolve) => child.stdout?.once('data', (text: Buffer) => resolve(String(text).trim())));
  assert.equal(said, 'mine');
  return child;
}

/** Takes the lock and lets it go many times, and says how often somebody else was inside at the same time. */
const CONTENDER = `
  const { openSync, closeSync, rmSync } = await import('node:fs');
  const inside = process.argv[2] + '.inside';
  let [taken, together] = [0, 0];
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (taken < 200) {
    // A moment of the others: who only spins keeps the holder from its work.
    Atomics.wait(cell, 0, 0, 0.1);
    const lock = lockFile(process.argv[2]);
    if (!lock.ok) continue;
    taken++;
    try { closeSync(openSync(inside, 'wx')); } catch { together++; }
    rmSync(inside, { force: true });
    lock.release();
  }
  console.log(together);`;

describe('a lock file', () => {
  test('names its holder, and no longer does when it is released', () => {
    const file = path.join(folder, 'deep/lock');
    const lock = lockFile(file);
    assert.ok(lock.ok);
    assert.equal(readFileSync(file, 'utf8'), String(process.pid));
    lock.release();
    assert.ok(!existsSync(file));
    lock.release();
    const again = lockFile(file);
    assert.ok(again.ok);
    lock.release();
    assert.deepEqual(lockFile(file), { ok: false, pid: process.pid }, 'letting go twice does not let go of what another one holds');
    again.release();
  });

  test('keeps others out, in another process and in this one, and says who has it', async () => {
    const file = path.join(folder, 'held');
    const child = await holder(file);
    assert.deepEqual(lockFile(file), { ok: false, pid: child.pid });
    // Only a name for messages: cut, it opens nothing.
    for (const left of ['', 'x']) {
      writeFileSync(file, left);
      assert.deepEqual(lockFile(file), { ok: false, pid: 0 });
    }
    child.kill();
    await ended(child);
  });

  test('of a process that was killed is free at once, whatever it left', async () => {
    const file = path.join(folder, 'killed');
    const child = await holder(file);
    child.kill('SIGKILL');
    await ended(child);
    assert.equal(readFileSync(file, 'utf8'), String(child.pid), 'it could not let go');
    for (const left of [String(process.ppid), '', 'x']) {
      writeFileSync(file, left);
      const lock = lockFile(file);
      assert.ok(lock.ok, left);
      lock.release();
    }
  });

  test('is never held by two, however many take it and let it go at once', async () => {
    const file = path.join(folder, 'contended');
    const said = await Promise.all([1, 2, 3].map(() => run(CONTENDER, file)).map(async (child) => {
      let output = '';
      child.stdout?.on('data', (text: Buffer) => (output += String(text)));
      assert.equal(await ended(child), 0);
      return output.trim();
    }));
    assert.deepEqual(said, ['0', '0', '0']);
  });
});
