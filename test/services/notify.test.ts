import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { HookEvent } from '../../services/notify/event.ts';
import { messageOf } from '../../services/notify/message.ts';
import type { Message } from '../../services/notify/message.ts';
import { tell } from '../../services/notify/notify.ts';
import { outboxFolder } from '../../services/notify/outbox.ts';
import { root } from '../pipeline/rig.ts';
import { RUN, event, now, rejected, who } from './alerts.ts';
import { Receiver } from './receiver.ts';
import { DATASET, Deployment, quiet } from './rig.ts';

describe('an alert', () => {
  test('of a rejection has both scores, the interval, the reason, the run and the next step', () => {
    const { severity, text, next, run } = messageOf(rejected, { reportUrl: 'https://report.example/', now, who });
    assert.equal(severity, 'warning');
    for (const part of ['play:com.valar.pintu, on host1, started by the scheduler (time)', 'aaaaaaaaaaaa', '0.612', '0.580 to 0.640', 'bbbbbbbbbbbb has 0.660', 'macro-F1 0.612 is worse', RUN.id, `https://report.example/runs.html#run-${RUN.id}`]) assert.ok(text.includes(part), part);
    assert.match(next, /pnpm model promote aaaaaaaaaaaa/);
    assert.equal(run.url, `https://report.example/runs.html#run-${RUN.id}`);
  });

  test('of each kind says what happened and what to do', () => {
    const of = (one: HookEvent): string => messageOf(one, { reportUrl: null, now, who }).text;
    assert.match(of(event('quality-error', { rule: 'missing-date', rows: 60, share: 0.12, limit: 0.05 })), /missing-date[\s\S]*60 rows[\s\S]*12\.0 %[\s\S]*\nThe run stopped before training\.\nNext: /);
    assert.match(of(event('quality-error', { rule: 'missing-date', rows: 300, share: 1 })), /missing-date\n.*\n300 rows fail it, 100\.0 % of them all; no review is left to learn from\n/);
    assert.match(of(event('stale-data', { rule: 'freshness', severity: 'error', value: 200, limit: 168 })), /newest review is too old\n.*\n200 hours; the limit is 168/);
    assert.match(of(event('stale-data', { rule: 'future', severity: 'warning', value: 30, limit: 24 })), /\[warning\] The newest review is dated in the future\n.*\n30 hours ahead of the clock; the limit is 24\nNext: Look at the dates of the source/);
    assert.match(of(event('stale-data', { rule: 'volume', severity: 'warning', value: 0.1, limit: 0.2 })), /\[warning\].*\n.*\n10\.0 % of the usual/);
    assert.match(of(event('drift', { features: 'labels, words', newRows: 300, retrain: true })), /labels, words\n.*\n300 new reviews[\s\S]*trained anew/);
    assert.match(of(event('stage-failed', {}, { stage: 'train', problem: { message: 'Cannot train', hint: 'Give more rows' } })), /stage train failed\n.*\nCannot train\nNext: Give more rows/);
    const app = { app: 'com.y.two', language: 'id', why: 'strange', further: true, problem: 'The rows are elsewhere', next: 'Look at the answer' };
    assert.match(of(event('format-changed', app)), /\[error\] The Play Store's format changed for com\.y\.two\n.*\nThe rows are elsewhere\n.*other apps of the run were asked\.\nNext: Look at the answer/);
    assert.match(of(event('collect-failed', { ...app, why: 'no-app' })), /The reviews of com\.y\.two could not be collected\n/);
    assert.match(of(event('run-failed', { tries: 3 }, { stage: null, problem: { message: 'Cannot read params.yaml' } })), /\[error\] The pipeline failed before a stage could say why\n.*\nTried 3 times\nCannot read params.yaml\nNext: /);
    assert.match(of(event('something-new', { a: 1 })), /something-new \(promote\)\n.*\na: 1/);
  });

  test('says that a model goes on serving only where one of this dataset does', async (t) => {
    const deployment = new Deployment();
    t.after(() => deployment.remove());
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    const unlike = event('quality-error', { dataset: DATASET, rule: 'rating-range', rows: 60, share: 0.12, limit: 0.05 });
    const told = async (one: HookEvent): Promise<string> => {
      await tell(one, { workspace: deployment.workspace, env: { ALERT_WEBHOOK_URL: receiver.url }, log: quiet });
      return (JSON.parse(receiver.received.at(-1)?.body ?? '') as Message).text;
    };
    assert.doesNotMatch(await told(unlike), /serving/);
    deployment.champion(1);
    assert.match(await told(unlike), /The run stopped before training; yesterday's model goes on serving\./);
    assert.doesNotMatch(await told({ ...unlike, facts: { ...unlike.facts, dataset: 'file:com.example.app' } }), /serving/);
    assert.doesNotMatch(await told(event('gate-rejected', { candidate: 'aaaaaaaaaaaa', reason: 'too few rows' })), /serving/);
  });

  test('of a run that ended before it had an id leads nowhere, since the report has no place of it', () => {
    const { text, run } = messageOf(event('run-failed', { tries: 1 }, { stage: null, run: { ...RUN, id: 'begun 2026-11-26T11:30:49.132Z' } }), { reportUrl: 'https://report.example/', now, who });
    assert.equal(run.url, null);
    assert.match(text, /\nRun begun 2026-11-26T11:30:49\.132Z$/);
    assert.doesNotMatch(text, /report\.example/);
  });

  test('calls nobody and leads nowhere by what stands in somebody\'s file: Slack shows it as it is', () => {
    const facts = { column: '<!channel> & <http://evil.example|the report>' };
    const message = messageOf(event('stage-failed', facts, { problem: { message: `There is no ${facts.column}`, hint: 'Did you mean <@U1>?' } }), { reportUrl: 'https://report.example/?a=1&b=2', now, who });
    assert.match(message.text, /There is no &lt;!channel&gt; &amp; &lt;http:\/\/evil\.example\|the report&gt;\nNext: Did you mean &lt;@U1&gt;\?\nRun /);
    assert.ok(message.text.endsWith(`: https://report.example/?a=1&b=2/runs.html#run-${RUN.id}`), 'our own link leads where it led');
    assert.deepEqual([message.facts, message.next], [facts, 'Did you mean <@U1>?']);
  });

  test('has one id however often it is told, and another for another run', () => {
    const id = (one: HookEvent): string => messageOf(one, { reportUrl: null, now: new Date(), who }).id;
    assert.equal(id(rejected), id(rejected));
    assert.notEqual(id(rejected), id({ ...rejected, run: { ...RUN, id: '20260101T060000000Z-abcd' } }));
  });
});

describe('the hook', () => {
  let workspace = '';
  beforeEach(() => void (workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-hook-'))));
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));

  async function hook(one: HookEvent, env: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number | null; readonly output: string }> {
    const file = path.join(workspace, 'event.json');
    writeFileSync(file, JSON.stringify(one));
    const child = spawn(process.execPath, [path.join(root, 'services/notify.js')], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, REPRO_EVENT: file, REPRO_WORKSPACE: workspace, ...env } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    return { status: await new Promise((resolve) => child.on('close', resolve)), output };
  }

  test('tells the webhook, and the log always, with the run in the line', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    assert.equal((await hook(rejected, { ALERT_WEBHOOK_URL: receiver.url })).status, 0);
    assert.equal(receiver.received.length, 1);
    const lines = readFileSync(path.join(workspace, 'logs/alerts.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(lines.map(({ level, run, stage, kind }) => [level, run, stage, kind]), ['warn', 'info'].map((level) => [level, RUN.id, 'promote', 'gate-rejected']));
    assert.deepEqual(JSON.parse(readFileSync(path.join(workspace, '.repro/alerts/tally.json'), 'utf8')), { 'log:warning': 1, 'webhook:sent': 1 });
  });

  test('has the whole story in the log: why, who, the next step and the link of the run', async () => {
    const failed = event('stage-failed', {}, { problem: { message: 'Cannot take -1 for gate.margin: it must be 0 or more', hint: 'Change gate.margin in params.yaml' } });
    await hook(failed, { REPORT_URL: 'https://report.example', ALERT_CAUSE: 'the scheduler (time)' });
    const [line = ''] = readFileSync(path.join(workspace, 'logs/alerts.jsonl'), 'utf8').split('\n');
    const { why, dataset, machine, startedBy, next, link, msg } = JSON.parse(line) as Record<string, unknown>;
    assert.deepEqual({ why, dataset, machine, startedBy, next, link, msg }, {
      why: 'Cannot take -1 for gate.margin: it must be 0 or more', dataset: 'sample:com.valar.pintu', machine: hostname(), startedBy: 'the scheduler (time)', next: 'Change gate.margin in params.yaml',
      link: `https://report.example/runs.html#run-${RUN.id}`, msg: 'The stage promote failed',
    });
  });

  test('without a webhook only logs; a failure that is tried again wakes nobody', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    assert.equal((await hook(rejected)).status, 0);
    const later = { ALERT_WEBHOOK_URL: receiver.url, ALERT_LATER: '1' };
    assert.equal((await hook(event('stage-failed', {}), later)).status, 0);
    assert.equal((await hook(event('quality-error', { rule: 'missing-date', rows: 1, share: 0.5, limit: 0.05 }), later)).status, 0);
    assert.equal(receiver.received.length, 0);
    assert.equal(existsSync(outboxFolder(workspace)), false);
  });

  test('of a further app that failed tells at once, unless the run failed and is tried again; of the configured one its stage does', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    const told = async (facts: HookEvent['facts'], outcome = 'done'): Promise<number> => {
      receiver.received.length = 0;
      await hook(event('format-changed', { app: 'com.y.two', ...facts }, { run: { ...RUN, outcome } }), { ALERT_WEBHOOK_URL: receiver.url, ALERT_LATER: '1' });
      return receiver.received.length;
    };
    assert.deepEqual([await told({ further: true }), await told({ further: true }, 'failed'), await told({}, 'failed')], [1, 0, 0]);
  });

  test('says which dataset and what started the run, also where nothing was collected', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    const about = async (more: Readonly<Record<string, string>> = {}): Promise<string | undefined> => {
      await hook(event('stage-failed', {}, { stage: 'collect' }), { ALERT_WEBHOOK_URL: receiver.url, ...more });
      return (JSON.parse(receiver.received.at(-1)?.body ?? '{}') as Partial<Message>).text?.split('\n')[1]?.replace(hostname(), 'host1');
    };
    assert.equal(await about(), 'sample:com.valar.pintu, on host1, started by pnpm repro', 'as params.yaml says');
    mkdirSync(path.join(workspace, '.repro/runs'), { recursive: true });
    writeFileSync(path.join(workspace, `.repro/runs/${RUN.id}.json`), JSON.stringify({ ...RUN, version: 1, command: [], overrides: ['collect.source=play', 'collect.source=file', 'collect.app=com.example.app'], outcome: 'running', secondsSaved: 0, asOf: '', stages: [] }));
    assert.equal(await about({ ALERT_CAUSE: 'the scheduler (time)' }), 'file:com.example.app, on host1, started by the scheduler (time)', 'as the run was told');
  });

  test('sends a message straight where the disk does not keep it', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    mkdirSync(path.dirname(outboxFolder(workspace)), { recursive: true });
    writeFileSync(outboxFolder(workspace), 'no folder');
    assert.equal((await hook(rejected, { ALERT_WEBHOOK_URL: receiver.url })).status, 0);
    assert.equal(receiver.received.length, 1);
    assert.match(readFileSync(path.join(workspace, 'logs/alerts.jsonl'), 'utf8'), /the outbox of alerts cannot be used.*\n.*told the team/);
  });

  test('keeps a message whose webhook stands in a file that is missing, and says so in the log', async () => {
    const { status } = await hook(rejected, { ALERT_WEBHOOK_URL_FILE: path.join(workspace, 'nowhere') });
    assert.equal(status, 0);
    assert.match(readFileSync(path.join(workspace, 'logs/alerts.jsonl'), 'utf8'), /"level":"error".*ALERT_WEBHOOK_URL_FILE, .*nowhere.*ENOENT/);
    assert.equal(readdirSync(outboxFolder(workspace)).filter((name) => name.endsWith('.json')).length, 1);
  });

  test('of a stage that failed for a reason of its own, which was told, says nothing more', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    for (const emitted of [['quality-error'], ['quality-error', 'other'], []]) await hook(event('stage-failed', {}, { emitted }), { ALERT_WEBHOOK_URL: receiver.url });
    assert.equal(receiver.received.length, 1);
  });

  test('of a receiver that is away, the alert waits, the next one takes it along, and no address is in the log', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    const gone = 'http://127.0.0.1:9/hidden-path';
    const { status, output } = await hook(rejected, { ALERT_WEBHOOK_URL: gone });
    assert.equal(status, 0);
    assert.doesNotMatch(output + readFileSync(path.join(workspace, 'logs/alerts.jsonl'), 'utf8'), /hidden-path/);
    await hook(event('drift', { features: 'x', newRows: 1, retrain: false }), { ALERT_WEBHOOK_URL: receiver.url });
    assert.deepEqual(receiver.received.map(({ body }) => (JSON.parse(body) as Message).kind), ['gate-rejected', 'drift']);
  });

  test('is tried by hand: the webhook gets a message that says so, and whoever asked what came of it', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    const tried = (env: Readonly<Record<string, string>>) => promisify(execFile)(process.execPath, [path.join(root, 'services/notify.js'), '--test'], { env: { PATH: process.env.PATH ?? '', ...env } }).then(({ stdout }) => stdout, (error: { readonly code: number; readonly stderr: string }) => `${error.code} ${error.stderr}`);
    assert.equal(await tried({ ALERT_WEBHOOK_URL: receiver.url }), 'The webhook took the message\n');
    assert.deepEqual(receiver.received.map(({ body }) => (JSON.parse(body) as Message).title), ['A test: alerts of the pipeline come here']);
    assert.match(await tried({}), /^1 Cannot try the webhook as none is set/);
    const refused = await tried({ ALERT_WEBHOOK_URL: 'http://127.0.0.1:9/hidden-path' });
    assert.match(refused, /^1 The webhook did not take the message: no connection\./);
    assert.doesNotMatch(refused, /hidden-path/);
  });

  test('by hand says what it is', async () => {
    const child = spawn(process.execPath, [path.join(root, 'services/notify.js')], { stdio: 'ignore', env: { PATH: process.env.PATH ?? '' } });
    assert.equal(await new Promise((resolve) => child.on('close', resolve)), 2);
  });
});
