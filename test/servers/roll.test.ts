import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { post, until } from '../services/rig.ts';
import { ILL, Rolling, TWO, serving } from './services/rolling.ts';

let rolling: Rolling;
beforeEach(() => void (rolling = new Rolling()));
afterEach(() => rolling.remove());

describe('pnpm deploy:local', () => {
  test('rolls a new version over the old one under load, without a failed request', async () => {
    await rolling.start(TWO);
    const [{ status, output }, { answered, failed }] = await rolling.underLoad(() => rolling.deploy(rolling.version('v2')));
    assert.deepEqual([status, failed], [0, 0], output + rolling.server.output.slice(-800));
    assert.ok(answered > 100);
    assert.deepEqual(await rolling.answers(), ['v2']);
    assert.equal(readlinkSync(rolling.current), rolling.deployment.at('versions/v2'));
    assert.deepEqual(readdirSync(rolling.deployment.workspace).filter((name) => name.startsWith('current')).sort(), ['current', 'current.lock'], 'nothing is left beside the link');
  });

  test('rolls the only process of a server as well: a new one is ready before the old one leaves', async () => {
    await rolling.start(['--rate', '0']);
    const [{ status, output }, { failed }] = await rolling.underLoad(() => rolling.deploy(rolling.version('v2')));
    assert.deepEqual([status, failed], [0, 0], output);
    assert.deepEqual([await rolling.answers(), rolling.workers().length], [['v2'], 1]);
  });

  test('a server that refuses too many requests of others is not ill', async () => {
    await rolling.start(['--workers', '2', '--rate', '10']);
    const [{ status, output }, { limited }] = await rolling.underLoad(() => rolling.deploy(rolling.version('v2')));
    assert.ok(limited > 100);
    assert.equal(status, 0, output);
    assert.deepEqual(await rolling.answers(), ['v2']);
  });

  test('does not touch what runs where the new version cannot start', async () => {
    await rolling.start(TWO);
    const [{ status, output }, { failed }] = await rolling.underLoad(() => rolling.deploy(rolling.version('v2', ILL.cannotStart)));
    assert.deepEqual([status, failed], [1, 0]);
    assert.match(output, /nothing was changed: it ended with 1: .*/);
    assert.deepEqual(await rolling.answers(), ['v1']);
  });

  test('goes back by itself where the new version is not well once readers use it', async () => {
    await rolling.start(TWO);
    const { status, output } = await rolling.deploy(rolling.version('v2', ILL.predictsNot));
    assert.equal(status, 1);
    assert.match(output, /not well \(\/api\/predict: .*sick.*\): going back to v1[\s\S]*was rolled back/);
    assert.deepEqual(await rolling.answers(), ['v1']);
    assert.equal((await post(`${rolling.base}/api/predict`, { text: 'x' })).status, 200);
    assert.equal(readlinkSync(rolling.current), rolling.deployment.at('versions/v1'));
  });

  test('goes back where the new version answers nothing any more', async () => {
    await rolling.start(['--rate', '0']);
    const { status, output } = await rolling.deploy(rolling.version('v2', ILL.hangs));
    assert.equal(status, 1);
    assert.doesNotMatch(output, /did not come back/);
    assert.deepEqual(await rolling.answers(), ['v1']);
  });

  test('goes back where a process of the new version ends by itself, and another one answers', async () => {
    await rolling.start(TWO);
    const { status, output } = await rolling.deploy(rolling.version('v2', ILL.diesSoonAfter));
    assert.equal(status, 1, output);
    await until(async () => ((await rolling.answers()).join() === 'v1' ? true : undefined), 'the old version');
  });

  test('tells two versions apart whose folders have one name', async () => {
    await rolling.start(TWO, 'x/app');
    const { status, output } = await rolling.deploy(rolling.version('y/app', ILL.diesAsWorker));
    assert.equal(status, 1, output);
    assert.equal(readlinkSync(rolling.current), rolling.deployment.at('versions/x/app'));
    assert.equal((await rolling.deploy(rolling.version('z/app'))).status, 0);
    assert.equal(serving(rolling.deployment.at('versions/z/app')).length, 2);
  });

  test('leaves as many processes as there were, also where new ones neither serve nor end', async () => {
    await rolling.start(TWO);
    for (const [name, edit] of [['v2', ILL.diesAsWorker], ['v3', ILL.isNeverReady]] as const) {
      assert.match((await rolling.deploy(rolling.version(name, edit))).output, /did not all become ready/);
      assert.deepEqual([rolling.workers().length, await rolling.answers()], [2, ['v1']], name);
    }
    // What a failed start left behind would come a moment later.
    await sleep(1000);
    assert.deepEqual([rolling.workers().length, serving(rolling.deployment.at('versions/v1')).length], [2, 2]);
  });
});
