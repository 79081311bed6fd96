import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'node:test';
import type { JobResult } from '../../../runner/model.ts';
import { copyDeps, rig } from './rig.ts';
import type { Rig, Script } from './rig.ts';

const failure: JobResult = { kind: 'failed', problem: { kind: 'exit', message: 'Cannot go on' }, tail: [], events: [] };

/** Independent stages that count how many of them run at once; the first ones end when `together` of them have begun, or never will. */
function crowd(made: Rig, count: number, together: number): { most: () => number } {
  let now = 0;
  let most = 0;
  const met = Promise.withResolvers<void>();
  const does: Script = async (job) => {
    most = Math.max(most, ++now);
    if (now === together) met.resolve();
    await Promise.race([met.promise, sleep(20_000, undefined, { ref: false })]);
    // Time for one that ought not to begin.
    await sleep(20);
    now--;
    copyDeps(job);
  };
  made.declare(Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, { outs: [`out/${index}`], does }])));
  return { most: () => most };
}

describe('scheduling', () => {
  test('independent stages run at once, as many as --jobs says', async (t) => {
    const made = rig(t);
    const { most } = crowd(made, 6, 3);
    await made.run({ jobs: 3 });
    assert.equal(most(), 3);
  });

  test('with one job stages run one by one, in the order of the pipeline', async (t) => {
    const made = rig(t);
    const { most } = crowd(made, 4, 1);
    await made.run({ jobs: 1 });
    assert.equal(most(), 1);
    assert.deepEqual(made.ran, ['s0', 's1', 's2', 's3']);
  });

  test('a stage starts when what is upstream of it is done, not when others are', async (t) => {
    const order: string[] = [];
    const next = Promise.withResolvers<void>();
    const slow: Script = async (job) => { await Promise.race([next.promise, sleep(20_000, undefined, { ref: false })]); order.push('slow'); copyDeps(job); };
    const note: Script = (job) => { order.push(job.stage.name); copyDeps(job); if (job.stage.name === 'next') next.resolve(); };
    const made = rig(t).declare({ slow: { outs: ['slow'], does: slow }, quick: { outs: ['quick'], does: note }, next: { deps: ['quick'], outs: ['next'], does: note } });
    await made.run();
    assert.deepEqual(order, ['quick', 'next', 'slow']);
  });

  test('after a failure those under way end, and nothing new starts', async (t) => {
    const made = rig(t);
    const isOver = (): boolean => made.events.some((event) => event.kind === 'stage-settled' && event.report.name === 'bad');
    made.declare({
      bad: { outs: ['bad'], does: () => failure },
      after: { deps: ['bad'], outs: ['after'] },
      slow: { outs: ['slow'], does: async (job) => { for (let waits = 0; !isOver() && waits < 2000; waits++) await sleep(10); copyDeps(job); } },
      later: { deps: ['slow'], outs: ['later'] },
    });
    const run = await made.record();
    assert.deepEqual(run.stages.map(({ name, state }) => `${name} ${state}`), ['bad failed', 'after blocked', 'slow ran', 'later blocked']);
    assert.deepEqual(run.stages.map(({ reasons }) => reasons[0]?.text), ['never ran', 'bad failed', 'never ran', 'not started as bad failed']);
    assert.equal(run.outcome, 'failed');
  });

  test('what is fresh is told as fresh even after a failure', async (t) => {
    const made = rig(t).write('x', '1').declare({ bad: { deps: ['x'], outs: ['bad'] }, slow: { outs: ['slow'] }, later: { deps: ['slow'], outs: ['later'] } });
    await made.run();
    made.write('x', '2').declare({ bad: { deps: ['x'], outs: ['bad'], does: () => failure }, slow: { outs: ['slow'] }, later: { deps: ['slow'], outs: ['later'] } });
    assert.deepEqual(await made.states(), { bad: 'failed', slow: 'fresh', later: 'fresh' });
  });

  test('with --keep-going what does not depend on the failure goes on', async (t) => {
    const made = rig(t).declare({
      bad: { outs: ['bad'], does: () => failure },
      after: { deps: ['bad'], outs: ['after'] },
      slow: { outs: ['slow'] },
      later: { deps: ['slow'], outs: ['later'] },
    });
    assert.deepEqual(await made.states({ keepGoing: true, jobs: 1 }), { bad: 'failed', after: 'blocked', slow: 'ran', later: 'ran' });
  });

  test('results from before a failure are kept: the next run starts where it stopped', async (t) => {
    let isBad = true;
    const made = rig(t).declare({ a: { outs: ['a'] }, b: { deps: ['a'], outs: ['b'], does: (job) => (isBad ? failure : copyDeps(job)) } });
    await made.run();
    isBad = false;
    assert.deepEqual(await made.states(), { a: 'fresh', b: 'ran' });
  });

  test('an interrupt ends what runs, keeps what is finished, and writes lock and record', async (t) => {
    const controller = new AbortController();
    const made = rig(t).declare({
      a: { outs: ['out/a'] },
      b: { deps: ['out/a'], outs: ['out/b'], does: async (job, signal) => { writeFileSync(job.paths['out/b'] ?? '', 'half'); controller.abort(); return signal.aborted ? { kind: 'interrupted' } : {}; } },
      c: { deps: ['out/b'], outs: ['out/c'] },
      z: { finally: 'any' },
    });
    const run = await made.record({ signal: controller.signal });
    assert.equal(run.outcome, 'interrupted');
    assert.deepEqual(run.stages.map(({ state }) => state), ['ran', 'interrupted', 'blocked', 'blocked']);
    assert.ok(!made.has('out/b'));
    assert.deepEqual(Object.keys(JSON.parse(made.read('pipeline.lock')).stages), ['a']);
    made.declare({ a: { outs: ['out/a'] }, b: { deps: ['out/a'], outs: ['out/b'] }, c: { deps: ['out/b'], outs: ['out/c'] } });
    assert.deepEqual(await made.states(), { a: 'fresh', b: 'ran', c: 'ran' });
  });

  test('a stage that waited for its turn is judged by its deps as they are then', async (t) => {
    const made = rig(t).write('x', '1').declare({
      first: { outs: ['out/first'], does: async (job) => { await sleep(20); made.write('x', '2'); copyDeps(job); } },
      second: { deps: ['x'], outs: ['out/second'] },
    });
    await made.run({ jobs: 1 });
    assert.deepEqual(made.warnings(), []);
    assert.equal(made.read('out/second'), 'second(2{})');
    assert.equal(await made.states(), 'nothing');
  });
});

describe('selection', () => {
  const three = (made: Rig): Rig => made.declare({ a: { outs: ['a'] }, b: { deps: ['a'], outs: ['b'] }, c: { deps: ['b'], outs: ['c'] }, other: { outs: ['other'] } });

  test('a named stage runs with what it needs, and nothing else', async (t) => {
    const made = three(rig(t));
    assert.deepEqual(await made.states({ targets: ['b'] }), { a: 'ran', b: 'ran' });
  });

  test('with --single it runs alone', async (t) => {
    const made = three(rig(t));
    await made.run();
    made.declare({ a: { outs: ['a'], command: 'changed' }, b: { deps: ['a'], outs: ['b'], command: 'changed' } });
    assert.deepEqual(await made.states({ targets: ['b'], single: true }), { b: 'ran' });
  });

  test('with --single and a dep that is not there, the problem names who writes it', async (t) => {
    const made = three(rig(t));
    const result = await made.run({ targets: ['b'], single: true });
    assert.ok(result.kind === 'refused');
    assert.equal(result.problems[0]?.message, 'Cannot run "b" as its dep "a" is missing: "a" writes it');
    assert.equal(result.problems[0]?.hint, 'run  repro a');
  });

  test('--force runs what is fresh, with what a named stage needs', async (t) => {
    const made = three(rig(t));
    await made.run();
    assert.deepEqual(await made.states({ targets: ['b'], force: true }), { a: 'ran', b: 'ran' });
    assert.deepEqual(await made.reasons('c', { targets: ['c'], single: true, force: true }), ['forced']);
  });

  test('an unknown stage is an error with the nearest name', async (t) => {
    const made = rig(t).declare({ train: { outs: ['a'] }, 'score@x': { outs: ['b'] }, 'score@y': { outs: ['c'] } });
    const result = await made.run({ targets: ['trian'] });
    assert.ok(result.kind === 'refused');
    assert.deepEqual(result.problems.map(({ message }) => message), ['Cannot find stage "trian" in the pipeline: did you mean "train"?']);
    assert.deepEqual(await made.states({ targets: ['score'] }), { 'score@x': 'ran', 'score@y': 'ran' });
    assert.deepEqual(await made.states({ targets: ['a'] }), { train: 'ran' });
  });
});

describe('a prediction', () => {
  test('says what runs, what may run and why, changes nothing, and is what the run does', async (t) => {
    const made = rig(t).write('x', '1').write('y', '1').declare({
      a: { deps: ['x'], outs: ['a'] },
      b: { deps: ['a'], outs: ['b'] },
      c: { deps: ['y'], outs: ['c'] },
      d: { deps: ['b', 'c'], params: ['p'], outs: ['d'] },
    });
    await made.run();
    made.write('x', '2');
    made.params = { p: 2 };
    const before = made.list('.repro');
    const predictions = await made.predict();
    assert.deepEqual(predictions.map(({ state }) => state), ['run', 'may-run', 'fresh', 'run']);
    assert.deepEqual(predictions.map(({ reasons }) => reasons.map(({ text }) => text)), [['dep x changed'], ['may run: a runs first'], [], ['params p: null -> 2']]);
    assert.deepEqual(made.list('.repro'), before);
    assert.equal(made.read('a'), 'a(1{})');
    const run = await made.record();
    assert.deepEqual(run.stages.map(({ state }) => state), ['ran', 'ran', 'fresh', 'ran']);
    assert.equal(run.stages[0]?.reasons[0]?.text, predictions[0]?.reasons[0]?.text);
  });

  test('names the stage that runs first, however far up it is', async (t) => {
    const made = rig(t).write('x', '1').declare({ a: { deps: ['x'], outs: ['a'] }, b: { deps: ['a'], outs: ['b'] }, c: { deps: ['b'], outs: ['c'] } });
    await made.run();
    made.write('x', '2');
    assert.deepEqual((await made.predict()).map(({ reasons }) => reasons[0]?.text), ['dep x changed', 'may run: a runs first', 'may run: a runs first']);
  });

  test('looks through what would be restored: what follows is known then too', async (t) => {
    const made = rig(t).declare({ a: { params: ['p'], outs: ['a'] }, b: { deps: ['a'], outs: ['b'] }, c: { deps: ['b'], params: ['q'], outs: ['c'] } });
    made.params = { p: 1 };
    await made.run();
    made.params = { p: 2 };
    await made.run();
    made.params = { p: 1, q: 1 };
    assert.deepEqual((await made.predict()).map(({ state }) => state), ['restore', 'restore', 'run']);
    assert.deepEqual(await made.states(), { a: 'restored', b: 'restored', c: 'ran' });
  });

  test('of an unchanged pipeline is that all is fresh', async (t) => {
    const made = rig(t).declare({ a: { outs: ['a'] }, z: { finally: 'any', outs: ['z'] } });
    await made.run();
    assert.deepEqual((await made.predict()).map(({ state }) => state), ['fresh', 'fresh']);
    assert.deepEqual((await made.predict({ force: true })).map(({ state }) => state), ['run', 'run']);
  });
});
