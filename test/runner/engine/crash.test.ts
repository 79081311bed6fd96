import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { realDisk } from '../../../runner/disk.ts';
import type { Disk } from '../../../runner/disk.ts';
import type { Job, JobResult } from '../../../runner/model.ts';
import { copyDeps, rig } from './rig.ts';
import type { Rig } from './rig.ts';

const failure: JobResult = { kind: 'failed', problem: { kind: 'exit', message: 'Cannot go on' }, tail: ['last words'], events: [] };

/** A full disk, a read-only one, or one without permission, from the moment `isBroken` says so. */
function broken(code: string, isBroken: (file: string) => boolean): Disk {
  const refuse = (file: string): void => {
    if (isBroken(file)) throw Object.assign(new Error(`${code}: it does not work, write '${file}'`), { code, syscall: 'write', path: file });
  };
  return {
    ...realDisk,
    write: async (file, data, options) => (refuse(file), realDisk.write(file, data, options)),
    copy: async (from, to, options) => (refuse(to), realDisk.copy(from, to, options)),
    move: async (from, to) => (refuse(to), realDisk.move(from, to)),
  };
}

describe('a stage that fails', () => {
  test('is stale next time, and the last good result is back in place', async (t) => {
    const made = rig(t).declare({ a: { params: ['x'], outs: ['out/a'] } });
    made.params = { x: 1 };
    await made.run();
    made.declare({ a: { params: ['x'], outs: ['out/a'], does: (job) => { writeFileSync(job.paths['out/a'] ?? '', 'half'); return failure; } } });
    made.params = { x: 2 };
    const run = await made.record();
    assert.deepEqual([run.outcome, run.stages[0]?.state, run.stages[0]?.problem?.message], ['failed', 'failed', 'Cannot go on']);
    assert.equal(made.read('out/a'), 'a({"x":1})');
    made.declare({ a: { params: ['x'], outs: ['out/a'] } });
    assert.deepEqual(await made.reasons('a'), ['failed last time', 'params x: 1 -> 2']);
    assert.equal(made.read('out/a'), 'a({"x":2})');
  });

  test('and went back to the params of its last good result is fresh', async (t) => {
    const made = rig(t).declare({ a: { params: ['x'], outs: ['out/a'], does: (job) => (JSON.stringify(job.params) === '{"x":2}' ? failure : copyDeps(job)) } });
    made.params = { x: 1 };
    await made.run();
    made.params = { x: 2 };
    await made.run();
    made.params = { x: 1 };
    assert.equal(await made.states(), 'nothing');
  });

  test('leaves no half result when there was none before', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'], does: (job) => { writeFileSync(job.paths['out/a'] ?? '', 'half'); return failure; } } });
    await made.run();
    assert.ok(!made.has('out/a'));
    assert.deepEqual(made.list('.repro/stages'), []);
    assert.deepEqual(made.list('.repro/aside'), []);
  });

  test('when it was forced, runs again although its fingerprint is that of a good result', async (t) => {
    let isBad = false;
    const made = rig(t).declare({ a: { outs: ['out/a'], does: (job) => (isBad ? failure : copyDeps(job)) } });
    await made.run();
    isBad = true;
    await made.run({ force: true });
    isBad = false;
    assert.deepEqual(await made.reasons('a'), ['failed last time']);
    assert.deepEqual(made.ran, ['a']);
  });

  test('has ended well but without an out is told so', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a', 'out/b'], does: (job) => writeFileSync(job.paths['out/a'] ?? '', 'x') } });
    const [report] = (await made.record()).stages;
    assert.equal(report?.problem?.message, 'Cannot finish "a" as it ended well without writing its out "out/b"');
    assert.deepEqual(report?.problem?.place, { file: 'pipeline.yaml', line: 1, column: 1 });
    assert.ok(!made.has('out/a'));
  });

  test('because the executor threw is one failed stage, not the end of the run', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'], does: () => { throw new Error('a bug'); } }, z: { finally: 'any' } });
    const run = await made.record();
    assert.deepEqual(run.stages.map(({ state }) => state), ['failed', 'ran']);
    assert.match(run.stages[0]?.problem?.message ?? '', /Cannot run "a" as the runner itself failed: Error: a bug/);
  });
});

describe('a dep that is edited while its stage runs', () => {
  test('marks the result stale: outs kept, nothing cached, run again next time', async (t) => {
    const made = rig(t).write('source', '1').declare({ a: { deps: ['source'], outs: ['out/a'], does: (job) => { copyDeps(job); made.write('source', '2'); } } });
    const run = await made.record();
    assert.equal(run.stages[0]?.state, 'ran');
    assert.deepEqual(made.warnings(), ['dep source was edited while "a" ran: the outs are kept, not cached, and the stage runs again next time']);
    assert.deepEqual(made.list('.repro/cache'), []);
    made.declare({ a: { deps: ['source'], outs: ['out/a'] } });
    assert.deepEqual(await made.reasons('a'), ['dep source changed', 'dep source was edited while it last ran']);
    assert.equal(await made.states(), 'nothing');
  });

  test('also if it was put back afterwards: nobody knows which version was read', async (t) => {
    const made = rig(t).write('source', '1').declare({ a: { deps: ['source'], outs: ['out/a'], does: (job) => { made.write('source', '2'); copyDeps(job); } } });
    await made.run();
    made.write('source', '1').declare({ a: { deps: ['source'], outs: ['out/a'] } });
    assert.deepEqual(await made.reasons('a'), ['dep source was edited while it last ran']);
    assert.equal(made.read('out/a'), 'a(1{})');
  });
});

/** What kill -9 leaves: the record gone, old outs aside by the journal, a half out in place. */
async function killMidStage(made: Rig, does: (job: Job) => void): Promise<void> {
  const frozen = { aside: made.file('.repro/aside'), copy: made.file('.killed-aside') };
  made.declare({
    a: {
      params: ['x'],
      outs: ['out/a'],
      does: (job) => {
        does(job);
        // The moment of death: what follows of this run is undone below.
        renameSync(frozen.aside, frozen.copy);
        throw new Error('killed');
      },
    },
  });
  await made.run().catch(() => undefined);
  made.delete('.repro/aside');
  renameSync(frozen.copy, frozen.aside);
}

describe('code that is edited while its stage runs', () => {
  test('marks the result stale too: nobody knows which version was loaded', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'], code: ['x.ts'], does: (job) => { copyDeps(job); made.write('x.ts', 'two'); } } });
    made.write('x.ts', 'one').codes = { a: made.code('h1', ['x.ts']) };
    await made.run();
    assert.deepEqual(made.warnings(), ['code x.ts was edited while "a" ran: the outs are kept, not cached, and the stage runs again next time']);
    made.declare({ a: { outs: ['out/a'], code: ['x.ts'] } }).write('x.ts', 'one');
    assert.deepEqual(await made.reasons('a'), ['code x.ts was edited while it last ran']);
    assert.equal(await made.states(), 'nothing');
  });
});

describe('a run that was killed', () => {
  test('is repaired by the next: the last good result is back, and the stage runs again', async (t) => {
    const made = rig(t).declare({ a: { params: ['x'], outs: ['out/a'] } });
    made.params = { x: 1 };
    await made.run();
    made.params = { x: 2 };
    await killMidStage(made, () => undefined);
    made.delete('.repro/stages/a.json');
    made.write('out/a', 'half');
    made.declare({ a: { params: ['x'], outs: ['out/a'], does: () => failure } });
    const predicted = await made.predict();
    assert.deepEqual(predicted[0]?.reasons.map(({ text }) => text).slice(0, 2), ['was killed last time', 'params x: 1 -> 2']);
    assert.deepEqual(await made.reasons('a'), ['was killed last time', 'params x: 1 -> 2']);
    assert.deepEqual(made.warnings(), ['an earlier run was killed while it ran a: the last good results are back in place']);
    assert.equal(made.read('out/a'), 'a({"x":1})');
    assert.deepEqual(made.list('.repro/aside'), []);
  });

  test('after its record was written keeps the new result', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] } });
    await made.run();
    const record = JSON.parse(made.read('.repro/stages/a.json'));
    const folder = `.repro/aside/${record.run}/a`;
    made.write(`${folder}/0`, 'the old one');
    made.write(`${folder}/journal.json`, JSON.stringify({ version: 1, run: record.run, stage: 'a', hash: record.hash, record: null, slots: [{ path: 'out/a', existed: true, foreign: null }] }));
    assert.equal(await made.states(), 'nothing');
    assert.equal(made.read('out/a'), 'a({})');
    assert.deepEqual(made.list('.repro/aside'), []);
  });

  test('before its outs were moved loses nothing', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] } });
    await made.run();
    const record = JSON.parse(made.read('.repro/stages/a.json'));
    made.delete('.repro/stages/a.json');
    made.write('.repro/aside/20260101T000000000Z-0001/a/journal.json', JSON.stringify({ version: 1, run: '20260101T000000000Z-0001', stage: 'a', hash: 'other', record, slots: [{ path: 'out/a', existed: true, foreign: null }] }));
    assert.equal(await made.states(), 'nothing');
    assert.equal(made.read('out/a'), 'a({})');
  });

  test('is marked interrupted in its record by the next run', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] } });
    const run = await made.record();
    made.write(`.repro/runs/${run.id}.json`, JSON.stringify({ ...run, outcome: 'running', finishedAt: null, stages: run.stages.map((stage) => ({ ...stage, state: 'pending' })) }));
    await made.run({ force: true });
    const marked = JSON.parse(made.read(`.repro/runs/${run.id}.json`));
    assert.deepEqual([marked.outcome, marked.stages[0].state], ['interrupted', 'interrupted']);
  });

  test('whose journal cannot be read has its files kept, not removed', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] } });
    made.write('.repro/aside/run/a/journal.json', 'torn').write('.repro/aside/run/a/0', 'precious');
    await made.run();
    const [kept = ''] = made.list('.repro/kept');
    assert.equal(made.read(`.repro/kept/${kept}/run/a/0`), 'precious');
  });
});

describe('records', () => {
  test('the record is gone while its stage runs, and written after its outs', async (t) => {
    let during: boolean | undefined;
    const made = rig(t).declare({ a: { outs: ['out/a'], does: (job) => { during = made.has('.repro/stages/a.json'); copyDeps(job); } } });
    await made.run();
    await made.run({ force: true });
    assert.equal(during, false);
    assert.ok(made.has('.repro/stages/a.json'));
  });

  test('a torn or foreign record counts as none', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] } });
    await made.run();
    for (const text of ['', '{', '[]', '{"version": 99}', '{"version": 1, "name": "a"}']) {
      made.write('.repro/stages/a.json', text);
      assert.deepEqual(await made.reasons('a'), ['never ran'], text);
    }
  });

  test('an out that nobody knows is not overwritten silently on a first run', async (t) => {
    const made = rig(t).write('out/a', 'was here before').declare({ a: { outs: ['out/a'] } });
    const run = await made.record();
    assert.equal(made.read(`.repro/kept/${run.id}/out/a`), 'was here before');
  });

  test('stage names that are no file names have their own records', async (t) => {
    const made = rig(t).declare({ 'train@a/b c': { outs: ['out/a'] }, 'train@../x': { outs: ['out/b'] } });
    await made.run();
    assert.deepEqual(made.list('.repro/stages'), ['train%40..%2Fx.json', 'train%40a%2Fb%20c.json']);
    assert.equal(await made.states(), 'nothing');
  });

  test('at most two hundred records of runs are kept', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] } });
    mkdirSync(made.file('.repro/runs'), { recursive: true });
    for (let index = 0; index < 230; index++) made.write(`.repro/runs/20250101T${String(index).padStart(9, '0')}Z-0000.json`, '{}');
    made.write('.repro/logs/20250101T000000000Z-0000/a.log', 'old');
    await made.run();
    assert.equal(made.list('.repro/runs').length, 200);
    assert.deepEqual(made.list('.repro/logs').filter((name) => name.startsWith('2025')), []);
  });
});

describe('a disk that fails', () => {
  for (const [code, message] of [
    ['ENOSPC', /^Cannot write ".*" as the disk is full$/],
    ['EACCES', /^Cannot write ".*" as the permission is missing$/],
    ['EROFS', /^Cannot write ".*" as its file system is read-only$/],
  ] as const) {
    for (const part of ['aside', 'cache', 'stages', 'runs']) {
      test(`with ${code} in .repro/${part} gives one clear problem and leaves earlier results intact`, async (t) => {
        const made = rig(t).declare({ a: { params: ['x'], outs: ['out/a'] } });
        made.params = { x: 1 };
        await made.run();
        made.params = { x: 2 };
        made.disk = broken(code, (file) => file.includes(path.join('.repro', part)));
        const result = await made.run();
        const problem = result.kind === 'refused' ? result.problems[0] : result.kind === 'ran' ? result.run.stages[0]?.problem : undefined;
        assert.match(problem?.message ?? JSON.stringify(result), message);
        assert.ok(problem?.hint !== undefined && !problem.message.includes('    at '));
        made.disk = realDisk;
        made.params = { x: 1 };
        await made.run();
        assert.deepEqual(made.ran, []);
        assert.equal(made.read('out/a'), 'a({"x":1})');
        made.params = { x: 2 };
        await made.run();
        assert.equal(made.read('out/a'), 'a({"x":2})');
      });
    }
  }

  test('only where the hash cache lies is no failure at all', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] } });
    made.disk = broken('EROFS', (file) => file.endsWith('hashes.json'));
    assert.deepEqual(await made.states(), { a: 'ran' });
    assert.equal(await made.states(), 'nothing');
  });
});
