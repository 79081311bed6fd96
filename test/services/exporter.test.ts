import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { takeExclusive } from '../../records/exclusive.ts';
import { startExporter } from '../../services/exporter.ts';
import type { RunningExporter } from '../../services/exporter.ts';
import { EMPTY, stoppedState, writeState } from '../../services/schedule/state.ts';
import { Deployment, quiet } from './rig.ts';

let deployment: Deployment;
let exporter: RunningExporter;
beforeEach(async () => {
  deployment = new Deployment();
  exporter = await startExporter({ workspace: deployment.workspace, host: '127.0.0.1', port: 0, log: quiet });
});
afterEach(async () => {
  await exporter.stop();
  await deployment.remove();
});
const ask = (place = '/metrics'): Promise<Response> => fetch(`http://127.0.0.1:${exporter.port}${place}`);
const metrics = async (): Promise<string> => (await ask()).text();

function run(id: string, outcome: string, stages: readonly Readonly<Record<string, unknown>>[] = []): void {
  const stage = { reasons: [], seconds: 1, secondsSaved: 0, log: null, facts: {}, headline: null, problem: null, events: [] };
  deployment.write(`.repro/runs/${id}.json`, JSON.stringify({
    version: 1, id, startedAt: '2026-01-01T00:00:00Z', finishedAt: outcome === 'running' ? null : '2026-01-01T00:01:00Z', command: [], overrides: [], outcome, seconds: 60, secondsSaved: 5, asOf: '2026-01-01T00:00:00Z',
    stages: stages.map((one) => ({ ...stage, ...one })),
  }));
}

const [FIRST, SECOND, THIRD] = ['20260101T000000000Z-0001', '20260101T060000000Z-0001', '20260101T120000000Z-0001'] as const;

describe('the exporter', () => {
  test('of an empty workspace knows little, and says no number that it does not know', async () => {
    const text = await metrics();
    assert.match(text, /^ulasan_run_record_read_success 1$/m);
    assert.doesNotMatch(text, /^ulasan_exporter_view_success\{[^}]*\} 0$/m);
    assert.match(text, /^ulasan_disk_free_bytes \d+/m);
    assert.doesNotMatch(text, /^ulasan_(model_size_bytes|data_drift_detected|pipeline_last_run_duration_seconds)/m);
  });

  test('tells how the last run went, stage by stage, and how many failed in a row', async () => {
    run(FIRST, 'done', [{ name: 'clean', state: 'ran' }]);
    run(SECOND, 'failed', [{ name: 'clean', state: 'failed', seconds: 2.5 }, { name: 'split', state: 'blocked' }]);
    run(THIRD, 'failed', [{ name: 'clean', state: 'failed', seconds: 2.5 }, { name: 'collect', state: 'fresh' }]);
    const text = await metrics();
    for (const line of ['ulasan_pipeline_consecutive_failures 2', 'ulasan_pipeline_stage_success{stage="clean"} 0', 'ulasan_pipeline_stage_success{stage="collect"} 1', 'ulasan_pipeline_stage_duration_seconds{stage="clean"} 2.5', 'ulasan_pipeline_last_run_timestamp_seconds{outcome="done"} 1767225660', 'ulasan_pipeline_last_run_saved_seconds 5', 'ulasan_pipeline_running 0']) assert.ok(text.includes(`${line}\n`), line);
    assert.doesNotMatch(text, /stage="split"/, 'what was in an earlier run only does not linger');
  });

  test('a run under way is told of, and the one before it stays the last', async () => {
    run(FIRST, 'done', [{ name: 'clean', state: 'ran' }]);
    run(SECOND, 'running', [{ name: 'clean', state: 'pending' }]);
    const text = await metrics();
    assert.ok(text.includes('ulasan_pipeline_running 1\n') && text.includes('ulasan_pipeline_stage_success{stage="clean"} 1\n'));
  });

  test('a record that is broken keeps the others, and sets the mark to 0 until it is whole', async () => {
    run(FIRST, 'done', [{ name: 'clean', state: 'ran' }]);
    deployment.write(`.repro/runs/${SECOND}.json`, '{"version":1,');
    const text = await metrics();
    assert.ok(text.includes('ulasan_run_record_read_success 0\n') && text.includes('ulasan_pipeline_stage_success{stage="clean"} 1\n'));
    run(SECOND, 'done', [{ name: 'clean', state: 'ran' }]);
    assert.ok((await metrics()).includes('ulasan_run_record_read_success 1\n'));
  });

  test('a broken record that is taken away is missed no more', async () => {
    deployment.write(`.repro/runs/${SECOND}.json`, '{"version":1,');
    assert.ok((await metrics()).includes('ulasan_run_record_read_success 0\n'));
    rmSync(path.join(deployment.workspace, `.repro/runs/${SECOND}.json`));
    assert.ok((await metrics()).includes('ulasan_run_record_read_success 1\n'));
  });

  test('a run that was killed is not under way; one on another machine is', async () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    const id = `20260101T060000000Z-${(ended % 0x10000).toString(16).padStart(4, '0')}`;
    run(id, 'running', [{ name: 'clean', state: 'ran' }, { name: 'train', state: 'pending' }]);
    const under = async (holder: object): Promise<boolean> => {
      deployment.write('.repro/lock.json', JSON.stringify({ since: '', ...holder }));
      return (await metrics()).includes('ulasan_pipeline_running 1\n');
    };
    assert.deepEqual([await under({ pid: ended, host: hostname() }), await under({ pid: ended, host: 'elsewhere' }), await under({ pid: ended + 1, host: 'elsewhere' })], [false, true, false]);
  });

  test('a run that was stopped says nothing of its stages', async () => {
    run(FIRST, 'interrupted', [{ name: 'clean', state: 'ran' }, { name: 'train', state: 'interrupted' }]);
    assert.doesNotMatch(await metrics(), /ulasan_pipeline_stage_success/);
  });

  test('a registry that is broken is told, and costs itself alone', async () => {
    deployment.champion(1);
    deployment.release(FIRST, 1);
    deployment.write('models/registry.json', '{');
    const text = await metrics();
    assert.ok(text.includes('ulasan_exporter_file_read_success{file="registry"} 0\n') && text.includes('ulasan_exporter_file_read_success{file="release"} 1\n'));
    assert.doesNotMatch(text, /ulasan_model_info/);
    assert.match(text, /ulasan_release_published_info/);
  });

  test('tells of model, release, gate and scheduler', async () => {
    const version = deployment.champion(1);
    deployment.release(FIRST, 1);
    deployment.write('data/promote/decision.json', JSON.stringify({ app: 'com.example.app', dataset: 'sample:com.example.app', candidate: version, champion: null, decision: 'rejected', criteria: [], reason: '' }));
    writeState(deployment.workspace, { ...EMPTY, next: '2026-01-01T06:00:00Z', triggers: { 'time:done': 3 } });
    const text = await metrics();
    for (const line of [
      `ulasan_model_info{alias="champion",version="${version}"} 1`, 'ulasan_model_macro_f1_ratio{bound="estimate"} 0.7', 'ulasan_model_macro_f1_ratio{bound="low"} 0.6', 'ulasan_model_gate_decision{decision="rejected"} 1',
      'ulasan_model_gate_decision{decision="promoted"} 0', `ulasan_release_published_info{release="${FIRST}",model="${version}"} 1`, `ulasan_release_published_timestamp_seconds{release="${FIRST}"} 1767225600`, 'ulasan_model_registry_events_total{action="promote"} 1', 'ulasan_model_registry_events_total{action="rollback"} 0',
      'ulasan_scheduler_next_run_timestamp_seconds 1767247200', 'ulasan_scheduler_triggers_total{source="time",outcome="done"} 3', 'ulasan_notifications_total{channel="webhook",outcome="failed"} 0',
    ]) assert.ok(text.includes(`${line}\n`), line);
  });

  test('tells when a scheduler last lived also after it was stopped, and nothing of one that never was or was paused', async () => {
    const shown = async (): Promise<readonly string[]> => (await metrics()).match(/^ulasan_scheduler_(alive_timestamp_seconds|running) .*$/gm) ?? [];
    assert.deepEqual(await shown(), ['ulasan_scheduler_running 0']);
    const alive = { ...EMPTY, pid: 1, aliveAt: new Date().toISOString(), running: true };
    writeState(deployment.workspace, stoppedState(alive));
    assert.deepEqual(await shown(), [`ulasan_scheduler_alive_timestamp_seconds ${Date.parse(alive.aliveAt) / 1000}`, 'ulasan_scheduler_running 0']);
    writeState(deployment.workspace, stoppedState({ ...alive, paused: true }));
    assert.deepEqual(await shown(), ['ulasan_scheduler_running 0']);
  });

  test('says of a scheduler that was killed in the middle of a run that it runs nothing, by its lock', async () => {
    const running = async (): Promise<string | undefined> => /^ulasan_scheduler_running (\d)$/m.exec(await metrics())?.[1];
    const lock = takeExclusive(DatabaseSync, deployment.at('.repro/schedule/lock.db'));
    writeState(deployment.workspace, { ...EMPTY, pid: 1, aliveAt: new Date().toISOString(), running: true });
    assert.equal(await running(), '1');
    lock?.release();
    assert.equal(await running(), '0');
  });

  test('counters do not grow by being scraped', async () => {
    deployment.champion(1);
    deployment.release(FIRST, 1);
    const line = /ulasan_model_registry_events_total\{action="promote"\} \d+/;
    const [first, second] = [line.exec(await metrics())?.[0], line.exec(await metrics())?.[0]];
    assert.equal(first, second);
  });

  test('what the watch stage names is taken over; a broken file costs itself alone', async () => {
    deployment.write('data/watch/metrics.json', JSON.stringify([{ name: 'ulasan_quality_check_passed', help: 'x', values: [{ labels: { rule: 'a"b\n', severity: 'error' }, value: 0 }] }]));
    assert.ok((await metrics()).includes('ulasan_quality_check_passed{rule="a\\"b\\n",severity="error"} 0\n'));
    deployment.write('data/watch/metrics.json', '[{');
    const text = await metrics();
    assert.ok(text.includes('ulasan_exporter_file_read_success{file="watch"} 0\n') && text.includes('ulasan_exporter_file_read_success{file="drift"} 1\n') && text.includes('ulasan_disk_size_bytes'));
  });

  test('no metric has labels without end: no id of a review, user or request', async () => {
    deployment.release(FIRST, 1);
    const names = new Set([...(await metrics()).matchAll(/[{,]([a-z_]+)="/g)].map(([, name = '']) => name));
    for (const name of names) assert.ok(['stage', 'state', 'outcome', 'source', 'channel', 'rule', 'severity', 'language', 'feature', 'measure', 'alias', 'version', 'action', 'release', 'model', 'bound', 'label', 'estimator', 'decision', 'view', 'file'].includes(name), name);
  });

  test('has nothing but metrics and health', async () => {
    assert.deepEqual([(await ask('/healthz')).status, (await ask('/../models/registry.json')).status], [200, 404]);
    assert.equal((await fetch(`http://127.0.0.1:${exporter.port}/metrics`, { method: 'POST' })).status, 405);
  });
});
