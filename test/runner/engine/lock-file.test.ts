import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { rig } from './rig.ts';
import type { Script } from './rig.ts';

describe('pipeline.lock', () => {
  test('is the same text for the same results, however and wherever they came about', async (t) => {
    const [one, two] = [rig(t), rig(t)];
    const does: Script = (job) => job.stage.outs.forEach(({ path }) => writeFileSync(job.paths[path] ?? '', path));
    const sketch = { c: { outs: ['c'] }, a: { outs: ['a'] }, b: { deps: ['a', 'source'], outs: ['b/2', 'b/1'], params: ['z', 'a'], does } };
    for (const made of [one, two]) {
      made.params = { a: 1, z: [1, 2] };
      made.write('source', '1');
    }
    one.declare(sketch);
    two.declare({ a: sketch.a, b: { ...sketch.b, deps: ['source', 'a'], outs: ['b/1', 'b/2'] }, c: sketch.c });
    two.nowMs += 1e9;
    await one.run();
    await two.run({ targets: ['a'] });
    await two.run();
    await two.run({ force: true });
    assert.equal(one.read('pipeline.lock'), two.read('pipeline.lock'));
    assert.ok(one.read('pipeline.lock').endsWith('}\n'));
    assert.ok(!one.read('pipeline.lock').includes('2026'));
  });

  test('reads as JSON, stages and paths by code unit, and holds no state, receipt, variable or time', async (t) => {
    const made = rig(t).write('state', 'x').declare({
      b: { outs: ['b'], env: ['TOKEN'], state: [{ path: 'state' }], effects: { check: undefined, targets: [] } },
      Z: { outs: ['Z'] },
    });
    await made.run();
    const lock = JSON.parse(made.read('pipeline.lock'));
    assert.deepEqual(Object.keys(lock.stages), ['Z', 'b']);
    assert.deepEqual(Object.keys(lock.stages.b), ['cmd', 'outs']);
  });

  test('committed, on a fresh clone: stages run, and it comes out byte-identical', async (t) => {
    const made = rig(t).write('source', '1').declare({ a: { deps: ['source'], outs: ['a'] }, b: { deps: ['a'], outs: ['b'] } });
    await made.run();
    const lock = made.read('pipeline.lock');
    for (const gone of ['.repro', 'a']) made.delete(gone);
    assert.deepEqual(await made.states(), { a: 'ran', b: 'ran' });
    assert.equal(made.read('pipeline.lock'), lock);
    assert.ok(!made.has('.repro/kept'), 'a committed out that the lock knows is no version of somebody’s own');
  });

  test('keeps what it said of stages that did not run here yet', async (t) => {
    const made = rig(t).declare({ a: { outs: ['a'] }, b: { deps: ['a'], outs: ['b'] } });
    await made.run();
    const lock = made.read('pipeline.lock');
    made.delete('.repro');
    await made.run({ targets: ['a'] });
    assert.equal(made.read('pipeline.lock'), lock);
  });

  test('deleted, torn or with marks of a conflict, it is derived anew', async (t) => {
    const made = rig(t).declare({ a: { outs: ['a'] } });
    await made.run();
    const lock = made.read('pipeline.lock');
    for (const text of ['', '<<<<<<< HEAD\n{}\n=======\n', '[]']) {
      made.write('pipeline.lock', text);
      assert.equal(await made.states(), 'nothing');
      assert.equal(made.read('pipeline.lock'), lock);
    }
    made.delete('pipeline.lock');
    await made.run();
    assert.equal(made.read('pipeline.lock'), lock);
  });

  test('lets go of a stage that is no longer in the pipeline', async (t) => {
    const made = rig(t).declare({ a: { outs: ['a'] }, b: { outs: ['b'] } });
    await made.run();
    made.declare({ a: { outs: ['a'] } });
    await made.run();
    assert.deepEqual(Object.keys(JSON.parse(made.read('pipeline.lock')).stages), ['a']);
  });

  test('a change of one stage leaves the others byte-identical', async (t) => {
    const made = rig(t).declare({ a: { outs: ['a'] }, b: { outs: ['b'] } });
    await made.run();
    const before = JSON.parse(made.read('pipeline.lock')).stages;
    made.declare({ a: { outs: ['a'], command: 'another' }, b: { outs: ['b'] } });
    await made.run();
    const after = JSON.parse(made.read('pipeline.lock')).stages;
    assert.deepEqual(after.b, before.b);
    assert.equal(after.a.cmd, 'another');
  });
});
