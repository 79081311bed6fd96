import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withRegistryLock } from '../../registry/lock.ts';
import { endChildren, start } from '../registry/children.ts';
import { Deployment, post } from './rig.ts';

let deployment: Deployment;
beforeEach(() => void (deployment = new Deployment()));
afterEach(async () => {
  delete process.env.API_TOKEN;
  endChildren();
  await deployment.remove();
});

interface Listed {
  readonly serving: string;
  readonly models: readonly { readonly version: string; readonly whole: boolean; readonly macroF1: number | null }[];
}

const rollback = (base: string): Promise<Response> => post(`${base}/api/models/rollback`, { reason: 'odd labels' }, { Authorization: 'Bearer token' });

async function served(): Promise<string> {
  process.env.API_TOKEN = 'token';
  deployment.release('r2', 2);
  return deployment.serve();
}

describe('the models of the API', () => {
  test('tell which version is whole: one whose manifest or model is cut is not, and the others are as before', async () => {
    const [first, second] = [deployment.champion(1), deployment.champion(2)];
    const base = await served();
    const whole = async (): Promise<readonly (readonly [string, boolean, number | null])[]> => {
      const response = await fetch(`${base}/api/models`);
      assert.equal(response.status, 200);
      return ((await response.json()) as Listed).models.map(({ version, whole: is, macroF1 }) => [version, is, macroF1]);
    };
    assert.deepEqual(await whole(), [[second, true, 0.7], [first, true, 0.7]]);
    for (const text of ['{', '{}', '']) {
      writeFileSync(deployment.at('models/versions', first, 'manifest.json'), text);
      assert.deepEqual(await whole(), [[second, true, 0.7], [first, false, null]], text);
    }
    rmSync(deployment.at('models/versions'), { recursive: true });
    assert.deepEqual(await whole(), [[second, false, null], [first, false, null]]);
  });

  test('of a registry that is cut are a problem that says what to do, and the rest of the API goes on', async () => {
    const second = deployment.champion(2);
    const base = await served();
    deployment.write('models/registry.json', '{"format":1');
    for (const response of [await fetch(`${base}/api/models`), await rollback(base)]) {
      assert.equal(response.status, 500);
      assert.match(response.headers.get('content-type') ?? '', /problem\+json/);
      const { detail } = (await response.json()) as { detail: string };
      assert.match(detail, /^Cannot read models\/registry\.json: .*: bring models\/registry\.json back from a copy/);
      assert.doesNotMatch(detail, new RegExp(deployment.workspace));
    }
    assert.equal(((await (await post(`${base}/api/predict`, { text: 'x' })).json()) as { model: string }).model, second);
    assert.equal(readFileSync(deployment.at('models/registry.json'), 'utf8'), '{"format":1');
  });

  test('are rolled back while another process holds the lock: the server waits, answers others meanwhile, and goes on when it is free', async () => {
    const first = deployment.champion(1);
    deployment.champion(2);
    const base = await served();
    const holder = start({ workspace: deployment.workspace, does: [{ kind: 'hold', until: deployment.at('go') }] });
    await holder.until((told) => told === 'held');
    let isAnswered = false;
    const asked = rollback(base).finally(() => (isAnswered = true));
    // Of a server that waits by doing nothing else these would not be answered before the lock is free, which they set free.
    for (let time = 0; time < 20; time++) {
      assert.equal((await fetch(`${base}/livez`)).status, 200);
      await sleep(10);
    }
    assert.equal(isAnswered, false);
    deployment.write('go', '');
    const response = await asked;
    assert.deepEqual([response.status, ((await response.json()) as { champion: string }).champion], [200, first]);
    await holder.ended;
  });

  test('are mended by promoting the champion once more', async () => {
    const first = deployment.champion(1);
    const base = await served();
    const response = await post(`${base}/api/models/${first}/promote`, { reason: 'the release still has the other' }, { Authorization: 'Bearer token' });
    assert.equal(response.status, 200);
    const { release, ...changed } = (await response.json()) as { champion: string; previous: string; release: string };
    assert.equal(changed.champion, first);
    const { models, serving } = (await (await fetch(`${base}/api/models`)).json()) as Listed;
    assert.deepEqual([serving, models.length], [first, 1]);
    assert.match(release, /^\d{8}T\d{9}Z-[0-9a-f]{4}$/);
    assert.equal((await post(`${base}/api/models/${first}/promote`, { reason: 'again' }, { Authorization: 'Bearer token' })).status, 409);
  });

  test('are not changed for a version that is blank', async () => {
    const [first, second] = [deployment.champion(1), deployment.champion(2)];
    const base = await served();
    const ask = (path: string, body: unknown): Promise<Response> => post(`${base}/api/models/${path}`, body, { Authorization: 'Bearer token' });
    for (const [path, body] of [['%20/promote', { reason: 'x' }], ['%09/promote', { reason: 'x' }], ['rollback', { reason: 'x', version: '' }], ['rollback', { reason: 'x', version: ' ' }]] as const) {
      const response = await ask(path, body);
      assert.equal(response.status, 422, path);
      assert.match(await response.text(), /A version must be named: GET \/api\/models lists them/);
    }
    assert.equal((await ask('/promote', { reason: 'x' })).status, 405, 'there is no such path');
    assert.equal((await ask(`${first.slice(0, 3)}/promote`, { reason: 'x' })).status, 404, 'no beginning of one is taken for it');
    assert.equal(((await (await fetch(`${base}/api/models`)).json()) as Listed).serving, second);
  });

  test('whom the disk does not let change stay as they are', async () => {
    deployment.champion(1);
    const second = deployment.champion(2);
    const base = await served();
    rmSync(deployment.at('models/.lock.db'), { force: true });
    writeFileSync(deployment.at('models/.lock.db'), 'this is no lock, and long enough for a head of one');
    const response = await rollback(base);
    assert.equal(response.status, 500);
    assert.match(((await response.json()) as { detail: string }).detail, /^Cannot lock models\/\.lock\.db: file is not a database/);
    assert.equal(((await (await fetch(`${base}/api/models`)).json()) as Listed).serving, second);
    rmSync(deployment.at('models/.lock.db'));
    const free = await withRegistryLock(deployment.models, () => ({ ok: true, value: 1 }), { waitMs: 0 });
    assert.ok(free.ok, 'and nobody is held up by it');
  });
});
