import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { DASHBOARDS } from '../../monitoring/grafana/dashboards.ts';
import { POSTGRES, PROMETHEUS } from '../../monitoring/grafana/panels.ts';
import { root } from '../pipeline/rig.ts';
import { at, missing, run, skip } from './monitoring/files.ts';
import type { Rule } from './monitoring/files.ts';

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
    writeFileSync(path.join(secrets, 'smtp_password'), 'x\n');
    make('TELEGRAM_CHAT_ID=-1001\nALERT_EMAIL_TO=on-call@example.org\nSMTP_HOST=smtp.example.org:587\nSMTP_USER=ulasan\nRUNBOOKS_URL=https://git.example.org/ulasan/\n');
    assert.match(readFileSync(file, 'utf8'), /email_configs/);
    assert.ok(readFileSync(file, 'utf8').includes('What to do: https://git.example.org/ulasan/{{ .Annotations.runbook }}'));
  });

  test('the dashboards are what their source makes', () => {
    for (const [name, make] of Object.entries(DASHBOARDS)) assert.equal(readFileSync(at('grafana/dashboards', `${name}.json`), 'utf8'), `${JSON.stringify(make(), null, 2)}\n`, `run  node monitoring/grafana/generate.ts  (${name})`);
  });
});
