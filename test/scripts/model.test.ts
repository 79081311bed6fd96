import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { root } from '../pipeline/rig.ts';
import { APP, Deployment } from '../services/rig.ts';

let deployment: Deployment;
beforeEach(() => void (deployment = new Deployment()));
afterEach(() => deployment.remove());

async function model(...args: readonly string[]): Promise<{ readonly status: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [path.join(root, 'scripts/model.js'), ...args, '--workspace', deployment.workspace, '--source', 'sample', '--app', APP], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { status: await new Promise((resolve) => child.on('close', resolve)), output };
}

describe('pnpm model', () => {
  test('lists versions, newest first, with who serves', async () => {
    const [first, second] = [deployment.champion(1), deployment.champion(2)];
    const { status, output } = await model('list');
    assert.equal(status, 0);
    assert.match(output, new RegExp(`${second} +champion +0\\.700 +0\\.600-0\\.800[\\s\\S]*${first} `));
    const { versions } = JSON.parse((await model('list', '--json')).output) as { versions: { version: string; state: string }[] };
    assert.deepEqual(versions.map(({ version, state }) => [version, state]), [[second, 'champion'], [first, '']]);
  });

  test('rolls back and forth in one command each, and says what serves', async () => {
    const [first, second] = [deployment.champion(1), deployment.champion(2)];
    deployment.release('r2', 2);
    const back = await model('rollback', '--reason', 'odd labels', '--actor', 'me');
    assert.equal(back.status, 0);
    assert.match(back.output, new RegExp(`Champion is now ${first} \\(it was ${second}\\)[\\s\\S]*labels in the report are still of ${second}`));
    assert.match((await model('rollback', '--reason', 'a mistake')).output, new RegExp(`Champion is now ${second} `));
    const shown = await model('show', first.slice(0, 4));
    assert.match(shown.output, /rollback +[0-9a-f]{12} +[0-9a-f]{12} +me +odd labels/);
  });

  test('promotes by the beginning of a version', async () => {
    const first = deployment.champion(1);
    deployment.champion(2);
    assert.match((await model('promote', first.slice(0, 6), '--reason', 'x')).output, new RegExp(`Champion is now ${first}`));
    assert.match((await model('promote', first, '--reason', 'x')).output, /already/);
  });

  test('says what is missing: a reason, a version, a champion before, a dataset', async () => {
    assert.match((await model('list')).output, /no model of sample:com\.example\.app yet/);
    deployment.champion(1);
    for (const [args, status, text] of [
      [['rollback'], 2, /--reason/], [['rollback', '--reason', 'x'], 1, /no earlier champion/], [['promote', '--reason', 'x'], 2, /Name a version/], [['show', 'zzz'], 1, /no version "zzz"/],
      [['lst'], 2, /Unknown command "lst"/], [[], 2, /Name a command/], [['list', '--odd'], 2, /--odd/],
    ] as const) {
      const said = await model(...args);
      assert.equal(said.status, status, args.join(' '));
      assert.match(said.output, text);
    }
  });
});
