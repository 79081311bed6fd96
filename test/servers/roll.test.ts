import assert from 'node:assert/strict';
import { readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { makeImage } from '../deployment/image.ts';
import { root } from '../pipeline/rig.ts';
import { Deployment, post, until } from '../services/rig.ts';
import { Program, freePort } from './services/process.ts';

let deployment: Deployment;
let server: Program;
let base = '';
beforeEach(async () => {
  deployment = new Deployment();
  deployment.release('r1', 1);
  makeImage(deployment.at('versions/v1'));
  makeImage(deployment.at('versions/v2'));
  symlinkSync(deployment.at('versions/v1'), deployment.at('current'));
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  server = new Program(process.execPath, [path.join(root, 'services/serve.js'), '--workspace', deployment.workspace, '--port', String(port), '--rate', '0', '--workers', '2', '--current', deployment.at('current')]);
  await server.answers(`${base}/readyz`);
});
afterEach(async () => {
  await server.stop('SIGKILL');
  await deployment.remove();
});

const version = async (): Promise<string> => ((await (await fetch(`${base}/livez`)).json()) as { version: string }).version;

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(deployment.at(file), 'utf8');
  assert.ok(text.includes(from), from);
  writeFileSync(deployment.at(file), text.replace(from, to));
}

/** Deploys v2 while somebody asks without a pause; how it ended, and how many requests failed. */
async function deploy(): Promise<{ readonly status: number | null; readonly output: string; readonly failed: number; readonly answered: number }> {
  const state = { stop: false };
  let [failed, answered] = [0, 0];
  const ask = async (): Promise<void> => {
    while (!state.stop) {
      const ok = await post(`${base}/api/predict`, { text: 'gagal' }).then((response) => response.arrayBuffer().then(() => response.ok), () => false);
      if (ok) answered++;
      else failed++;
    }
  };
  const asking = Promise.all(Array.from({ length: 5 }, ask));
  const program = new Program(process.execPath, [path.join(root, 'scripts/deploy/local.ts'), '--version', deployment.at('versions/v2'), '--current', deployment.at('current'), '--url', base, '--workspace', deployment.workspace]);
  const status = await new Promise<number | null>((resolve) => program.child.once('close', resolve));
  state.stop = true;
  await asking;
  return { status, output: program.output, failed, answered };
}

describe('pnpm deploy:local', () => {
  test('rolls a new version over the old one under load, without a failed request', async () => {
    const { status, output, failed, answered } = await deploy();
    assert.deepEqual([status, failed], [0, 0], output + server.output.slice(-800));
    assert.ok(answered > 100);
    assert.equal(await version(), 'v2');
    assert.equal(readlinkSync(deployment.at('current')), deployment.at('versions/v2'));
  });

  test('does not touch what runs where the new version cannot start', async () => {
    edit('versions/v2/services/server.ts', 'const USAGE', 'throw new Error("out of order");\nconst USAGE');
    const { status, output, failed } = await deploy();
    assert.deepEqual([status, failed], [1, 0]);
    assert.match(output, /nothing was changed: it ended with 1: .*/);
    assert.equal(await version(), 'v1');
  });

  test('goes back by itself where the new version is not well once readers use it', async () => {
    // Well at the rehearsal, sick in the place of the old one: it only shows under several processes.
    edit('versions/v2/services/api/predict.ts', 'async handle({ response, body, release }) {', 'async handle({ response, body, release }) {\n        if (process.send !== undefined) throw new RequestProblem({ status: 503, detail: "sick" });');
    const { status, output } = await deploy();
    assert.equal(status, 1);
    assert.match(output, /not well \(\/api\/predict: .*sick.*\): going back to v1[\s\S]*was rolled back/);
    await until(async () => ((await version()) === 'v1' ? true : undefined), 'the old version');
    assert.equal((await post(`${base}/api/predict`, { text: 'x' })).status, 200);
    assert.equal(readlinkSync(deployment.at('current')), deployment.at('versions/v1'));
  });
});
