import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { parse, stringify } from 'yaml';
import { requestRun } from '../../services/schedule/request.ts';
import { Pipeline, worked } from '../pipeline/rig.ts';
import { post, until } from '../services/rig.ts';
import { at, panels, skip } from './monitoring/files.ts';
import { postgresBinary, startPostgres } from './postgres/server.ts';
import { Program, freePort } from './services/process.ts';

/** As the rig of the pipeline has it. */
const SMALL_SETS = 'train.folds=3 train.random-forest.trees=8';

describe('a system that is watched', { skip }, () => {
  const pipeline = new Pipeline();
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-monitoring-'));
  const received: { readonly status: string; readonly alerts: readonly { readonly labels: Readonly<Record<string, string>>; readonly annotations: Readonly<Record<string, string>> }[] }[] = [];
  const hook = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part)).on('end', () => {
      received.push(JSON.parse(body) as (typeof received)[number]);
      response.end();
    });
  });
  const programs: Program[] = [];
  let [prometheus, server, exporter] = ['', '', ''];
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let url = '';

  before(async () => {
    postgres = await startPostgres();
    url = postgres.fresh();
    pipeline.env = { DATABASE_URL: url };
    worked(await pipeline.repro());
    const [ports, hookPort] = [await Promise.all(Array.from({ length: 4 }, () => freePort())), await new Promise<number>((resolve) => hook.listen(0, '127.0.0.1', () => resolve((hook.address() as { port: number }).port)))];
    const [serverPort = 0, exporterPort = 0, prometheusPort = 0, alertPort = 0] = ports;
    server = `http://127.0.0.1:${serverPort}`;
    exporter = `http://127.0.0.1:${exporterPort}`;
    prometheus = `http://127.0.0.1:${prometheusPort}`;
    const workspace = ['--workspace', pipeline.workspace];
    // As they are committed, but for the addresses of this test and its haste.
    const rules = readFileSync(at('prometheus/rules/alerts.yml'), 'utf8').replaceAll(/for: \S+/g, 'for: 0s');
    const config = parse(readFileSync(at('prometheus/prometheus.yml'), 'utf8')) as { scrape_configs: readonly { readonly job_name: string }[] };
    mkdirSync(path.join(folder, 'rules'));
    writeFileSync(path.join(folder, 'rules/alerts.yml'), rules);
    cpSync(at('prometheus/rules/recording.yml'), path.join(folder, 'rules/recording.yml'));
    const targets: Readonly<Record<string, number>> = { 'ulasan-server': serverPort, 'ulasan-exporter': exporterPort, prometheus: prometheusPort };
    writeFileSync(path.join(folder, 'prometheus.yml'), stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' }, rule_files: ['rules/*.yml'], alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertPort}`] }] }] },
      scrape_configs: config.scrape_configs.map(({ job_name: job }) => ({ job_name: job, static_configs: [{ targets: [`127.0.0.1:${targets[job] ?? 0}`] }] })),
    }));
    writeFileSync(path.join(folder, 'alertmanager.yml'), stringify({ route: { receiver: 'hook', group_by: ['alertname'], group_wait: '0s', group_interval: '1s', repeat_interval: '1h' }, receivers: [{ name: 'hook', webhook_configs: [{ url: `http://127.0.0.1:${hookPort}/` }] }] }));
    programs.push(
      Program.service('serve', [...workspace, '--port', String(serverPort), '--rate', '0']),
      Program.service('schedule', workspace, { SCHEDULE_SET: `${SMALL_SETS} collect.sample.reviews=1800`, DATABASE_URL: url }),
      Program.service('exporter', [...workspace, '--port', String(exporterPort)]),
      new Program('prometheus', [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/tsdb`, `--web.listen-address=127.0.0.1:${prometheusPort}`]),
      new Program('prometheus-alertmanager', [`--config.file=${folder}/alertmanager.yml`, `--storage.path=${folder}/alerts`, `--web.listen-address=127.0.0.1:${alertPort}`, '--cluster.listen-address=']),
    );
    await Promise.all([programs[0]?.answers(`${server}/readyz`), programs[3]?.answers(`${prometheus}/-/ready`)]);
  });
  after(async () => {
    await Promise.all(programs.map((program) => program.stop('SIGKILL')));
    hook.close();
    hook.closeAllConnections();
    await postgres.stop();
    pipeline.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function query(expr: string): Promise<readonly unknown[]> {
    const now = Date.now() / 1000;
    const response = await fetch(`${prometheus}/api/v1/query_range?query=${encodeURIComponent(expr)}&start=${now - 60}&end=${now}&step=1`);
    const { status, data, error } = (await response.json()) as { readonly status: string; readonly error?: string; readonly data?: { readonly result: readonly unknown[] } };
    assert.equal(status, 'success', `${expr}: ${error ?? ''}`);
    return data?.result ?? [];
  }

  test('every metric of both passes the linter', async () => {
    for (const address of [server, exporter]) {
      const text = await (await fetch(`${address}/metrics`)).text();
      assert.match(text, /^# TYPE ulasan_/m);
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
      assert.equal(status, 0, stdout + stderr);
    }
  });

  test('and both are scraped', async () => {
    const targets = async (): Promise<string> => {
      const { data } = (await (await fetch(`${prometheus}/api/v1/targets`)).json()) as { readonly data: { readonly activeTargets: readonly { readonly labels: { readonly job: string }; readonly health: string }[] } };
      return data.activeTargets.map(({ labels, health }) => `${labels.job} ${health}`).sort().join();
    };
    await until(async () => ((await targets()) === 'prometheus up,ulasan-exporter up,ulasan-server up' ? true : undefined), 'all targets');
  });

  test('every panel of every dashboard gets data from a live Prometheus', async () => {
    // What a first run does not have: reviews that are newer than the champion, and a run that somebody asked the scheduler for.
    assert.equal(requestRun(pipeline.workspace, { source: 'command', reason: '', now: new Date() }), 'taken');
    await programs[1]?.says('the run ended: done', 180_000);
    for (let round = 0; round < 40; round++) await post(`${server}/api/predict`, { text: `bagus ${round}` });
    await fetch(`${server}/`);
    const exprs = panels().flatMap(({ dashboard, panel }) => (panel.targets ?? []).flatMap(({ expr }) => (expr === undefined ? [] : [{ dashboard, title: panel.title, expr }])));
    assert.ok(exprs.length > 35);
    for (const { dashboard, title, expr } of exprs) {
      let round = 0;
      await until(async () => {
        // Rates need traffic between two scrapes.
        if (round++ % 10 === 0) await Promise.all([post(`${server}/api/predict`, { text: 'gagal' }), fetch(`${server}/`)]);
        return (await query(expr)).length > 0 ? true : undefined;
      }, `${dashboard}, "${title}": ${expr}`, 30_000);
    }
  });

  test('every SQL panel gets rows from PostgreSQL', async () => {
    // As Grafana does it: with the role that the script of the compose file makes, which may read and nothing else.
    const { hostname, port, username, pathname } = new URL(url);
    const script = path.join(folder, 'reader.sh');
    const password = path.join(folder, 'reader-password');
    writeFileSync(password, "it's\n");
    writeFileSync(script, readFileSync(at('postgres/10-reader.sh'), 'utf8').replace('/run/secrets/postgres_reader_password', password));
    const made = spawnSync('sh', [script], { encoding: 'utf8', env: { ...process.env, PATH: `${path.dirname(postgresBinary('psql'))}:${process.env.PATH ?? ''}`, PGHOST: hostname, PGPORT: port, POSTGRES_USER: username, POSTGRES_DB: pathname.slice(1) } });
    assert.equal(made.status, 0, made.stderr);
    const client = new Client({ host: hostname, port: Number(port), user: 'ulasan_reader', password: "it's", database: pathname.slice(1) });
    await client.connect();
    await assert.rejects(client.query('delete from review'), /permission denied/);
    try {
      const found = panels().flatMap(({ panel }) => (panel.targets ?? []).flatMap(({ rawSql }) => (rawSql === undefined ? [] : [rawSql])));
      assert.ok(found.length >= 4);
      for (const sql of found) assert.ok(((await client.query(sql.replaceAll(/\$__timeFilter\([^()]*\)/g, 'true'))).rowCount ?? 0) > 0, sql);
    } finally {
      await client.end();
    }
  });

  test('the marks of runs and releases on the panels have something to mark', async () => {
    const marks = readdirSync(at('grafana/dashboards')).flatMap((file) => (JSON.parse(readFileSync(at('grafana/dashboards', file), 'utf8')) as { readonly annotations: { readonly list: readonly { readonly expr?: string; readonly name: string }[] } }).annotations.list);
    const exprs = new Set(marks.flatMap(({ expr }) => (expr === undefined ? [] : [expr])));
    assert.equal(exprs.size, 2);
    for (const expr of exprs) assert.ok((await query(expr)).length > 0, expr);
  });

  test('a run that stops at the data reaches the webhook with its runbook, and so does its end', async () => {
    const told = (status: string): boolean => received.some((one) => one.status === status && one.alerts.some(({ labels }) => labels.alertname === 'UlasanQualityError' && labels.rule === 'no-letters'));
    assert.equal((await pipeline.repro('--set', 'validate.rules.no-letters.severity=error', '--set', 'validate.rules.no-letters.limit=0')).status, 1);
    await until(() => (told('firing') ? true : undefined), 'the alert', 60_000);
    const alert = received.flatMap(({ alerts }) => alerts).find(({ labels }) => labels.alertname === 'UlasanQualityError');
    assert.deepEqual([alert?.annotations.runbook, alert?.annotations.summary, alert?.labels.severity], ['docs/runbooks/UlasanQualityError.md', 'The data does not pass no-letters: the run stopped before training', 'critical']);
    assert.equal((await pipeline.repro()).status, 0);
    await until(() => (told('resolved') ? true : undefined), 'its end', 60_000);
  });

  test('a release that is broken is refused, and told of; the whole one that follows ends it', async () => {
    const told = (status: string): boolean => received.some((one) => one.status === status && one.alerts.some(({ labels }) => labels.alertname === 'UlasanReleaseRefused'));
    const folder = path.join(pipeline.workspace, 'releases');
    const whole = readlinkSync(path.join(folder, 'current'));
    const point = (to: string): void => {
      symlinkSync(to, path.join(folder, 'current.tmp'));
      renameSync(path.join(folder, 'current.tmp'), path.join(folder, 'current'));
    };
    cpSync(path.join(folder, whole), path.join(folder, '20990101T000000000Z-0001'), { recursive: true });
    writeFileSync(path.join(folder, '20990101T000000000Z-0001/site/index.html'), 'cut');
    point('20990101T000000000Z-0001');
    await until(() => (told('firing') ? true : undefined), 'the alert', 60_000);
    rmSync(path.join(folder, '20990101T000000000Z-0001'), { recursive: true });
    point(whole);
    await until(() => (told('resolved') ? true : undefined), 'its end', 60_000);
  });

  test('a server that is killed is missed', async () => {
    await programs[0]?.stop('SIGKILL');
    await until(() => (received.some(({ alerts }) => alerts.some(({ labels }) => labels.alertname === 'UlasanServerDown')) ? true : undefined), 'the alert', 60_000);
  });
});
