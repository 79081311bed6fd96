import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { WatchParams } from '../../../schema/params.ts';
import type { QualityReport, WatchMetric } from '../../../schema/quality.ts';
import type { RunRecord } from '../../../schema/run-record.ts';
import type { StageOutcome } from '../../../stages/context.ts';
import { judgeClock, judgeFuture, lastCollected } from '../../../stages/watch/judge.ts';
import { run as watch } from '../../../stages/watch.ts';

const PARAMS: WatchParams = {
  everyRun: { sample: false, file: false, play: true }, sources: ['play'], freshness: { severity: 'error', hours: 168 }, collect: { severity: 'error', hours: 24 }, volume: { severity: 'warning', shareMin: 0.2 }, future: { severity: 'warning', hours: 24 },
};
const DAY_MS = 86_400_000;
const NOW = '2026-07-01T07:00:00.000Z';
const day = (back: number): string => new Date(Date.parse(NOW) - back * DAY_MS).toISOString().slice(0, 10);

/** Twenty reviews a day for nine weeks, until so many days ago. */
function quality(untilDaysAgo: number, changes: Partial<QualityReport> = {}): QualityReport {
  const volume = Array.from({ length: 63 }, (_, index) => ({ day: day(untilDaysAgo + 62 - index), rows: 20 }));
  return {
    app: 'com.valar.pintu', dataset: 'play:com.valar.pintu', rows: 1260, oldest: `${day(untilDaysAgo + 62)}T00:00:00Z`, newest: `${day(untilDaysAgo)}T06:00:00Z`, languages: { id: 1260 }, ratings: { 5: 1260 }, volume,
    checks: [{ rule: 'empty-text', severity: 'warning', passed: true, rows: 0, share: 0, limit: 0.05, examples: [] }], passed: true, ...changes,
  };
}

const failing = (now: string, report: QualityReport | null, collectedAt: string | null): readonly string[] => judgeClock({ now, params: PARAMS, quality: report, collectedAt }).filter(({ passed }) => !passed).map(({ rule }) => rule);

describe('judging by the clock', () => {
  test('a source that brings news every day is well', () => assert.deepEqual(failing(NOW, quality(0), NOW), []));
  test('a source that answers but has had nothing new since yesterday is told first, and fails after a week', () => {
    assert.deepEqual(failing(NOW, quality(2), NOW), ['volume']);
    assert.deepEqual(failing(NOW, quality(8), NOW), ['freshness', 'volume']);
  });
  test('a source that no longer answers fails after a day', () => assert.deepEqual(failing(NOW, quality(0), '2026-06-30T06:00:00.000Z'), ['collect']));
  test('one that comes back is well again', () => assert.deepEqual(failing('2026-07-10T07:00:00.000Z', quality(-9), '2026-07-10T07:00:00.000Z'), []));
  test('before anything is known nothing fails', () => {
    assert.deepEqual(failing(NOW, null, null), []);
    assert.deepEqual(failing(NOW, quality(0, { newest: null, volume: [] }), null), []);
  });
  test('a clock that is behind the newest review is no fault of the data', () => assert.deepEqual(failing('2026-06-25T07:00:00.000Z', quality(0), '2026-06-25T07:00:00.000Z').filter((rule) => rule !== 'volume'), []));
  test('an app with few reviews has no usual day', () => assert.deepEqual(failing(NOW, quality(2, { volume: quality(2).volume.map(({ day: date }) => ({ day: date, rows: 2 })) }), NOW), []));
});

describe('a newest review that is dated in the future', () => {
  const ahead = (newest: string | null): readonly unknown[] => {
    const { passed, value } = judgeFuture({ now: NOW, params: PARAMS, quality: quality(0, { newest }) });
    return [passed, value];
  };
  test('passes up to a day, as its time may be of another zone', () => {
    assert.deepEqual([ahead('2026-06-30T07:00:00Z'), ahead('2026-07-01T21:00:00Z'), ahead('2026-07-02T07:00:00Z')], [[true, 0], [true, 14], [true, 24]]);
    assert.deepEqual([ahead('2026-07-02T07:01:00Z'), ahead('2099-07-01T07:00:00Z')], [[false, 24.02], [false, 639_912]]);
  });
  test('is not known where no date is', () => {
    assert.deepEqual(ahead(null), [true, null]);
    assert.deepEqual(judgeFuture({ now: NOW, params: PARAMS, quality: null }).value, null);
  });
});

const DATASET = 'play:com.valar.pintu';
const stage = (state: RunRecord['stages'][number]['state'], facts: Record<string, number | string> = {}): RunRecord['stages'][number] => ({ name: 'collect', state, reasons: [], seconds: 0, secondsSaved: 0, log: null, facts: { dataset: DATASET, ...facts }, headline: null, problem: null, events: [] });
const record = (id: string, asOf: string, stages: RunRecord['stages']): RunRecord => ({ version: 1, id, startedAt: asOf, finishedAt: asOf, command: [], overrides: [], outcome: 'done', seconds: 0, secondsSaved: 0, asOf, stages });

describe('when the source last answered', () => {
  test('is the newest run in which collect ran to its end, not one in which it failed or was still fresh', () => {
    const runs = [record('a', '2026-06-29T00:00:00Z', [stage('ran')]), record('b', '2026-06-30T00:00:00Z', [stage('failed')]), record('c', '2026-07-01T00:00:00Z', [stage('fresh')])];
    assert.deepEqual([lastCollected(runs, DATASET), lastCollected(runs.slice(1), DATASET), lastCollected([], DATASET)], ['2026-06-29T00:00:00Z', null, null]);
  });

  test('is that of the dataset: another source that answered says nothing', () => {
    const runs = [record('a', '2026-06-29T00:00:00Z', [stage('ran')]), record('b', '2026-06-30T00:00:00Z', [stage('ran', { dataset: 'sample:com.valar.pintu' })])];
    assert.equal(lastCollected(runs, DATASET), '2026-06-29T00:00:00Z');
  });
});

describe('the watch stage', () => {
  let folder = '';
  let events: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ulasan-watch-'));
    events = [];
    for (const name of ['reports', 'data/watch', '.repro/runs']) mkdirSync(path.join(folder, name), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => path.join(folder, name);
  const remember = (run: RunRecord): void => writeFileSync(at(`.repro/runs/${run.id}.json`), JSON.stringify(run));

  function run(asOf: string, source = 'play', params = PARAMS): Promise<StageOutcome> {
    return watch({
      stage: 'watch', params: { collect: { source, app: 'com.valar.pintu' }, watch: params }, item: null, env: {}, asOf, runRecord: at('.repro/runs/z.json'), outs: [], deps: [], path: at,
      log: () => undefined, emit: (kind, facts) => void events.push(`${kind} ${String(facts.rule)}`),
    });
  }
  const lines = (): readonly string[] => readFileSync(at('data/watch/history.jsonl'), 'utf8').split('\n').filter((line) => line !== '');

  test('keeps a moment a day, and one more when something changes', async () => {
    writeFileSync(at('reports/quality.json'), JSON.stringify(quality(0)));
    remember(record('a', NOW, [stage('ran', { new: 7 })]));
    for (const [time, count] of [['2026-07-01T07:00:00.000Z', 1], ['2026-07-01T13:00:00.000Z', 1], ['2026-07-02T01:00:00.000Z', 2]] as const) {
      await run(time);
      assert.equal(lines().length, count, time);
    }
    writeFileSync(at('reports/quality.json'), JSON.stringify(quality(0, { rows: 1261 })));
    await run('2026-07-02T02:00:00.000Z');
    assert.equal(lines().length, 3);
  });

  test('fails for a dead source, with an event, and every time', async () => {
    writeFileSync(at('reports/quality.json'), JSON.stringify(quality(9)));
    remember(record('a', NOW, [stage('ran')]));
    for (let turn = 0; turn < 2; turn++) {
      const outcome = await run(NOW);
      assert.ok(outcome.kind === 'failed');
      assert.match(outcome.problem, /newest review is 9 days old .* at most 7 days are expected/);
    }
    assert.deepEqual(events, ['stale-data freshness', 'stale-data volume', 'stale-data freshness', 'stale-data volume']);
  });

  test('remembers when the source last answered, however many runs have failed since, and whatever was cut', async () => {
    writeFileSync(at('reports/quality.json'), JSON.stringify(quality(0)));
    remember(record('a', '2026-06-20T00:00:00.000Z', [stage('ran')]));
    assert.equal((await run(NOW)).kind, 'failed');
    for (let turn = 0; turn < 60; turn++) remember(record(`b${String(turn).padStart(2, '0')}`, NOW, [stage('failed')]));
    writeFileSync(at('.repro/runs/c.json'), '{"version":1,');
    writeFileSync(at('reports/quality.json'), '{"app":');
    const outcome = await run(NOW);
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.problem, /source last answered 11 days ago/);
    remember(record('d', NOW, [stage('ran', { dataset: 'sample:com.valar.pintu' })]));
    assert.equal((await run(NOW)).kind, 'failed', 'a run of the sample is no answer of the store');
    remember(record('e', NOW, [stage('ran')]));
    assert.equal((await run(NOW)).kind, 'done');
  });

  test('tells of dates in the future, of every source, with an event and a sentence; as an error where that is asked for', async () => {
    for (const source of ['file', 'sample', 'play']) {
      events = [];
      remember(record('a', NOW, [stage('ran', { dataset: `${source}:com.valar.pintu` })]));
      writeFileSync(at('reports/quality.json'), JSON.stringify(quality(0, { dataset: `${source}:com.valar.pintu`, newest: '2099-01-01T00:00:00Z', volume: [] })));
      const outcome = await run(NOW, source);
      assert.ok(outcome.kind === 'done');
      assert.match(outcome.headline ?? '', /^warning: The newest review is dated 2099-01-01T00:00:00Z, 26,482 days ahead of the clock, where at most 24 hours are expected: .*\n {2}hint: .*collect\.columns\.at/);
      assert.deepEqual(events, ['stale-data future']);
      assert.match(lines().at(-1) ?? '', /"rule":"future","severity":"warning","passed":false/);
    }
    const failed = await run(NOW, 'play', { ...PARAMS, future: { severity: 'error', hours: 24 } });
    assert.ok(failed.kind === 'failed');
    assert.match(failed.problem, /ahead of the clock/);
  });

  test('does not judge the age of a sample or a file, and not by the report of another source', async () => {
    writeFileSync(at('reports/quality.json'), JSON.stringify(quality(400)));
    assert.equal((await run(NOW, 'sample')).kind, 'done');
    writeFileSync(at('reports/quality.json'), JSON.stringify(quality(400, { dataset: 'file:com.valar.pintu' })));
    assert.equal((await run(NOW)).kind, 'done');
    assert.deepEqual(events, []);
  });

  test('writes metrics whose labels are few, and survives what was cut', async () => {
    writeFileSync(at('reports/quality.json'), JSON.stringify(quality(0)));
    writeFileSync(at('data/watch/history.jsonl'), '{"at":"2026-');
    remember(record('a', NOW, [stage('ran', { new: 7 })]));
    await run(NOW);
    const metrics = JSON.parse(readFileSync(at('data/watch/metrics.json'), 'utf8')) as readonly WatchMetric[];
    const value = (name: string) => metrics.find((metric) => metric.name === name)?.values[0]?.value;
    assert.deepEqual([value('ulasan_collect_new_reviews'), value('ulasan_data_reviews'), value('ulasan_collect_last_success_timestamp_seconds')], [7, 1260, Date.parse(NOW) / 1000]);
    for (const { name, values } of metrics) {
      assert.match(name, /^ulasan_[a-z_]+$/);
      for (const { labels } of values) assert.ok(Object.keys(labels).every((label) => ['rule', 'severity', 'language'].includes(label)));
    }
    assert.ok(existsSync(at('data/watch/history.jsonl')));
  });
});
