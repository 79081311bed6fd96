import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import autocannon from 'autocannon';
import { wording } from '../../services/wording.ts';
import { root } from '../pipeline/rig.ts';
import { Deployment, modelOf, post, until } from '../services/rig.ts';
import { Program, freePort } from './services/process.ts';

let deployment: Deployment;
const programs: Program[] = [];
beforeEach(() => void (deployment = new Deployment()));
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.stop('SIGKILL')));
  await deployment.remove();
});

async function serve(...flags: readonly string[]): Promise<{ readonly program: Program; readonly base: string }> {
  const port = await freePort();
  const program = Program.service('serve', ['--workspace', deployment.workspace, '--port', String(port), '--rate', '0', ...flags]);
  programs.push(program);
  const base = `http://127.0.0.1:${port}`;
  await program.answers(`${base}/readyz`);
  return { program, base };
}

interface Load {
  readonly failed: number;
  readonly answers: readonly { readonly model: string; readonly release: string }[];
}

/** Predictions over and over by 10 connections, until so many are answered and `until` is done. */
async function load(base: string, amount: number, work: (seen: readonly { readonly release: string }[]) => Promise<void>): Promise<Load> {
  const answers: { model: string; release: string }[] = [];
  let failed = 0;
  const state = { done: false };
  const ask = async (): Promise<void> => {
    while (!state.done || answers.length < amount) {
      try {
        const response = await post(`${base}/api/predict`, { text: 'gagal terus', terms: false });
        if (response.status === 200) answers.push((await response.json()) as { model: string; release: string });
        else failed++;
      } catch {
        failed++;
      }
    }
  };
  const asking = Promise.all(Array.from({ length: 10 }, ask));
  await work(answers).finally(() => (state.done = true));
  await asking;
  return { failed, answers };
}

describe('a server under load', () => {
  test('swaps 20 releases under 10,000 requests: none fails, none is mixed', async () => {
    deployment.release('r00', 1);
    const { base } = await serve();
    const models = new Map([['r00', modelOf(1).manifest.version]]);
    const { failed, answers } = await load(base, 10_000, async (seen) => {
      for (let swap = 1; swap <= 20; swap++) {
        const id = `r${String(swap).padStart(2, '0')}`;
        models.set(id, modelOf(swap).manifest.version);
        deployment.release(id, swap);
        await until(() => (seen.some(({ release }) => release === id) ? true : undefined), id);
      }
    });
    assert.equal(failed, 0);
    assert.ok(answers.length >= 10_000);
    assert.deepEqual(answers.filter(({ model, release }) => models.get(release) !== model), []);
    assert.ok(new Set(answers.map(({ release }) => release)).size >= 20);
  });

  test('of several processes is restarted one by one without a failed request', async () => {
    deployment.release('r1', 1);
    const { program, base } = await serve('--workers', '2');
    const { failed, answers } = await load(base, 3000, async () => {
      for (let roll = 1; roll <= 3; roll++) {
        program.child.kill('SIGHUP');
        await until(() => (program.output.split('all processes of the server were replaced').length > roll ? true : undefined), 'the restart', 30_000);
      }
    });
    assert.equal(failed, 0, program.output.slice(-1000));
    assert.ok(answers.length >= 3000);
  });

  test('starts a process again that is killed, and counts over all of them', async () => {
    deployment.release('r1', 1);
    const { program, base } = await serve('--workers', '2');
    for (let round = 0; round < 20; round++) await post(`${base}/api/predict`, { text: 'bagus' });
    const metrics = async (): Promise<string> => (await fetch(`${base}/metrics`)).text();
    const counted = async (): Promise<number> => [...(await metrics()).matchAll(/^ulasan_predictions_total\{.*\} (\d+)$/gm)].reduce((total, [, count]) => total + Number(count), 0);
    assert.equal(await counted(), 20, 'both processes are counted, whichever is asked');
    assert.match(await metrics(), /^ulasan_release_info\{release="r1"\} 1$/m, 'what is the same in both is no sum');
    const pids = readFileSync(`/proc/${program.child.pid}/task/${program.child.pid}/children`, 'utf8').trim().split(' ').map(Number);
    assert.equal(pids.length, 2);
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await program.says('ended by itself');
    await until(() => (readFileSync(`/proc/${program.child.pid}/task/${program.child.pid}/children`, 'utf8').trim().split(' ').length === 2 ? true : undefined), 'the next one');
    await program.answers(`${base}/readyz`);
    assert.equal(await counted(), 20, 'what the one that is gone had counted stays counted');
    for (let round = 0; round < 10; round++) await post(`${base}/api/predict`, { text: 'bagus' });
    program.child.kill('SIGHUP');
    await program.says(wording.rolled);
    assert.equal(await counted(), 30, 'also of those that were replaced, without anybody asking before');
  });

  /** Statuses of so many requests, each on a connection of its own. */
  async function statuses(base: string, path = '/'): Promise<readonly number[]> {
    const seen: number[] = [];
    for (let round = 0; round < 12; round++) seen.push((await fetch(`${base}${path}`, { headers: { Connection: 'close' } })).status);
    return [...new Set(seen)];
  }
  const childrenOf = (program: Program): readonly number[] => readFileSync(`/proc/${program.child.pid}/task/${program.child.pid}/children`, 'utf8').trim().split(' ').map(Number);

  test('of several processes goes on when the pointer leads to a broken release and a process dies, or all are replaced', async () => {
    deployment.release('r1', 1);
    const { program, base } = await serve('--workers', '2');
    mkdirSync(deployment.at('releases/r2'));
    deployment.point('r2');
    await until(() => (program.output.split('release r2 is refused').length > 2 ? true : undefined), 'the refusals');
    process.kill(childrenOf(program)[0] ?? 0, 'SIGKILL');
    await until(() => (program.output.split('release r1 is served').length > 3 ? true : undefined), 'the next process');
    assert.deepEqual(await statuses(base), [200]);
    program.child.kill('SIGHUP');
    await program.says('all processes of the server were replaced', 30_000);
    assert.deepEqual([await statuses(base), await statuses(base, '/readyz')], [[200], [200]]);
    assert.match(await (await fetch(`${base}/healthz`)).text(), /"degraded".*release r2 is refused/);
  });

  test('of several processes sends nobody to one that has no release while another one serves from memory', async () => {
    deployment.release('r1', 1);
    const { program, base } = await serve('--workers', '2');
    await until(() => (program.output.split('report and API on').length > 2 ? true : undefined), 'the second process');
    writeFileSync(deployment.at('releases/r1/site/index.html'), 'cut');
    process.kill(childrenOf(program)[0] ?? 0, 'SIGKILL');
    await program.says('no other one is whole');
    assert.deepEqual([await statuses(base), await statuses(base, '/readyz')], [[200], [200]]);
    deployment.release('r2', 2);
    await until(() => (program.output.split('release r2 is served').length > 2 ? true : undefined), 'both');
    assert.deepEqual(await statuses(base), [200]);
  });

  test('of several processes ends where none of them can ever serve, instead of trying for ever', async () => {
    deployment.release('r1', 1);
    const { base } = await serve();
    const second = Program.service('serve', ['--workspace', deployment.workspace, '--port', new URL(base).port, '--workers', '2']);
    assert.equal(await second.ended(), 2, second.output);
    assert.match(second.output, /as something else does/);
  });

  test('stops when it is asked to: what is under way is answered, exit 0', async () => {
    deployment.release('r1', 1);
    const { program, base } = await serve();
    const body = JSON.stringify({ texts: Array.from({ length: 1000 }, () => 'gagal '.repeat(400)) });
    const asked = request(`${base}/api/predict`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Content-Length': body.length, Expect: '100-continue' } });
    asked.flushHeaders();
    // From here on the server knows of it.
    await once(asked, 'continue');
    const stopped = program.stop();
    await until(() => fetch(`${base}/livez`).then(() => undefined, () => true), 'the end of listening');
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    assert.equal(answer.statusCode, 200);
    answer.resume();
    assert.equal(await stopped, 0);
  });

  test('lets go of clients that are too slow, and answers the others meanwhile', async () => {
    deployment.release('r1', 1);
    const { base } = await serve();
    const port = Number(new URL(base).port);
    const sockets = Array.from({ length: 200 }, () => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '));
      socket.on('error', () => undefined).resume();
      return socket;
    });
    const { errors, non2xx } = await autocannon({ url: base, connections: 10, duration: 2 });
    assert.deepEqual([errors, non2xx], [0, 0]);
    await until(() => (sockets.every((socket) => socket.destroyed || socket.readableEnded) ? true : undefined), 'the end of the slow', 20_000);
  });

  test('a port that is taken is told in a sentence, exit 2', async () => {
    deployment.release('r1', 1);
    const { base } = await serve();
    const second = Program.service('serve', ['--workspace', deployment.workspace, '--port', new URL(base).port]);
    programs.push(second);
    assert.equal(await second.ended(), 2);
    assert.match(second.output, /Cannot listen on 127\.0\.0\.1:\d+ as something else does/);
    assert.doesNotMatch(second.output, /at .*\.ts/);
  });
});

const mount = ['-rm', 'sh', '-ec'] as const;
const noMount = spawnSync('unshare', [...mount, 'mount -t tmpfs -o size=64k none /mnt']).status === 0 ? false : 'no disk of a size of its own can be mounted here';

describe('a disk that is full', { skip: noMount }, () => {
  test('is told in a sentence by each service, exit 1', async () => {
    for (const name of ['serve', 'exporter', 'schedule']) {
      const command = `mount -t tmpfs -o size=64k,nr_inodes=3 none /mnt; touch /mnt/full; exec ${process.execPath} ${path.join(root, 'services', `${name}.js`)} --workspace /mnt/w`;
      const program = new Program('unshare', [...mount, command]);
      programs.push(program);
      assert.equal(await program.ended(), 1, program.output);
      assert.match(program.output, /^Cannot use \/mnt\/w.*: the disk is full; make room and start again$/m);
      assert.doesNotMatch(program.output, /\n\s+at /);
    }
  });

  test('while the scheduler runs is said once, in a sentence, and the schedule goes on', async () => {
    const schedule = `${process.execPath} ${path.join(root, 'services/schedule.js')} --workspace /mnt`;
    const command = `mount -t tmpfs -o size=1m none /mnt; mkdir -p /mnt/.repro/runs; echo '{}' > /mnt/.repro/runs/20260101T000000000Z-0001.json; ${schedule} & sleep 3; dd if=/dev/zero of=/mnt/fill bs=4k 2>/dev/null || true; sleep 5; rm /mnt/fill; sleep 3; kill -TERM $!; wait $!`;
    const program = new Program('unshare', [...mount, command]);
    programs.push(program);
    assert.equal(await program.ended(), 0, program.output);
    const said = program.output.split('\n').filter((line) => line.includes('"level":"error"')).map((line) => (JSON.parse(line) as { readonly msg: string }).msg);
    assert.equal(said.length, 1, program.output);
    assert.match(said[0] ?? '', /^the state of the scheduler could not be saved; the schedule goes on\. Cannot use .*: the disk is full; make room$/);
    assert.match(program.output, /the state of the scheduler can be saved again/);
  });
});

describe('pnpm start', () => {
  test('makes the first run, serves it, watches it, and ends with one signal; a service that dies comes back', async () => {
    const [port, exporterPort] = [await freePort(), await freePort()];
    const small = 'collect.sample.reviews=600 train.folds=2 train.random-forest.trees=4';
    const program = Program.service('start', ['--workspace', deployment.workspace, '--port', String(port), '--exporter-port', String(exporterPort)], { SCHEDULE_SET: small });
    programs.push(program);
    await program.answers(`http://127.0.0.1:${port}/readyz`, 120_000);
    await until(async () => ((await (await fetch(`http://127.0.0.1:${exporterPort}/metrics`)).text()).includes('ulasan_scheduler_triggers_total{source="first",outcome="done"} 1') ? true : undefined), 'the end of the run', 60_000);
    const children = (): readonly number[] => readFileSync(`/proc/${program.child.pid}/task/${program.child.pid}/children`, 'utf8').trim().split(' ').map(Number);
    const exporter = children().find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('exporter.js')) ?? 0;
    process.kill(exporter, 'SIGKILL');
    await program.says('exporter ended by itself');
    await program.answers(`http://127.0.0.1:${exporterPort}/metrics`);
    const pids = children();
    assert.equal(pids.length, 3);
    assert.equal(await program.stop('SIGINT'), 0);
    for (const pid of pids) assert.equal(existsSync(`/proc/${pid}`), false, `${pid} is still there`);
    const lines = readFileSync(path.join(deployment.workspace, 'logs/scheduler.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { run?: string; stage?: string });
    const [id] = lines.flatMap(({ run }) => run ?? []);
    assert.ok(existsSync(path.join(deployment.workspace, `.repro/runs/${id}.json`)), 'the run in the log is the run of the record');
    assert.ok(lines.some(({ stage }) => stage === 'train@multinomial-nb'));
  });

  test('whose port of the metrics is taken says which flag gives another one', async (t) => {
    deployment.write('.repro/runs/20260101T000000000Z-0001.json', '{}');
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    t.after(() => other.close());
    const { port } = other.address() as AddressInfo;
    const program = Program.service('start', ['--workspace', deployment.workspace, '--port', '0', '--exporter-port', String(port)]);
    programs.push(program);
    assert.equal(await program.ended(), 2);
    assert.ok(program.output.includes(`Cannot listen on 127.0.0.1:${port} as something else does: stop it, or give another --exporter-port\n`), program.output);
  });

  test('killed without a word takes its services with it', async () => {
    deployment.release('r1', 1);
    deployment.write('.repro/runs/20260101T000000000Z-0001.json', '{}');
    const [port, exporterPort] = [await freePort(), await freePort()];
    const program = Program.service('start', ['--workspace', deployment.workspace, '--port', String(port), '--exporter-port', String(exporterPort)]);
    programs.push(program);
    await program.answers(`http://127.0.0.1:${port}/readyz`);
    await program.stop('SIGKILL');
    await until(async () => ((await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined)) === undefined ? true : undefined), 'the end of the server');
  });
});
