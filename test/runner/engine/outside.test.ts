import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Job, Receipt } from '../../../runner/model.ts';
import { rig } from './rig.ts';
import type { Rig } from './rig.ts';

/** data -> train, held while the drift file says so. */
function gated(made: Rig): Rig {
  made.params = { C: 1 };
  return made.write('data', '1').write('drift-source', 'true').declare({
    drift: { deps: ['drift-source'], outs: ['data-drift.json'], does: (job) => writeFileSync(job.paths['data-drift.json'] ?? '', `{"retrain": ${made.read('drift-source')}}`) },
    train: { deps: ['data'], params: ['C'], when: 'data-drift.json#retrain', outs: ['model'] },
    score: { deps: ['model'], outs: ['score'] },
  });
}

describe('when', () => {
  test('while the condition is false, new data holds the stage and what follows stays fresh', async (t) => {
    const made = gated(rig(t));
    await made.run();
    made.write('drift-source', 'false').write('data', '2');
    assert.deepEqual(await made.states(), { drift: 'ran', train: 'held', score: 'fresh' });
    assert.equal(made.read('model'), 'train(1{"C":1})');
    const prediction = (await made.predict()).find(({ name }) => name === 'train');
    assert.deepEqual([prediction?.state, prediction?.reasons.map(({ text }) => text)], ['held', ['held by retrain', 'dep data changed']]);
    assert.equal(await made.states(), 'nothing');
  });

  test('a held stage keeps the fingerprint it was made from, and runs once the condition is true', async (t) => {
    const made = gated(rig(t));
    await made.run();
    const before = made.read('.repro/stages/train.json');
    made.write('drift-source', 'false').write('data', '2');
    await made.run();
    assert.equal(made.read('.repro/stages/train.json'), before);
    made.write('drift-source', 'true');
    assert.deepEqual(await made.reasons('train'), ['dep data changed']);
    assert.equal(made.read('score'), 'score(train(2{"C":1}){})');
  });

  test('a changed param, a changed command, --force and a missing out run it all the same', async (t) => {
    const made = gated(rig(t));
    await made.run();
    made.write('drift-source', 'false').write('data', '2');
    await made.run();
    made.params = { C: 2 };
    assert.deepEqual(await made.reasons('train'), ['params C: 1 -> 2', 'dep data changed']);
    made.write('data', '3');
    assert.equal(await made.states(), 'nothing');
    assert.equal((await made.record({ targets: ['train'], single: true, force: true })).stages[0]?.state, 'ran');
    made.write('data', '4').delete('model');
    assert.deepEqual(await made.reasons('train'), ['dep data changed', 'out model is missing']);
  });

  test('a stage without a result runs even while the condition is false', async (t) => {
    const made = gated(rig(t)).write('drift-source', 'false');
    assert.deepEqual(await made.states(), { drift: 'ran', train: 'ran', score: 'ran' });
  });

  test('a stage that is not held is restored if its fingerprint is known', async (t) => {
    const made = gated(rig(t));
    await made.run();
    made.params = { C: 2 };
    await made.run();
    made.write('drift-source', 'false');
    made.params = { C: 1 };
    assert.deepEqual(await made.states(), { drift: 'ran', train: 'restored', score: 'restored' });
  });

  test('a condition that nobody wrote holds nothing', async (t) => {
    const made = rig(t).write('data', '1').declare({ train: { deps: ['data'], when: 'drift.json#retrain', outs: ['model'] } });
    await made.run();
    made.write('data', '2');
    assert.deepEqual(await made.states(), { train: 'ran' });
  });
});

describe('state', () => {
  const registry = (champion: string, extra = 1): string => JSON.stringify({ datasets: { 'sample:app': { champion, extra }, 'a/b~c': { champion: 'x' } } });

  test('a change of the selected part reruns the stage, a change beside it does not', async (t) => {
    const made = rig(t).write('registry.json', registry('v1')).declare({
      a: { state: [{ path: 'registry.json', selector: '/datasets/sample:app/champion' }], outs: ['out/a'], does: (job) => writeFileSync(job.paths['out/a'] ?? '', made.read('registry.json')) },
    });
    await made.run();
    made.write('registry.json', registry('v1', 2));
    assert.equal(await made.states(), 'nothing');
    made.write('registry.json', registry('v2', 2));
    assert.deepEqual(await made.reasons('a'), ['state registry.json#/datasets/sample:app/champion changed']);
  });

  test('a pointer reads keys with / and ~, a dotted selector plain ones; what is absent is a value', async (t) => {
    const made = rig(t).declare({
      a: { state: [{ path: 'registry.json', selector: '/datasets/a~1b~0c/champion' }, { path: 'registry.json', selector: 'datasets.none' }, { path: 'whole' }], outs: ['out/a'] },
    });
    await made.run();
    assert.deepEqual(Object.values(JSON.parse(made.read('.repro/stages/a.json')).state), ['absent', 'absent', 'absent']);
    made.write('registry.json', registry('v1'));
    assert.deepEqual(await made.reasons('a'), ['state registry.json#/datasets/a~1b~0c/champion changed']);
    made.write('whole', '1');
    assert.deepEqual(await made.reasons('a'), ['state whole changed']);
  });

  test('state with rerun: false is no reason to run, but part of what may be restored', async (t) => {
    const made = rig(t).write('registry.json', registry('v1')).declare({
      a: { params: ['x'], state: [{ path: 'registry.json', selector: '/datasets/sample:app/champion', rerun: false }], outs: ['out/a'] },
    });
    made.params = { x: 1 };
    await made.run();
    made.write('registry.json', registry('v2'));
    assert.equal(await made.states(), 'nothing');
    made.params = { x: 2 };
    await made.run();
    made.params = { x: 1 };
    assert.deepEqual(await made.states(), { a: 'ran' });
    made.params = { x: 2 };
    assert.deepEqual(await made.states(), { a: 'restored' });
  });
});

describe('effects', () => {
  const receipt: Receipt = { target: 'file:stores/raw', rows: 3, checksum: 'c' };
  const fill = (job: Job): { receipt: Receipt } => {
    mkdirSync(path.dirname(job.paths['out/a'] ?? ''), { recursive: true });
    writeFileSync(job.paths['out/a'] ?? '', JSON.stringify(job.params));
    return { receipt };
  };
  const sketch = { a: { params: ['x'], effects: { check: 'check.ts', targets: ['stores/raw'] }, outs: ['out/a'], does: fill } };

  test('a stage is fresh while its target still has its receipt', async (t) => {
    const made = rig(t).declare(sketch);
    await made.run();
    made.answers = { 'check.ts': { kind: 'receipt', receipt: { ...receipt } } };
    assert.equal(await made.states(), 'nothing');
  });

  test('an emptied, another or a silent target is filled again', async (t) => {
    const made = rig(t).declare(sketch);
    await made.run();
    made.answers = { 'check.ts': { kind: 'receipt', receipt: null } };
    assert.deepEqual(await made.reasons('a'), ['receipt differs: target file:stores/raw is empty']);
    made.answers = { 'check.ts': { kind: 'receipt', receipt: { ...receipt, rows: 2, checksum: 'd' } } };
    assert.deepEqual(await made.reasons('a'), ['receipt differs: rows 3 -> 2, checksum c -> d']);
    made.answers = { 'check.ts': { kind: 'failed', why: 'no answer within 5 s' } };
    assert.deepEqual(await made.reasons('a'), ['receipt differs: the target does not answer (no answer within 5 s)']);
  });

  test('a stage with effects is never restored', async (t) => {
    const made = rig(t).declare(sketch);
    made.params = { x: 1 };
    await made.run();
    made.params = { x: 2 };
    await made.run();
    made.params = { x: 1 };
    assert.deepEqual(await made.states(), { a: 'ran' });
    made.delete('out');
    assert.deepEqual(await made.states(), { a: 'ran' });
    assert.deepEqual(made.list('.repro/cache'), []);
  });

  test('without a check the fingerprint decides', async (t) => {
    const made = rig(t).declare({ a: { ...sketch.a, effects: { check: undefined, targets: [] } } });
    await made.run();
    assert.equal(await made.states(), 'nothing');
  });

  test('the stage gets its targets as paths', async (t) => {
    let seen: string | undefined;
    const made = rig(t).declare({ a: { ...sketch.a, does: (job) => { seen = job.paths['stores/raw']; return fill(job); } } });
    await made.run();
    assert.equal(seen, made.file('stores/raw'));
  });
});

describe('finally', () => {
  const last = { finally: 'any' as const, deps: ['out/a?'], params: ['title'], outs: [{ path: 'site', cache: false, persist: true }] };

  test('it runs after every run that did something, with the record of the run, and not in one with nothing to do', async (t) => {
    const seen: unknown[] = [];
    const made = rig(t).write('source', '1').declare({
      a: { deps: ['source'], outs: ['out/a'] },
      z: { ...last, does: (job) => { writeFileSync(job.paths.site ?? '', 'page'); seen.push(JSON.parse(made.read(path.relative(made.workspace, job.runRecord ?? ''))).stages.map(({ state }: { state: string }) => state)); } },
    });
    assert.deepEqual(await made.states(), { a: 'ran', z: 'ran' });
    assert.equal(await made.states(), 'nothing');
    made.write('source', '2');
    assert.deepEqual(await made.states(), { a: 'ran', z: 'ran' });
    made.write('source', '1');
    assert.deepEqual(await made.states(), { a: 'restored', z: 'ran' });
    assert.deepEqual(seen, [['ran', 'pending'], ['ran', 'pending'], ['restored', 'pending']]);
  });

  test('it runs after a failure too, and the run still counts as failed', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'], does: () => ({ kind: 'failed', problem: { kind: 'exit', message: 'no' }, tail: [], events: [] }) }, z: last });
    const run = await made.record();
    assert.deepEqual([run.outcome, run.stages.map(({ state }) => state)], ['failed', ['failed', 'ran']]);
  });

  test('by itself it runs when its own params or outs changed', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] }, z: last });
    await made.run();
    made.params = { title: 'new' };
    assert.deepEqual(await made.states(), { a: 'fresh', z: 'ran' });
    made.delete('site');
    assert.deepEqual(await made.reasons('z'), ['out site is missing']);
    assert.equal(await made.states(), 'nothing');
  });

  test('with changed it runs where something else was made or a stage failed, not where the same came out again', async (t) => {
    let answer = 'one';
    let broken = false;
    const fails = { kind: 'failed', problem: { kind: 'exit', message: 'no' }, tail: [], events: [] } as const;
    const made = rig(t).declare({
      a: { outs: ['out/a'], alwaysChanged: true, does: (job) => (broken ? fails : void writeFileSync(job.paths['out/a'] ?? '', answer)) },
      z: { ...last, finally: 'changed' },
    });
    assert.deepEqual(await made.states(), { a: 'ran', z: 'ran' });
    assert.deepEqual(await made.states(), { a: 'ran', z: 'fresh' });
    answer = 'two';
    assert.deepEqual(await made.states(), { a: 'ran', z: 'ran' });
    broken = true;
    assert.deepEqual(await made.states(), { a: 'failed', z: 'ran' });
    broken = false;
    assert.deepEqual(await made.states(), { a: 'ran', z: 'ran' }, 'back from a failure');
    assert.deepEqual(await made.states(), { a: 'ran', z: 'fresh' });
  });

  test('it is not in the lock and not in the cache', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] }, z: { finally: 'any', outs: ['site'] } });
    await made.run();
    assert.deepEqual(Object.keys(JSON.parse(made.read('pipeline.lock')).stages), ['a']);
    assert.equal(made.list('.repro/cache/runs').length, 1);
  });

  test('its own failure is reported and fails the run', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] }, z: { ...last, does: () => ({ kind: 'failed', problem: { kind: 'exit', message: 'no' }, tail: [], events: [] }) } });
    const run = await made.record();
    assert.deepEqual([run.outcome, run.stages.map(({ state }) => state)], ['failed', ['ran', 'failed']]);
  });

  test('it follows a run of named stages, but not one of --single', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] }, b: { outs: ['out/b'] }, z: last });
    assert.deepEqual(await made.states({ targets: ['a'] }), { a: 'ran', z: 'ran' });
    assert.deepEqual(await made.states({ targets: ['b'], single: true }), { b: 'ran' });
    assert.equal(await made.states({ targets: ['a'] }), 'nothing');
  });
});
