import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { wording } from '../../services/wording.ts';
import { lockRuns } from '../../storage/run-lock.ts';
import { root } from '../pipeline/rig.ts';
import { Deployment, modelOf, post, until } from '../services/rig.ts';
import { postgresMissing, startPostgres } from './postgres/server.ts';
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
    await until(() => (program.output.includes('ended by itself') ? true : undefined), 'the death');
    await until(() => (readFileSync(`/proc/${program.child.pid}/task/${program.child.pid}/children`, 'utf8').trim().split(' ').length === 2 ? true : undefined), 'the next one');
    await program.answers(`${base}/readyz`);
    assert.equal(await counted(), 20, 'what the one that is gone had counted stays counted');
    for (let round = 0; round < 10; round++) await post(`${base}/api/predict`, { text: 'bagus' });
    program.child.kill('SIGHUP');
    await until(() => (program.output.includes(wording.rolled) ? true : undefined), 'the restart');
    assert.equal(await counted(), 30, 'also of those that were replaced, without anybody asking before');
  });

  test('stops when it is asked to: what is under way is answered, exit 0', async () => {
    deployment.release('r1', 1);
    const { program, base } = await serve();
    const texts = Array.from({ length: 1000 }, () => 'gagal '.repeat(400));
    const answering = post(`${base}/api/predict`, { texts });
    await sleep(30);
    const stopped = program.stop();
    assert.equal((await answering).status, 200);
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
    assert.equal(await new Promise((resolve) => second.child.once('exit', resolve)), 2);
    assert.match(second.output, /Cannot listen on 127\.0\.0\.1:\d+ as something else does/);
    assert.doesNotMatch(second.output, /at .*\.ts/);
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
    await until(() => (program.output.includes('exporter ended by itself') ? true : undefined), 'the death');
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

describe('the scheduler of a fleet', { skip: postgresMissing() }, () => {
  test('leaves its turn out while another one runs, and its lock ends with its holder', async () => {
    const postgres = await startPostgres();
    try {
      const url = postgres.fresh();
      const first = await lockRuns(url);
      assert.ok(first.ok && first.value !== null);
      assert.deepEqual(await lockRuns(url), { ok: true, value: null });
      await first.value.release();
      const second = await lockRuns(url);
      assert.ok(second.ok && second.value !== null);
      await postgres.kill();
      const third = await lockRuns(url);
      assert.ok(!third.ok && third.failure.kind === 'unreachable' && !third.failure.why.includes('@'));
      await postgres.start();
      const fourth = await lockRuns(url);
      assert.ok(fourth.ok && fourth.value !== null, 'a server that was away has forgotten the lock of a connection that is gone');
      await fourth.value.release();
    } finally {
      await postgres.stop();
    }
  });

  test('of two that start at the same moment in one workspace one runs, the other is refused', async () => {
    deployment.write('.repro/runs/20260101T000000000Z-0001.json', '{}');
    const both = [1, 2].map(() => Program.service('schedule', ['--workspace', deployment.workspace]));
    programs.push(...both);
    const ended = await Promise.race(both.map((program) => new Promise<Program>((resolve) => program.child.once('exit', () => resolve(program)))));
    const other = both.find((program) => program !== ended);
    assert.equal(ended.child.exitCode, 2);
    assert.match(ended.output, /Cannot schedule runs as (process \d+|another process) does it already/);
    await until(() => (other?.output.includes('the next run begins') ? true : undefined), 'the other one');
    await other?.stop('SIGKILL');
    const third = Program.service('schedule', ['--workspace', deployment.workspace]);
    programs.push(third);
    await until(() => (third.output.includes('the next run begins') ? true : undefined), 'the place of one that was killed');
  });

  test('that loses the database in the middle of a run stops the run and counts it as failed', async () => {
    const postgres = await startPostgres();
    try {
      const program = Program.service('schedule', ['--workspace', deployment.workspace], { DATABASE_URL: postgres.fresh(), SCHEDULE_SET: 'collect.sample.reviews=6000' });
      programs.push(program);
      await until(() => (program.output.includes('a run begins') ? true : undefined), 'the run', 20_000);
      await until(() => (program.output.includes('"stage":"train@') ? true : undefined), 'its middle', 60_000);
      await postgres.kill();
      await until(() => (program.output.includes('the run ended: failed') ? true : undefined), 'its end', 40_000);
      assert.match(program.output, /was lost in the middle of the run/);
      assert.match(program.output, /the run failed; again in 300 s/);
    } finally {
      await postgres.stop();
    }
  });
});

describe('the scheduler', () => {
  const hooks: { readonly kind: string; readonly text: string }[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part)).on('end', () => {
      hooks.push(JSON.parse(body) as (typeof hooks)[number]);
      response.end();
    });
  });
  before(() => new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve)));
  beforeEach(() => void (hooks.length = 0));
  after(() => {
    receiver.close();
    receiver.closeAllConnections();
  });
  const webhook = (): string => `http://127.0.0.1:${(receiver.address() as { readonly port: number }).port}/`;
  /** The code with other params: a schedule that a test need not wait for. */
  function impatient(retries: number): string {
    const code = path.join(deployment.workspace, 'code');
    mkdirSync(code);
    for (const name of readdirSync(root)) if (!['params.yaml', '.git', 'data', 'models', 'releases', 'stores', 'logs', '.repro'].includes(name)) symlinkSync(path.join(root, name), path.join(code, name));
    for (const name of ['services', 'runner']) {
      rmSync(path.join(code, name));
      cpSync(path.join(root, name), path.join(code, name), { recursive: true });
    }
    writeFileSync(path.join(code, 'params.yaml'), readFileSync(path.join(root, 'params.yaml'), 'utf8').replace(/retries: 2 +#/, `retries: ${retries} #`).replace(/retrySeconds: 300 +#/, 'retrySeconds: 1 #'));
    return code;
  }
  const start = (code: string, set: string): Program => {
    const program = new Program(process.execPath, [path.join(code, 'services/schedule.js'), '--workspace', deployment.workspace], { SCHEDULE_SET: set, ALERT_WEBHOOK_URL: webhook() });
    programs.push(program);
    return program;
  };

  test('tells the team of a run that ended before any stage, after its last try, once', async () => {
    const program = start(impatient(1), 'nosuch.key=1');
    await until(() => (hooks.length > 0 ? true : undefined), 'the message', 30_000);
    assert.equal(program.output.match(/the run ended: failed/g)?.length, 2);
    assert.equal(hooks.length, 1);
    assert.match(hooks[0]?.text ?? '', /The pipeline failed before a stage could say why\n.*started by|Tried 2 times/);
    assert.match(hooks[0]?.text ?? '', /nosuch/);
    const shown = spawnSync(process.execPath, [path.join(root, 'services/schedule.js'), 'status', '--workspace', deployment.workspace], { encoding: 'utf8' }).stdout;
    assert.match(shown, /failed 2 times in a row/);
    assert.match(shown, /failed .* retry, try 2\n.*failed .* first\n/);
  });

  test('tells the team of a run that was killed', async () => {
    const program = start(impatient(0), 'collect.sample.reviews=6000');
    await until(() => (program.output.includes('stage-started') ? true : undefined), 'the run', 30_000);
    const [child = ''] = readFileSync(`/proc/${program.child.pid}/task/${program.child.pid}/children`, 'utf8').trim().split(' ');
    process.kill(Number(child), 'SIGKILL');
    await until(() => (hooks.length > 0 ? true : undefined), 'the message', 30_000);
    assert.deepEqual(hooks.map(({ kind }) => kind), ['run-failed']);
  });

  test('pauses and resumes a real schedule; what somebody asks for runs all the same', async () => {
    deployment.write('.repro/runs/20260101T000000000Z-0001.json', '{}');
    const program = new Program(process.execPath, [path.join(root, 'services/schedule.js'), '--workspace', deployment.workspace], { SCHEDULE_CRON: '* * * * * *', SCHEDULE_SET: 'nosuch.key=1' });
    programs.push(program);
    const ask = (word: string): number | null => spawnSync(process.execPath, [path.join(root, 'services/schedule.js'), word, '--workspace', deployment.workspace]).status;
    assert.equal(ask('pause'), 0);
    await until(() => (program.output.includes('paused: this turn is left out') ? true : undefined), 'a turn that is left out', 70_000);
    assert.equal(program.output.includes('a run begins'), false);
    assert.equal(ask('trigger'), 0);
    await until(() => (program.output.includes('a run begins: command') ? true : undefined), 'the run', 10_000);
    assert.equal(ask('resume'), 0);
  });
});
