import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { parse, stringify } from 'yaml';
import { DASHBOARDS } from '../../monitoring/grafana/dashboards.ts';
import { POSTGRES, PROMETHEUS } from '../../monitoring/grafana/panels.ts';
import { requestRun } from '../../services/schedule/request.ts';
import { Pipeline, root, worked } from '../pipeline/rig.ts';
import { post, until } from '../services/rig.ts';
import { postgresMissing, startPostgres } from './postgres/server.ts';
import { Program, freePort } from './services/process.ts';

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const missing = ['prometheus', 'promtool', 'prometheus-alertmanager', 'amtool'].filter((program) => !has(program));
const skip = missing.length > 0 ? `missing: ${missing.join(', ')} (Debian: prometheus, prometheus-alertmanager)` : postgresMissing();
/** As the rig of the pipeline has it, with more reviews. */
const SMALL_SETS = 'train.folds=3 train.random-forest.trees=8';
const at = (...parts: readonly string[]): string => path.join(root, 'monitoring', ...parts);

function run(program: string, ...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(program, [...args], { encoding: 'utf8', cwd: root });
  return { status, output: `${stdout}${stderr}` };
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
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

  test('every file is valid YAML, and panels name data sources that are provisioned', () => {
    const files = readdirSync(at(), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yml'));
    assert.ok(files.length >= 6);
    for (const file of files) assert.doesNotThrow(() => parse(readFileSync(at(file), 'utf8'), { strict: true }) as unknown, file);
    const { datasources } = parse(readFileSync(at('grafana/provisioning/datasources/ulasan.yml'), 'utf8')) as { readonly datasources: readonly { readonly uid: string; readonly type: string }[] };
    const known = datasources.map(({ uid, type }) => `${type} ${uid}`);
    for (const { uid = '', type = '' } of [PROMETHEUS, POSTGRES]) assert.ok(known.includes(`${type} ${uid}`), uid);
  });

  test('every alert fires where it should and is silent where it should be', () => {
    const { status, output } = run('promtool', 'test', 'rules', at('prometheus/tests/alerts.test.yml'), at('prometheus/tests/days.test.yml'));
    assert.equal(status, 0, output);
  });

  test('a rule that is changed makes its test fail: each limit, each time, each condition', async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-rules-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const { groups } = parse(readFileSync(at('prometheus/rules/alerts.yml'), 'utf8')) as { readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[] };
    const rules = groups.flatMap((group) => group.rules);
    // All changes of one kind at once, each rule's tests alone: a rule that is not missed by its own tests is told.
    const slow = readFileSync(at('prometheus/tests/days.test.yml'), 'utf8');
    const changes: readonly [string, (rule: Rule) => Rule | null][] = [
      ['a longer time', (rule) => ({ ...rule, for: rule.for.replace(/\d+/, (count) => String(Number(count) * (slow.includes(rule.alert) ? 1000 : 3))) })],
      ['a limit that is never reached', (rule) => (/(==|<|>=?) [\d.]+/.test(rule.expr) ? { ...rule, expr: rule.expr.replaceAll(/(==|<|>=?) ([\d.]+)/g, (_, sign: string, limit: string) => `${sign} ${sign === '<' ? -1 : Number(limit) * 2 + 1000}`) } : null)],
      ['a limit that is always reached', (rule) => (/(<|>=?) [\d.]+/.test(rule.expr) ? { ...rule, expr: rule.expr.replaceAll(/(<|>=?) ([\d.]+)/g, (_, sign: string, limit: string) => `${sign} ${sign === '<' ? Number(limit) * 10 : -1}`) } : null)],
      ['without its exception', (rule) => (rule.expr.includes(' unless ') ? { ...rule, expr: rule.expr.split(' unless ')[0] ?? '' } : null)],
      ['without its labels', (rule) => (/\{[^}]+\}/.test(rule.expr) ? { ...rule, expr: rule.expr.replaceAll(/\{[^}]+\}/g, '') } : null)],
    ];
    for (const [what, change] of changes) {
      const changed = rules.map((rule) => change(rule) ?? rule);
      const place = path.join(folder, what.replaceAll(' ', '-'));
      cpSync(at('prometheus'), place, { recursive: true });
      writeFileSync(path.join(place, 'rules/alerts.yml'), stringify({ groups: [{ name: 'ulasan', rules: changed }] }));
      const { output } = run('promtool', 'test', 'rules', path.join(place, 'tests/alerts.test.yml'), path.join(place, 'tests/days.test.yml'));
      for (const [index, { alert }] of rules.entries()) {
        const meant = rules[index] === undefined ? null : change(rules[index]);
        if (meant !== null) assert.ok(output.includes(`alertname: ${alert},`), `${alert} with ${what}: no test of it failed`);
      }
    }
  });

  test('every alert has a test that fires, one that is silent, and a runbook', () => {
    const { groups } = parse(readFileSync(at('prometheus/rules/alerts.yml'), 'utf8')) as { readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly annotations: { readonly runbook: string; readonly summary: string } }[] }[] };
    const tests = ['alerts', 'days'].flatMap((file) => (parse(readFileSync(at(`prometheus/tests/${file}.test.yml`), 'utf8')) as { readonly tests: readonly { readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[] }[] }).tests);
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

  test('the routes of alerts lead to the right people, whichever channels are set up', (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-routes-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const secrets = path.join(folder, 'secrets');
    const file = path.join(secrets, 'alertmanager');
    const make = (env: string): void => {
      writeFileSync(path.join(folder, '.env'), env);
      assert.equal(spawnSync(process.execPath, [path.join(root, 'scripts/secrets.js'), secrets]).status, 0);
      // The version of Debian reads the token of Telegram from the configuration only.
      writeFileSync(file, readFileSync(file, 'utf8').replace('"bot_token_file": "/run/secrets/telegram_token"', '"bot_token": "x"'));
      const checked = run('amtool', 'check-config', file);
      assert.equal(checked.status, 0, checked.output);
      for (const [severity, receiver] of [['critical', 'on-call'], ['warning', 'chat'], ['info', 'chat']]) assert.equal(run('amtool', 'config', 'routes', 'test', `--config.file=${file}`, `severity=${severity}`).output.split('\n')[0], receiver);
    };
    make('');
    writeFileSync(path.join(secrets, 'slack_url'), 'https://hooks.example.org/x\n');
    make('');
    writeFileSync(path.join(secrets, 'telegram_token'), '1:x\n');
    make('TELEGRAM_CHAT_ID=-1001\nALERT_EMAIL_TO=on-call@example.org\nSMTP_HOST=smtp.example.org:587\nSMTP_USER=ulasan\nRUNBOOKS_URL=https://git.example.org/ulasan/\n');
    assert.ok(readFileSync(file, 'utf8').includes('What to do: https://git.example.org/ulasan/{{ .Annotations.runbook }}'));
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
    await until(() => (programs[1]?.output.includes('the run ended: done') === true ? true : undefined), 'the end of the run', 180_000);
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
