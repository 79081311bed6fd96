import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Message } from '../../services/notify/message.ts';
import { QualityMoment } from '../../schema/quality.ts';
import type { WatchMetric } from '../../schema/quality.ts';
import { Receiver } from '../services/receiver.ts';
import { Pipeline } from './rig.ts';

describe('the team is told', () => {
  const pipeline = new Pipeline();
  const receiver = new Receiver();
  const received = (): readonly Message[] => receiver.received.map(({ body }) => JSON.parse(body) as Message);
  before(async () => {
    await receiver.start();
    pipeline.env = { ALERT_WEBHOOK_URL: receiver.url, REPORT_URL: 'https://report.example' };
    assert.equal((await pipeline.repro()).status, 0);
  });
  after(() => {
    receiver.stop();
    pipeline.remove();
  });

  test('nothing of a run in which all went well', () => assert.deepEqual(received(), []));

  test('of a model that the gate rejected: both scores, why, the run, the next step; the same story in record, log and report', async () => {
    const { status, record } = await pipeline.repro('--set', 'train.multinomial-nb.alpha=3', '--set', 'train.logistic-regression.C=0.01', '--set', 'train.random-forest.trees=1', '--set', 'gate.macroF1Min=0.99');
    assert.equal(status, 0, 'a rejection is no failure: the champion goes on serving');
    const [message] = received();
    assert.deepEqual([received().length, message?.kind, message?.severity, message?.run], [1, 'gate-rejected', 'warning', { id: record?.id, url: `https://report.example/runs.html#run-${record?.id}` }]);
    assert.match(message?.text ?? '', /macro-F1 0\.\d{3} \(95% 0\.\d{3} to 0\.\d{3}\); champion [0-9a-f]{12} has 0\.\d{3} on the same rows\nWhy: .*gate\.macroF1Min 0\.99/);
    const events = record?.stages.flatMap(({ events: told }) => told) ?? [];
    assert.deepEqual(events.map(({ kind, facts }) => [kind, facts.candidate]), [['gate-rejected', message?.facts.candidate]]);
    const lines = readFileSync(path.join(pipeline.workspace, 'logs/alerts.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(lines.map(({ run, stage, event }) => [run, stage, event]), [1, 2].map(() => [record?.id, 'promote', message?.id]));
    assert.match(pipeline.read('site/dist/en/model.html'), /0\.99/);
    assert.ok(pipeline.read('site/dist/runs.html').includes(`id="run-${record?.id}"`), 'where the link leads to');
  });

  test('of data that does not pass: the rule and its numbers, and that yesterday\'s model serves', async () => {
    receiver.received.length = 0;
    const { status, record } = await pipeline.repro('--set', 'validate.rules.no-letters.severity=error', '--set', 'validate.rules.no-letters.limit=0');
    assert.equal(status, 1);
    assert.deepEqual(received().map(({ kind, stage }) => [kind, stage]), [['quality-error', 'accept']]);
    assert.match(received()[0]?.text ?? '', /no-letters\n.*sample:com\.valar\.pintu, on .*\n\d+ rows fail it, \d\.\d % of them all; the limit is 0\.0 %\n.*goes on serving/);
    const states = Object.fromEntries(record?.stages.map(({ name, state }) => [name, state]) ?? []);
    assert.deepEqual([states.validate, states.accept, states.split, states.publish, states.watch, states.site], ['ran', 'failed', 'blocked', 'blocked', 'ran', 'ran']);
  });

  test('and report, metrics and history say the same, which the next good run takes back', async () => {
    const metric = (): number | undefined => (JSON.parse(pipeline.read('data/watch/metrics.json')) as readonly WatchMetric[]).find(({ name }) => name === 'ulasan_quality_check_passed')?.values.find(({ labels }) => labels.rule === 'no-letters')?.value;
    const newest = (): QualityMoment => QualityMoment.parse(JSON.parse(pipeline.read('data/watch/history.jsonl').trimEnd().split('\n').at(-1) ?? ''));
    const failing = (): readonly string[] => newest().checks.filter(({ passed }) => !passed).map(({ rule }) => rule);
    assert.deepEqual([metric(), failing()], [0, ['no-letters']]);
    const page = pipeline.read('site/dist/en/quality.html');
    assert.ok(page.includes('1 of the checks of 900 collected reviews failed with an error'));
    assert.equal((await pipeline.repro()).status, 0);
    assert.deepEqual([metric(), failing()], [1, []]);
    assert.ok(pipeline.read('site/dist/en/quality.html').includes('All checks of 900 collected reviews passed'));
  });
});
