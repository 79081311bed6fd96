import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ownEnv, root } from '../pipeline/rig.ts';
import { Deployment } from '../services/rig.ts';

let deployment: Deployment;
beforeEach(() => void (deployment = new Deployment()));
afterEach(() => deployment.remove());

async function check(...args: readonly string[]): Promise<{ readonly status: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [path.join(root, 'scripts/deploy/check.ts'), '--workspace', deployment.workspace, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...ownEnv(), WORKERS: '2' } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { status: await new Promise((resolve) => child.on('close', resolve)), output };
}

describe('a version that is started beside what runs', () => {
  test('is well where it shows and predicts, and leaves no log and no word of itself', async () => {
    deployment.release('r1', 1);
    const { status, output } = await check();
    assert.equal(status, 0, output);
    assert.match(output, /^well$/m);
    assert.deepEqual(['logs', '.repro/server.json'].filter((file) => existsSync(deployment.at(file))), []);
  });

  test('is well where nothing is released yet, and says that it could not be asked', async () => {
    const { status, output } = await check();
    assert.equal(status, 0, output);
    assert.match(output, /nothing is released yet/);
  });

  test('is well where no model has passed the gate yet', async () => {
    deployment.release('r1', null);
    assert.equal((await check()).status, 0);
  });

  test('is not well where it cannot show what is released, and says why', async () => {
    deployment.release('r1', 1);
    rmSync(deployment.at('releases/r1/model/model.json'));
    const { status, output } = await check();
    assert.deepEqual([status, /not well: .*model\.json/.test(output)], [1, true], output);
  });
});

describe('a server that runs', () => {
  test('is asked where it is, also where others used up what may be asked', async () => {
    deployment.release('r1', 1);
    const base = await deployment.serve({ rate: 1 });
    for (let round = 0; round < 10; round++) await (await fetch(`${base}/api/summary`)).arrayBuffer();
    assert.equal((await check('--url', base)).status, 0);
  });

  test('is not well where it looks into another workspace: what is released there it does not know', async (t) => {
    const other = new Deployment();
    t.after(() => other.remove());
    const base = await other.serve();
    assert.equal((await check('--url', base)).status, 0);
    deployment.release('r1', 1);
    const { status, output } = await check('--url', base);
    assert.deepEqual([status, /it looks into another workspace/.test(output)], [1, true], output);
  });

  test('wrong flags are told of in a sentence', async () => {
    const { status, output } = await check('--what');
    assert.deepEqual([status, /Usage: node scripts\/deploy\/check\.ts/.test(output), /\n {4}at /.test(output)], [2, true, false]);
  });
});
