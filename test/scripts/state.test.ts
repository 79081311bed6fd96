import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

  test('does not grow from run to run: results of earlier runs are left out', async () => {
    write('a/data/x', 'x');
    await state('push', 'a');
    const size = (): number => spawnSync('git', ['-C', path.join(folder, 'remote.git'), 'show', 'data:state.000']).stdout.length;
    const before = size();
    write('a/.repro/cache/objects/ab/cdef', randomBytes(100_000).toString('base64'));
    await state('push', 'a');
    assert.ok(size() - before < 1000, `${size() - before} bytes more`);
  });

  test('with another key, or one that is missing, brings nothing and breaks nothing', async () => {
    write('a/data/x', 'x');
    await state('push', 'a');
    const another = await state('pull', 'b', { STATE_KEY: 'another' });
    assert.deepEqual([another.status, existsSync(path.join(folder, 'b'))], [1, false]);
    assert.match(another.output, /^error: Cannot read what is kept on branch data of .*remote\.git: STATE_KEY is not the one[^\n]*\n$/);
    const without = await state('push', 'a', {});
    assert.deepEqual([without.status, /STATE_KEY/.test(without.output)], [2, true]);
    assert.equal((await state('fetch', 'a')).status, 2);
  });

  test('a branch that was cut is told of in the same sentence', async () => {
    const clone = path.join(folder, 'clone');
    const git = (...args: readonly string[]): void => assert.equal(spawnSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@localhost', ...args], { cwd: existsSync(clone) ? clone : folder }).status, 0, args.join(' '));
    write('a/data/x', 'x');
    await state('push', 'a');
    git('clone', '--quiet', '--branch', 'data', path.join(folder, 'remote.git'), clone);
    for (const text of ['', 'too short', 'x'.repeat(200)]) {
      writeFileSync(path.join(clone, 'state.000'), text);
      git('commit', '--quiet', '--all', '--message', 'cut');
      git('push', '--quiet');
      const { status, output } = await state('pull', 'b');
      assert.deepEqual([status, /Cannot read what is kept/.test(output), /\n {4}at /.test(output), existsSync(path.join(folder, 'b'))], [1, true, false, false], output);
    }
  });

  test('a repository that cannot be reached is told of in one line, without the password of its address or the token', async () => {
    write('a/data/x', 'x');
    const env = { STATE_KEY: 'key', GH_TOKEN: 'ghs_token', STATE_REMOTE: 'http://user:hunter2@127.0.0.1:1/x.git' };
    for (const command of ['pull', 'push']) {
      const { status, output } = await state(command, 'a', env);
      assert.equal(status, 1);
      assert.match(output, /^error: Cannot (reach|write to) http:\/\/127\.0\.0\.1:1\/x\.git: fatal: unable to access [^\n]*\n$/);
      assert.doesNotMatch(output, /hunter2|ghs_token/);
    }
    assert.deepEqual([(await state('pull', 'a', { STATE_KEY: 'key', STATE_REMOTE: '' })).status, (await state('pull', 'a', { STATE_KEY: 'key', STATE_REMOTE: '', GITHUB_REPOSITORY: '' })).output.includes('GITHUB_REPOSITORY')], [2, true]);
  });

  test('an empty workspace does not take the place of what is kept', async () => {
    write('a/data/x', 'x');
    await state('push', 'a');
    mkdirSync(path.join(folder, 'empty'));
    const { status, output } = await state('push', 'empty');
    assert.deepEqual([status, /what is kept already stays/.test(output)], [1, true], output);
    assert.equal((await state('pull', 'b')).status, 0);
    assert.ok(existsSync(path.join(folder, 'b/data/x')));
  });

  test('git finds the token in its environment, and in no list of processes', async () => {
    const bin = path.join(folder, 'bin');
    write('bin/git', `#!/bin/sh\necho "$*" >> "${folder}/words"\necho "$GIT_CONFIG_KEY_0 $GIT_CONFIG_VALUE_0" >> "${folder}/config"\nexit 1\n`);
    chmodSync(path.join(bin, 'git'), 0o755);
    await state('pull', 'a', { STATE_KEY: 'key', GH_TOKEN: 'ghs_token', PATH: `${bin}:${process.env.PATH ?? ''}` });
    const encoded = Buffer.from('x-access-token:ghs_token').toString('base64');
    assert.doesNotMatch(readFileSync(path.join(folder, 'words'), 'utf8'), new RegExp(`${encoded}|ghs_token`));
    assert.equal(readFileSync(path.join(folder, 'config'), 'utf8'), `http.extraheader AUTHORIZATION: basic ${encoded}\n`);
  });
});
