import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { makeImage, readCompose } from '../deployment/image.ts';
import { mongoMissing, startMongo } from './mongo/server.ts';
import type { MongoServer } from './mongo/server.ts';
import { postgresMissing, startPostgres } from './postgres/server.ts';
import type { PostgresServer } from './postgres/server.ts';
import { Program, freePort } from './services/process.ts';

const skip = postgresMissing() === false ? mongoMissing() : postgresMissing();
const SMALL = 'collect.sample.reviews=600 train.folds=2 train.random-forest.trees=4';

/** The containers without an engine: the same commands with the environment of the compose file, in a folder that holds what the image holds. */
describe('the services as containers run them', { skip }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-deployment-'));
  const [image, workspace, secrets] = [path.join(folder, 'app'), path.join(folder, 'workspace'), path.join(folder, 'secrets')];
  const compose = readCompose({ SCHEDULE_SET: SMALL });
  const programs: Program[] = [];
  const ports: Record<string, number> = {};
  let postgres: PostgresServer;
  let mongo: MongoServer;
  let url = '';

  before(async () => {
    [postgres, mongo] = await Promise.all([startPostgres(), startMongo({ file: path.join(folder, 'mongo') })]);
    url = postgres.fresh();
    makeImage(image);
    for (const made of [workspace, secrets]) mkdirSync(made, { recursive: true });
    const texts: Readonly<Record<string, string>> = { database_url: url, mongodb_uri: mongo.uri, api_token: 'the-token', privacy_key: 'key' };
    for (const name of Object.keys(compose.secrets)) writeFileSync(path.join(secrets, name), texts[name] ?? '');
    for (const name of ['server', 'exporter']) ports[name] = await freePort();
  });
  after(async () => {
    await Promise.all(programs.map((program) => program.stop('SIGKILL')));
    await Promise.all([postgres.stop(), mongo.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  function start(name: string): Program {
    const { command = [], environment = {} } = compose.services[name] ?? {};
    const [, ...words] = command.map((word) => (word.endsWith('.js') ? path.join(image, word) : word));
    // One without a value is that of the shell, which has none here.
    const env = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== null).map(([key, value]) => [key, String(value).replace('/run/secrets', secrets)]));
    const flags = name in ports ? ['--port', String(ports[name])] : [];
    const clean = Object.fromEntries(['PATH', 'TZ', 'LC_ALL'].map((key) => [key, process.env[key] ?? '']));
    const program = new Program(process.execPath, [...words, ...flags], { ...clean, DATABASE_URL: '', MONGODB_URI: '', HOST: '127.0.0.1', ...env, REPRO_WORKSPACE: workspace, NODE_COMPILE_CACHE: path.join(workspace, '.cache/compile') });
    programs.push(program);
    return program;
  }
  const at = (name: string, pathname: string): string => `http://127.0.0.1:${ports[name]}${pathname}`;

  test('come up in any order, make the first run, fill both stores, and serve it', async () => {
    const server = start('server');
    const exporter = start('exporter');
    await Promise.all([server.answers(at('server', '/livez')), exporter.answers(at('exporter', '/healthz'))]);
    const scheduler = start('scheduler');
    await server.answers(at('server', '/readyz'), 180_000);
    await scheduler.says('the run ended: done', 15_000);
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ n: number }>('select count(*)::integer as n from prediction');
    await client.end();
    assert.ok((rows[0]?.n ?? 0) > 500);
    assert.ok(!existsSync(path.join(workspace, 'stores/raw')), 'the raw reviews are in MongoDB');
    assert.match(await (await fetch(at('exporter', '/metrics'))).text(), /ulasan_pipeline_stage_success\{stage="publish"\} 1/);
  });

  test('wrote their workspace and nothing else; no secret is in a log', () => {
    assert.ok(existsSync(path.join(workspace, 'releases/current/manifest.json')));
    for (const name of ['.repro', 'data', 'stores', 'models', 'releases', 'logs', 'site/dist', 'pipeline.lock']) assert.equal(existsSync(path.join(image, name)), false, name);
    const logs = ['server', 'scheduler', 'exporter'].map((name) => readFileSync(path.join(workspace, `logs/${name}.jsonl`), 'utf8')).join('') + programs.map(({ output }) => output).join('');
    for (const secret of ['the-token', url]) assert.ok(!logs.includes(secret), secret);
    for (const line of logs.trimEnd().split('\n')) assert.doesNotThrow(() => JSON.parse(line) as unknown, line);
  });

  test('a run is triggered by HTTP with the token of the file; what did not change does not run again', async () => {
    const trigger = () => fetch(at('server', '/api/runs'), { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: 'Bearer the-token' }, body: '{"reason":"test"}' });
    assert.equal((await trigger()).status, 202);
    await programs.at(-1)?.says(/the run ended: done[\s\S]*the run ended: done[\s\S]*the next run begins/, 60_000);
    const history = readFileSync(path.join(workspace, '.repro/schedule/history.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { cause: string; outcome: string; run: string | null });
    assert.deepEqual(history.map(({ cause, outcome }) => [cause, outcome]), [['first', 'done'], ['api', 'done']]);
    assert.equal(history[1]?.run, null, 'there was nothing to do');
  });

  test('a database that goes away fails no reader; the run says so, and is tried again', async () => {
    await postgres.kill();
    assert.equal((await fetch(at('server', '/api/summary'))).status, 200);
    const scheduler = programs.at(-1);
    await fetch(at('server', '/api/runs'), { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: 'Bearer the-token' }, body: '{}' });
    await scheduler?.says('again in 300 s', 60_000);
    await postgres.start();
    assert.equal((await fetch(at('server', '/readyz'))).status, 200);
  });

  test('stop when they are asked to, each with exit 0', async () => {
    for (const program of programs) assert.equal(await program.stop(), 0, program.output.slice(-300));
  });
});
