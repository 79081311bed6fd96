import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { root } from '../pipeline/rig.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ulasan-state-'));
  spawnSync('git', ['init', '--quiet', '--bare', path.join(folder, 'remote.git')]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function state(command: string, workspace: string, env: Readonly<Record<string, string>> = { STATE_KEY: 'key' }): Promise<{ readonly status: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [path.join(root, 'scripts/state.ts'), command], {
    stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH ?? '', HOME: folder, REPRO_WORKSPACE: path.join(folder, workspace), STATE_REMOTE: path.join(folder, 'remote.git'), ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { status: await new Promise((resolve) => child.on('close', resolve)), output };
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
}

describe('pnpm state', () => {
  test('carries the workspace to a machine that knows nothing, in one commit that nobody can read', async () => {
    assert.match((await state('pull', 'b')).output, /nothing is kept yet/);
    write('a/data/collect/reviews.csv', 'what a user wrote\n');
    write('a/.repro/stages/collect.json', '{}');
    write('a/logs/x.jsonl', 'not kept');
    for (const text of ['first', 'second']) {
      write('a/models/registry.json', text);
      assert.equal((await state('push', 'a')).status, 0);
    }
    const git = (...args: readonly string[]): string => spawnSync('git', ['-C', path.join(folder, 'remote.git'), ...args], { encoding: 'latin1' }).stdout;
    assert.equal(git('rev-list', '--count', 'data').trim(), '1', 'the branch does not grow');
    assert.doesNotMatch(git('show', 'data:state.000'), /what a user wrote|reviews\.csv/);
    assert.equal((await state('pull', 'b')).status, 0);
    assert.deepEqual([readFileSync(path.join(folder, 'b/data/collect/reviews.csv'), 'utf8'), readFileSync(path.join(folder, 'b/models/registry.json'), 'utf8'), existsSync(path.join(folder, 'b/logs'))], ['what a user wrote\n', 'second', false]);
  });

  test('with another key, or one that is missing, brings nothing and breaks nothing', async () => {
    write('a/data/x', 'x');
    await state('push', 'a');
    assert.notEqual((await state('pull', 'b', { STATE_KEY: 'another' })).status, 0);
    assert.equal(existsSync(path.join(folder, 'b')), false);
    const without = await state('push', 'a', {});
    assert.deepEqual([without.status, /STATE_KEY/.test(without.output)], [2, true]);
    assert.equal((await state('fetch', 'a')).status, 2);
  });
});
