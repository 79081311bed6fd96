import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { lockRuns } from '../../storage/run-lock.ts';
import { root } from '../pipeline/rig.ts';
import { Deployment, until } from '../services/rig.ts';
import { postgresMissing, startPostgres } from './postgres/server.ts';
import { Program, freePort } from './services/process.ts';

let deployment: Deployment;
const programs: Program[] = [];
beforeEach(() => void (deployment = new Deployment()));
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.stop('SIGKILL')));
  await deployment.remove();
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
    const ended = await Promise.race(both.map((program) => program.ended().then(() => program)));
    const other = both.find((program) => program !== ended);
    assert.equal(ended.child.exitCode, 2);
    assert.match(ended.output, /Cannot schedule runs as (process \d+|another process) does it already/);
    await other?.says('the next run begins');
    await other?.stop('SIGKILL');
    const third = Program.service('schedule', ['--workspace', deployment.workspace]);
    programs.push(third);
    await third.says('the next run begins');
  });

  test('that loses the database in the middle of a run stops the run and counts it as failed', async () => {
    const postgres = await startPostgres();
    try {
      const program = Program.service('schedule', ['--workspace', deployment.workspace], { DATABASE_URL: postgres.fresh(), SCHEDULE_SET: 'collect.sample.reviews=6000' });
      programs.push(program);
      await program.says('a run begins', 20_000);
      await program.says('"stage":"train@', 60_000);
      await postgres.kill();
      // The last of its lines, which come one after another: whoever waits for an earlier one may look too soon.
      await program.says('the run failed; again in 300 s', 40_000);
      assert.match(program.output, /was lost in the middle of the run[\s\S]*the run ended: failed/);
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
    const program = new Program(process.execPath, [path.join(code, 'services/schedule.js'), '--workspace', deployment.workspace], { SCHEDULE_SET: set, ALERT_WEBHOOK_URL: webhook(), REPORT_URL: 'https://report.example' });
    programs.push(program);
    return program;
  };

  test('tells the team of a run that ended before any stage, after its last try, once', async () => {
    const program = start(impatient(1), 'nosuch.key=1');
    await until(() => (hooks.length > 0 ? true : undefined), 'the message', 30_000);
    await program.says(/the run ended: failed[\s\S]*the run ended: failed/);
    assert.equal(hooks.length, 1);
    assert.match(hooks[0]?.text ?? '', /The pipeline failed before a stage could say why\nsample:com\.valar\.pintu, on .*, started by the scheduler \(retry, try 2\)\nTried 2 times\n/);
    assert.match(hooks[0]?.text ?? '', /\nRun begun [^ ]+Z$/, 'no link, since there was no run');
    assert.match(hooks[0]?.text ?? '', /nosuch/);
    const status = (): string => spawnSync(process.execPath, [path.join(root, 'services/schedule.js'), 'status', '--workspace', deployment.workspace], { encoding: 'utf8' }).stdout;
    const shown = await until(() => [status()].find((text) => text.includes('failed 2 times in a row')), 'the state after it');
    assert.match(shown, /failed .* retry, try 2\n.*failed .* first\n/);
  });

  test('tells the team of a run that was killed', async () => {
    const program = start(impatient(0), 'collect.sample.reviews=6000');
    await program.says('stage-started', 30_000);
    const [child = ''] = readFileSync(`/proc/${program.child.pid}/task/${program.child.pid}/children`, 'utf8').trim().split(' ');
    process.kill(Number(child), 'SIGKILL');
    await until(() => (hooks.length > 0 ? true : undefined), 'the message', 30_000);
    assert.deepEqual(hooks.map(({ kind }) => kind), ['run-failed']);
  });

  test('of pnpm start that comes back to a broken params.yaml waits for it to be mended, and readers notice nothing', async () => {
    deployment.release('r1', 1);
    deployment.write('.repro/runs/20260101T000000000Z-0001.json', '{}');
    const [code, port, exporterPort] = [impatient(0), await freePort(), await freePort()];
    const begin = (): Program => {
      const program = new Program(process.execPath, [path.join(code, 'services/start.js'), '--workspace', deployment.workspace, '--port', String(port), '--exporter-port', String(exporterPort)]);
      programs.push(program);
      return program;
    };
    const program = begin();
    const begun = (): number => program.output.split('the next run begins').length - 1;
    await program.answers(`http://127.0.0.1:${port}/readyz`);
    await until(() => (begun() > 0 ? true : undefined), 'the scheduler', 20_000);
    const params = path.join(code, 'params.yaml');
    const state = () => JSON.parse(readFileSync(path.join(deployment.workspace, '.repro/schedule/state.json'), 'utf8')) as { readonly pid: number | null; readonly aliveAt: string | null };
    const whole = readFileSync(params, 'utf8');
    writeFileSync(params, 'schedule: [');
    process.kill(state().pid ?? NaN, 'SIGKILL');
    await program.says('schedule ended by itself with 2', 20_000);
    assert.match(program.output, /Cannot read schedule of params\.yaml/);
    assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
    writeFileSync(params, whole);
    await until(() => (begun() > 1 ? true : undefined), 'the scheduler again', 20_000);
    assert.equal(await program.stop(), 0);
    writeFileSync(params, 'schedule: [');
    assert.equal(await begin().ended(), 2, 'at the first start it is told at once');
    const { pid, aliveAt } = state();
    assert.deepEqual([pid, typeof aliveAt], [null, 'string'], 'when the one that was stopped last lived is left for the exporter');
  });

  test('pauses and resumes a real schedule; what somebody asks for runs all the same', async () => {
    deployment.write('.repro/runs/20260101T000000000Z-0001.json', '{}');
    const program = new Program(process.execPath, [path.join(root, 'services/schedule.js'), '--workspace', deployment.workspace], { SCHEDULE_CRON: '* * * * * *', SCHEDULE_SET: 'nosuch.key=1' });
    programs.push(program);
    const ask = (word: string): number | null => spawnSync(process.execPath, [path.join(root, 'services/schedule.js'), word, '--workspace', deployment.workspace]).status;
    assert.equal(ask('pause'), 0);
    await program.says('paused: this turn is left out', 70_000);
    assert.equal(program.output.includes('a run begins'), false);
    assert.equal(ask('trigger'), 0);
    await program.says('a run begins: command', 10_000);
    assert.equal(ask('resume'), 0);
  });

  test('that was killed is known to be gone at once: nobody is promised a run', async () => {
    deployment.write('.repro/runs/20260101T000000000Z-0001.json', '{}');
    const program = Program.service('schedule', ['--workspace', deployment.workspace]);
    programs.push(program);
    await program.says('the next run begins');
    const ask = (word: string) => spawnSync(process.execPath, [path.join(root, 'services/schedule.js'), word, '--workspace', deployment.workspace], { encoding: 'utf8' });
    assert.match(ask('status').stdout, /^scheduler  running \(process \d+\)\n/);
    await program.stop('SIGKILL');
    const { status, stderr } = ask('trigger');
    assert.deepEqual([status, stderr], [1, 'No scheduler is running: start it with  pnpm schedule  or  pnpm start\n']);
    assert.match(ask('status').stdout, /^scheduler  not running\nnext run   none\n/);
  });
});
