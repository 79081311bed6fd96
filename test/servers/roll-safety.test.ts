import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { point } from '../../scripts/deploy/link.ts';
import { serverStateFile } from '../../services/state/server.ts';
import { until } from '../services/rig.ts';
import { Program } from './services/process.ts';
import { ILL, Rolling, TWO, serving } from './services/rolling.ts';

let rolling: Rolling;
beforeEach(() => void (rolling = new Rolling()));
afterEach(() => rolling.remove());

describe('two deployments', () => {
  test('at once: the second is refused, and all processes run the first', async () => {
    await rolling.start(TWO);
    const [second, third] = [rolling.version('v2'), rolling.version('v3')];
    const first = rolling.deploying(second);
    await until(() => (existsSync(`${rolling.current}.lock`) ? true : undefined), 'the lock');
    await sleep(250);
    const { status, output } = await rolling.deploy(third);
    assert.deepEqual([status, /another deployment of .* is under way/.test(output)], [1, true], output);
    assert.equal(await first.ended(), 0, first.output);
    assert.deepEqual([await rolling.answers(), readlinkSync(rolling.current)], [['v2'], second]);
    assert.equal((await rolling.deploy(third)).status, 0, 'the lock is free again');
  });

  test('a SIGHUP that comes while processes are being replaced is remembered', async () => {
    await rolling.start(TWO);
    const [second, third] = [rolling.version('v2'), rolling.version('v3')];
    point(rolling.current, second);
    rolling.server.child.kill('SIGHUP');
    await until(() => (serving(second).length > 0 ? true : undefined), 'the first new process');
    await sleep(400);
    point(rolling.current, third);
    rolling.server.child.kill('SIGHUP');
    await until(() => (rolling.state()?.ended?.turn === 2 ? true : undefined), 'the end of the second turn', 30_000);
    assert.deepEqual([await rolling.answers(), serving(third).length], [['v3'], 2]);
  });
});

describe('pnpm deploy:local touches nothing', () => {
  test('where the file of the server names the process of somebody else', async () => {
    await rolling.start(TWO);
    const stranger = spawn('sleep', ['60']);
    writeFileSync(serverStateFile(rolling.deployment.workspace), JSON.stringify({ ...rolling.state(), pid: stranger.pid, instance: 'of-long-ago' }));
    const { status, output } = await rolling.deploy(rolling.version('v2'));
    assert.deepEqual([status, stranger.exitCode, stranger.signalCode], [1, null, null]);
    stranger.kill();
    assert.match(output, /nothing was changed: what answers at .* is not the server of/);
    assert.deepEqual([await rolling.answers(), readlinkSync(rolling.current)], [['v1'], rolling.deployment.at('versions/v1')]);
  });

  test('where the server is gone, follows no link or another one, or never was', async () => {
    await rolling.start(TWO);
    const second = rolling.version('v2');
    const refused = async (why: RegExp): Promise<void> => {
      const { status, output } = await rolling.deploy(second);
      assert.deepEqual([status, readlinkSync(rolling.current)], [1, rolling.deployment.at('versions/v1')], output);
      assert.match(output, why);
      assert.doesNotMatch(output, /\n {4}at /);
    };
    const state = rolling.state();
    writeFileSync(serverStateFile(rolling.deployment.workspace), JSON.stringify({ ...state, current: null }));
    await refused(/the server follows no link, not .*current/);
    writeFileSync(serverStateFile(rolling.deployment.workspace), JSON.stringify(state));
    await rolling.server.stop('SIGKILL');
    await until(async () => ((await fetch(`${rolling.base}/livez`).catch(() => undefined)) === undefined ? true : undefined), 'the end of all processes');
    await refused(/nothing answers at/);
    rmSync(serverStateFile(rolling.deployment.workspace));
    await refused(/start it with {2}pnpm serve --workers 2 --current/);
  });

  test('where the link is none; the server does not start with such a one either', async () => {
    await rolling.start(TWO);
    rmSync(rolling.current);
    mkdirSync(rolling.current);
    const { status, output } = await rolling.deploy(rolling.version('v2'));
    assert.deepEqual([status, /is no link to a version/.test(output), lstatSync(rolling.current).isDirectory()], [1, true, true], output);
    const server = Program.service('serve', ['--workspace', rolling.deployment.workspace, '--port', '0', '--current', rolling.current]);
    assert.equal(await server.ended(), 2);
    assert.match(server.output, /leads to no version of the code/);
  });
});

describe('a deployment that is cut off', () => {
  test('in the rehearsal: nothing is left running, and the log of the server is untouched', async () => {
    await rolling.start(TWO);
    const log = rolling.deployment.at('logs/server.jsonl');
    const before = readFileSync(log, 'utf8');
    const second = rolling.version('v2', ['services/api/health.ts', 'sendJson(response, healthOf', 'if (process.env.SERVER_INSTANCE === undefined) return; sendJson(response, healthOf']);
    // While it is still being loaded, and while it is asked.
    for (const pauseMs of [0, 500]) {
      const program = rolling.deploying(second);
      await until(() => (serving(second).length > 0 ? true : undefined), 'the rehearsal');
      await sleep(pauseMs);
      await program.stop('SIGKILL');
      await until(() => (serving(second).length === 0 ? true : undefined), 'its end');
    }
    assert.equal(readFileSync(log, 'utf8'), before);
    assert.deepEqual(await rolling.answers(), ['v1']);
  });

  test('by kill -9 when the link leads to a version that nobody looked at: the next one goes back to the version before that', async () => {
    await rolling.start(TWO);
    const [second, third] = [rolling.version('v2'), rolling.version('v3', ILL.predictsNot)];
    const program = rolling.deploying(second);
    // Beyond the link, and beyond the word to the server: its first new process has begun.
    await until(() => (readlinkSync(rolling.current) === second && serving(second).length > 0 ? true : undefined), 'the first new process');
    await program.stop('SIGKILL');
    await until(() => (rolling.state()?.ended?.turn === 1 ? true : undefined), 'the end of the roll');
    const { status, output } = await rolling.deploy(third);
    assert.equal(status, 1);
    assert.match(output, /the deployment before was cut off[^\n]*versions\/v1\n[\s\S]*going back to v1/);
    assert.deepEqual([await rolling.answers(), readlinkSync(rolling.current)], [['v1'], rolling.deployment.at('versions/v1')]);
  });

  test('by Ctrl-C undoes what it began', async () => {
    await rolling.start(TWO);
    const second = rolling.version('v2');
    const program = rolling.deploying(second);
    await until(() => (readlinkSync(rolling.current) === second ? true : undefined), 'the link');
    program.child.kill('SIGINT');
    assert.equal(await program.ended(), 1, program.output);
    assert.match(program.output, /not well \(it was stopped\): going back to v1/);
    assert.deepEqual([await rolling.answers(), readlinkSync(rolling.current), existsSync(`${rolling.current}.before`)], [['v1'], rolling.deployment.at('versions/v1'), false]);
  });

  test('by nobody: one to whom nobody listens any more goes on to its end', async () => {
    await rolling.start(TWO);
    const second = rolling.version('v2');
    const { child } = rolling.deploying(second);
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    await until(() => (rolling.state()?.ended?.done === true && !existsSync(`${rolling.current}.before`) ? true : undefined), 'its end', 30_000);
    await until(async () => ((await rolling.answers()).join() === 'v2' ? true : undefined), 'the new version');
  });
});
