import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { parse, stringify } from 'yaml';
import { DASHBOARDS } from '../../monitoring/grafana/dashboards.ts';
import { Pipeline, root, worked } from '../pipeline/rig.ts';
import { post, until } from '../services/rig.ts';
import { postgresMissing, startPostgres } from './postgres/server.ts';
import { Program, freePort } from './services/process.ts';

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const missing = ['prometheus', 'promtool', 'prometheus-alertmanager', 'amtool'].filter((program) => !has(program));
const skip = missing.length > 0 ? `missing: ${missing.join(', ')} (Debian: prometheus, prometheus-alertmanager)` : postgresMissing();
const at = (...parts: readonly string[]): string => path.join(root, 'monitoring', ...parts);

function run(program: string, ...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(program, [...args], { encoding: 'utf8', cwd: root });
  return { status, output: `${stdout}${stderr}` };
}

interface Target {
  readonly expr?: string;
  readonly rawSql?: string;
}

interface PanelJson {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly Target[];
  readonly panels?: readonly PanelJson[];
}

/** Every panel of every dashboard as it is committed. */
function panels(): readonly { readonly dashboard: string; readonly panel: PanelJson }[] {
  const flat = (panel: PanelJson): readonly PanelJson[] => [panel, ...(panel.panels ?? []).flatMap(flat)];
  return readdirSync(at('grafana/dashboards')).flatMap((file) => {
    const { panels: top } = JSON.parse(readFileSync(at('grafana/dashboards', file), 'utf8')) as { readonly panels: readonly PanelJson[] };
    return top.flatMap(flat).filter(({ type }) => type !== 'row').map((panel) => ({ dashboard: file, panel }));
  });
}

test('there are Prometheus and Alertmanager to watch with', { skip }, () => assert.equal(missing.length, 0));

describe('monitoring as code', { skip }, () => {
  test('rules and configuration are valid, and pass every lint', () => {
    for (const args of [['check', 'rules', '--lint=all', '--lint-fatal', at('prometheus/rules/alerts.yml'), at('prometheus/rules/recording.yml')], ['check', 'config', at('prometheus/prometheus.yml')]]) {
      const { status, output } = run('promtool', ...args);
      assert.equal(status, 0, output);
    }
  });

  test('every alert fires where it should and is silent where it should be', () => {
    const { status, output } = run('promtool', 'test', 'rules', at('prometheus/tests/alerts.test.yml'));
    assert.equal(status, 0, output);
  });

  test('a rule that is changed makes its test fail', (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-rules-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(at('prometheus'), folder, { recursive: true });
    const file = path.join(folder, 'rules/alerts.yml');
    const text = readFileSync(file, 'utf8');
    for (const [from, to] of [['> 46800', '> 468000'], ['runbook: docs/runbooks/UlasanDrift.md', 'runbook: docs/runbooks/Other.md']] as const) {
      assert.ok(text.includes(from), from);
      writeFileSync(file, text.replace(from, to));
      assert.notEqual(run('promtool', 'test', 'rules', path.join(folder, 'tests/alerts.test.yml')).status, 0, from);
    }
  });

  test('every alert has a test that fires, one that is silent, and a runbook', () => {
    const { groups } = parse(readFileSync(at('prometheus/rules/alerts.yml'), 'utf8')) as { readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly annotations: { readonly runbook: string; readonly summary: string } }[] }[] };
    const { tests } = parse(readFileSync(at('prometheus/tests/alerts.test.yml'), 'utf8')) as { readonly tests: readonly { readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[] }[] };
    const said = tests.flatMap(({ alert_rule_test: rules }) => rules);
    const rules = groups.flatMap((group) => group.rules);
    assert.ok(rules.length >= 20);
    for (const { alert, annotations } of rules) {
      assert.ok(said.some(({ alertname, exp_alerts: fired }) => alertname === alert && fired.length > 0), `${alert} fires in no test`);
      assert.ok(said.some(({ alertname, exp_alerts: fired }) => alertname === alert && fired.length === 0), `${alert} is silent in no test`);
      assert.ok(existsSync(path.join(root, annotations.runbook)), annotations.runbook);
      assert.match(readFileSync(path.join(root, annotations.runbook), 'utf8'), /## What it means[\s\S]+## Where to look[\s\S]+## What to do/);
    }
    assert.deepEqual(readdirSync(path.join(root, 'docs/runbooks')).filter((file) => file !== 'README.md').sort(), rules.map(({ alert }) => `${alert}.md`).sort(), 'no runbook is left over');
  });

  test('the routes of alerts lead to the right people', (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-routes-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'alertmanager.yml');
    // The version of Debian reads the token of Telegram from the configuration only.
    writeFileSync(file, readFileSync(at('alertmanager/alertmanager.yml'), 'utf8').replace('bot_token_file: /run/secrets/telegram_token', 'bot_token: x').replace('/etc/alertmanager/templates', at('alertmanager/templates')));
    const checked = run('amtool', 'check-config', file);
    assert.equal(checked.status, 0, checked.output);
    for (const [severity, receiver] of [['critical', 'on-call'], ['warning', 'chat'], ['info', 'chat']]) assert.equal(run('amtool', 'config', 'routes', 'test', `--config.file=${file}`, `severity=${severity}`).output.split('\n')[0], receiver);
  });

  test('the dashboards are what their source makes', () => {
    for (const [name, make] of Object.entries(DASHBOARDS)) assert.equal(readFileSync(at('grafana/dashboards', `${name}.json`), 'utf8'), `${JSON.stringify(make(), null, 2)}\n`, `run  node monitoring/grafana/generate.ts  (${name})`);
  });
});

describe('everything together', { skip }, () => {
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
  let [prometheus, server] = ['', ''];
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
      Program.service('exporter', [...workspace, '--port', String(exporterPort)]),
      new Program('prometheus', [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/tsdb`, `--web.listen-address=127.0.0.1:${prometheusPort}`]),
      new Program('prometheus-alertmanager', [`--config.file=${folder}/alertmanager.yml`, `--storage.path=${folder}/alerts`, `--web.listen-address=127.0.0.1:${alertPort}`, '--cluster.listen-address=']),
    );
    await Promise.all([programs[0]?.answers(`${server}/readyz`), programs[2]?.answers(`${prometheus}/-/ready`)]);
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
    for (const program of [`${server}/metrics`, `${prometheus}/api/v1/targets`]) assert.equal((await fetch(program)).status, 200);
    const text = await (await fetch(`${server}/metrics`)).text();
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  });

  test('every panel of every dashboard gets data from a live Prometheus', async () => {
    // What a first run on a small sample does not have: drift, a source that was asked, scheduled runs.
    const feature = { feature: 'labels', effectName: 'psi', effect: 0.1, limit: 0.2, pValue: 0.5, drifted: false, reference: {}, current: {} };
    const drift = path.join(pipeline.workspace, 'data/drift/drift.json');
    writeFileSync(drift, JSON.stringify({ ...(JSON.parse(readFileSync(drift, 'utf8')) as object), features: [feature], drifted: false, retrain: false }));
    const now = new Date().toISOString();
    mkdirSync(path.join(pipeline.workspace, '.repro/schedule'), { recursive: true });
    writeFileSync(path.join(pipeline.workspace, '.repro/schedule/state.json'), JSON.stringify({ pid: 1, aliveAt: now, lastStart: now, lastDone: now, next: now, running: false, paused: false, failures: 0, triggers: { 'time:done': 3 } }));
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
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      const found = panels().flatMap(({ panel }) => (panel.targets ?? []).flatMap(({ rawSql }) => (rawSql === undefined ? [] : [rawSql])));
      assert.ok(found.length >= 4);
      for (const sql of found) assert.ok(((await client.query(sql.replaceAll(/\$__timeFilter\([^()]*\)/g, 'true'))).rowCount ?? 0) > 0, sql);
    } finally {
      await client.end();
    }
  });

  test('a rule of the data that fails reaches the webhook with its runbook, and so does its end', async () => {
    const file = path.join(pipeline.workspace, 'data/watch/metrics.json');
    const before = readFileSync(file, 'utf8');
    const told = (status: string): boolean => received.some((one) => one.status === status && one.alerts.some(({ labels }) => labels.alertname === 'UlasanQualityError' && labels.rule === 'missing-date'));
    const metrics = JSON.parse(before) as { readonly name: string; readonly values: { readonly labels: { readonly rule?: string }; value: number }[] }[];
    for (const { name, values } of metrics) if (name === 'ulasan_quality_check_passed') for (const one of values) if (one.labels.rule === 'missing-date') one.value = 0;
    writeFileSync(file, JSON.stringify(metrics));
    await until(() => (told('firing') ? true : undefined), 'the alert', 60_000);
    const alert = received.flatMap(({ alerts }) => alerts).find(({ labels }) => labels.alertname === 'UlasanQualityError');
    assert.deepEqual([alert?.annotations.runbook, alert?.annotations.summary, alert?.labels.severity], ['docs/runbooks/UlasanQualityError.md', 'The data does not pass missing-date: the run stopped before training', 'critical']);
    writeFileSync(file, before);
    await until(() => (told('resolved') ? true : undefined), 'its end', 60_000);
  });

  test('a server that is killed is missed', async () => {
    await programs[0]?.stop('SIGKILL');
    await until(() => (received.some(({ alerts }) => alerts.some(({ labels }) => labels.alertname === 'UlasanServerDown')) ? true : undefined), 'the alert', 60_000);
  });
});
