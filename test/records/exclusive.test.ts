import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { isTaken, takeExclusive } from '../../records/exclusive.ts';
import { root } from '../pipeline/rig.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'ulasan-exclusive-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const file = (): string => path.join(folder, 'made', 'lock.db');
const script = (code: string): readonly string[] => ['--input-type=module', '-e', `import { DatabaseSync } from 'node:sqlite'; const { takeExclusive } = await import(${JSON.stringify(path.join(root, 'records/exclusive.ts'))}); ${code}`, file()];

describe('an exclusive lock', () => {
  test('is had by one of this process, and by the next one when it is let go', () => {
    const first = takeExclusive(DatabaseSync, file());
    assert.equal(takeExclusive(DatabaseSync, file()), null);
    first?.release();
    const second = takeExclusive(DatabaseSync, file());
    assert.notEqual(second, null);
    first?.release();
    assert.equal(takeExclusive(DatabaseSync, file()), null, 'letting go twice lets go of nothing that another one holds');
    second?.release();
  });

  test('of another process is freed by its death, however it dies', async () => {
    const child = spawn(process.execPath, script('takeExclusive(DatabaseSync, process.argv[1]); console.log(1); setInterval(() => globalThis.gc?.(), 5);'), { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    assert.equal(takeExclusive(DatabaseSync, file()), null);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    takeExclusive(DatabaseSync, file())?.release();
    assert.notEqual(takeExclusive(DatabaseSync, file()), null);
  });

  test('of eight processes that want it at once is had by one', async () => {
    // Each lives until all have said whether they have it.
    const children = Array.from({ length: 8 }, () => spawn(process.execPath, script('console.log(takeExclusive(DatabaseSync, process.argv[1]) !== null); process.stdin.resume();'), { stdio: ['pipe', 'pipe', 'inherit'] }));
    const won = await Promise.all(children.map((child) => new Promise<string>((resolve) => child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim())))));
    for (const child of children) child.stdin.end();
    assert.deepEqual(won.filter((word) => word === 'true'), ['true']);
  });

  test('is held without a reference to it: nothing that is collected lets go of it', async () => {
    const code = "takeExclusive(DatabaseSync, process.argv[1]); for (let round = 0; round < 20; round++) { globalThis.gc(); await new Promise((resolve) => setImmediate(resolve)); } console.log(takeExclusive(DatabaseSync, process.argv[1]));";
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', ...script(code)]);
    assert.equal(stdout, 'null\n');
  });

  test('that cannot be made says why, with its path', () => {
    writeFileSync(path.join(folder, 'made'), '');
    assert.throws(() => takeExclusive(DatabaseSync, file()), { code: /EEXIST|ENOTDIR/ });
    rmSync(path.join(folder, 'made'));
    takeExclusive(DatabaseSync, file())?.release();
    writeFileSync(file(), 'no database');
    assert.throws(() => takeExclusive(DatabaseSync, file()), /not a database/);
  });

  test('is asked of by any process: nothing is made by it, and it is free the moment its holder dies', async () => {
    assert.equal(isTaken(DatabaseSync, file()), null, 'nobody can say');
    assert.equal(existsSync(path.dirname(file())), false);
    const child = spawn(process.execPath, script('takeExclusive(DatabaseSync, process.argv[1]); console.log(1); setInterval(() => undefined, 1000);'), { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    assert.equal(isTaken(DatabaseSync, file()), true);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    assert.equal(isTaken(DatabaseSync, file()), false);
    const held = takeExclusive(DatabaseSync, file());
    assert.deepEqual([isTaken(DatabaseSync, file()), takeExclusive(DatabaseSync, file())], [true, null], 'its holder may ask, and has it after');
    held?.release();
  });

  test('is not missed by who takes it while another one asks', async () => {
    takeExclusive(DatabaseSync, file())?.release();
    // An asking that lasts.
    const asking = new DatabaseSync(file(), { readOnly: true });
    asking.exec('begin; pragma schema_version');
    assert.equal(isTaken(DatabaseSync, file()), false, 'many may ask at once');
    assert.equal(takeExclusive(DatabaseSync, file()), null);
    const child = spawn(process.execPath, script('console.log(1); console.log(takeExclusive(DatabaseSync, process.argv[1], { waitMs: 60_000 }) !== null);'), { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    asking.close();
    await new Promise((resolve) => child.once('close', resolve));
    assert.equal(said, '1\ntrue\n');
  });
});
