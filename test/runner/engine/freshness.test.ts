import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { rig } from './rig.ts';
import type { Rig } from './rig.ts';

/** source -> a -> b -> c, with a param on b. */
function chain(made: Rig): Rig {
  made.params = { lr: 0.1, other: 1 };
  return made.write('source', '1').declare({
    a: { deps: ['source'], outs: ['out/a'] },
    b: { deps: ['out/a'], params: ['lr'], outs: ['out/b'] },
    c: { deps: ['out/b'], outs: ['out/c'] },
  });
}

describe('freshness', () => {
  test('a first run runs every stage, as none ever ran', async (t) => {
    const made = chain(rig(t));
    const run = await made.record();
    assert.deepEqual(made.ran, ['a', 'b', 'c']);
    assert.deepEqual(run.stages.map(({ state }) => state), ['ran', 'ran', 'ran']);
    assert.deepEqual(run.stages.flatMap(({ reasons }) => reasons.map(({ text }) => text)), ['never ran', 'never ran', 'never ran']);
    assert.equal(made.read('out/c'), 'c(b(a(1{}){"lr":0.1}){})');
  });

  test('an up-to-date pipeline runs nothing and leaves no record of a run', async (t) => {
    const made = chain(rig(t));
    await made.run();
    const before = made.list('.repro/runs');
    assert.equal(await made.states(), 'nothing');
    assert.equal(await made.states(), 'nothing');
    assert.deepEqual(made.ran, []);
    assert.deepEqual(made.list('.repro/runs'), before);
  });

  test('a changed dep reruns its stage and what follows, with the reason in words', async (t) => {
    const made = chain(rig(t));
    await made.run();
    made.write('source', '2');
    const run = await made.record();
    assert.deepEqual(made.ran, ['a', 'b', 'c']);
    assert.deepEqual(run.stages.map(({ reasons }) => reasons.map(({ text }) => text)), [
      ['dep source changed'],
      ['dep out/a changed: written by a'],
      ['dep out/b changed: written by b'],
    ]);
  });

  test('a changed param reruns the stages that declare it and what follows, nothing else', async (t) => {
    const made = chain(rig(t));
    await made.run();
    made.params = { lr: 0.2, other: 2 };
    assert.deepEqual(await made.reasons('b'), ['params lr: 0.1 -> 0.2']);
    assert.deepEqual(made.ran, ['b', 'c']);
  });

  test('a param that nobody declares reruns nothing', async (t) => {
    const made = chain(rig(t));
    await made.run();
    made.params = { lr: 0.1, other: 99 };
    assert.equal(await made.states(), 'nothing');
  });

  test('a param that turns from 1 to true, or to "1", is another value', async (t) => {
    const made = chain(rig(t));
    made.params = { lr: 1 };
    await made.run();
    made.params = { lr: true };
    assert.deepEqual(await made.reasons('b'), ['params lr: 1 -> true']);
    made.params = { lr: '1' };
    assert.deepEqual(await made.reasons('b'), ['params lr: true -> "1"']);
  });

  test('a change deep in a declared map names the key that changed', async (t) => {
    const made = chain(rig(t));
    made.params = { lr: { first: [1], second: { x: 0 } } };
    await made.run();
    made.params = { lr: { first: [1], second: { x: false } } };
    assert.deepEqual(await made.reasons('b'), ['params lr.second.x: 0 -> false']);
  });

  test('a stage that ran but wrote the same bytes leaves what follows fresh', async (t) => {
    const made = rig(t).write('source', '1').declare({
      a: { deps: ['source'], outs: ['out/a'], does: (job) => writeFileSync(job.paths['out/a'] ?? '', 'always the same') },
      b: { deps: ['out/a'], outs: ['out/b'] },
    });
    await made.run();
    made.write('source', '2');
    assert.deepEqual(await made.states(), { a: 'ran', b: 'fresh' });
    assert.deepEqual(made.ran, ['a']);
  });

  test('a touched file is no changed file', async (t) => {
    const made = chain(rig(t));
    await made.run();
    made.touch('source');
    made.touch('out/a');
    assert.equal(await made.states(), 'nothing');
  });

  test('an edit that keeps size and time is still a change', async (t) => {
    const made = chain(rig(t));
    await made.run();
    await made.run();
    made.write('source', '9');
    assert.deepEqual(await made.reasons('a'), ['dep source changed']);
  });

  test('a changed command reruns the stage', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'], command: 'one' } });
    await made.run();
    made.declare({ a: { outs: ['out/a'], command: 'two' } });
    assert.deepEqual(await made.reasons('a'), ['command changed']);
  });

  test('a dep or an out that was added or removed is a change of the definition', async (t) => {
    const made = rig(t).write('x', 'x').write('y', 'y').declare({ a: { deps: ['x'], outs: ['out/a'] } });
    await made.run();
    made.declare({ a: { deps: ['x', 'y'], outs: ['out/a'] } });
    assert.deepEqual(await made.reasons('a'), ['definition changed: deps']);
    made.declare({ a: { deps: ['x'], outs: ['out/a', 'out/b'] } });
    assert.deepEqual(await made.reasons('a'), ['definition changed: deps, outs']);
    made.declare({ a: { deps: ['x'], outs: ['out/a', 'out/b'], params: ['p'] } });
    assert.deepEqual(await made.reasons('a'), ['params p: (none) -> null']);
  });

  test('the order of declarations, and calling an out a metric, is no change', async (t) => {
    const made = rig(t).write('x', 'x').write('y', 'y').declare({ a: { deps: ['x', 'y'], outs: ['out/a', 'out/b'] } });
    await made.run();
    made.declare({ a: { deps: ['y', 'x'], outs: ['out/b', { path: 'out/a', kind: 'metric' }], desc: 'another', command: 'do a' } });
    assert.equal(await made.states(), 'nothing');
  });

  test('a changed working folder reruns the stage', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'] } });
    await made.run();
    made.declare({ a: { outs: ['out/a'], wdir: 'elsewhere' } });
    assert.deepEqual(await made.reasons('a'), ['definition changed: wdir']);
  });

  test('the executable bit of a dep counts', async (t) => {
    const made = chain(rig(t));
    await made.run();
    chmodSync(made.file('source'), 0o755);
    assert.deepEqual(await made.reasons('a'), ['dep source changed']);
  });

  test('a file added to, edited in or removed from a dep folder reruns the stage', async (t) => {
    const made = rig(t).write('in/x', 'x').declare({ a: { deps: ['in'], outs: ['out/a'], does: (job) => writeFileSync(job.paths['out/a'] ?? '', 'a') } });
    await made.run();
    made.write('in/sub/y', 'y');
    assert.deepEqual(await made.reasons('a'), ['dep in changed']);
    made.write('in/sub/y', 'z');
    assert.deepEqual(await made.reasons('a'), ['dep in changed']);
    made.delete('in/sub');
    assert.deepEqual(await made.states(), { a: 'restored' });
    mkdirSync(made.file('in/empty'));
    assert.deepEqual(await made.reasons('a'), ['dep in changed']);
  });

  test('an optional dep may be absent, appear and go', async (t) => {
    const made = rig(t).declare({ a: { deps: ['extra?'], outs: ['out/a'] } });
    await made.run();
    assert.equal(await made.states(), 'nothing');
    made.write('extra', '1');
    assert.deepEqual(await made.reasons('a'), ['dep extra is there now']);
    made.delete('extra');
    assert.deepEqual(await made.states(), { a: 'restored' });
    made.write('extra', '1');
    await made.run();
    made.delete('.repro/cache');
    made.delete('extra');
    assert.deepEqual(await made.reasons('a'), ['dep extra is gone']);
  });

  test('a declared variable counts by its value, which is kept as a hash only', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'], env: ['TOKEN'] } });
    made.env.TOKEN = 'one secret';
    made.env.OTHER = '1';
    await made.run();
    made.env.OTHER = '2';
    assert.equal(await made.states(), 'nothing');
    assert.ok(!made.read('.repro/stages/a.json').includes('one secret'));
    made.env.TOKEN = 'another secret';
    assert.deepEqual(await made.reasons('a'), ['env TOKEN changed']);
  });

  test('changed code says which file, a changed package which package', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'], code: ['x.ts'] } });
    made.write('ml/tfidf.ts', '1').write('ml/text.ts', '1').write('ml/new.ts', '1');
    made.codes = { a: made.code('h1', ['ml/tfidf.ts', 'ml/text.ts'], { natural: '1' }) };
    await made.run();
    made.write('ml/tfidf.ts', '1 // a comment').codes = { a: made.code('h1', ['ml/tfidf.ts', 'ml/text.ts'], { natural: '1' }) };
    assert.equal(await made.states(), 'nothing');
    made.write('ml/tfidf.ts', '2').codes = { a: made.code('h2', ['ml/tfidf.ts', 'ml/new.ts'], { natural: '1' }) };
    assert.deepEqual(await made.reasons('a'), ['code: ml/new.ts is new', 'code: ml/text.ts is no longer used', 'code: ml/tfidf.ts changed']);
    made.codes = { a: made.code('h2', ['ml/tfidf.ts', 'ml/new.ts'], { natural: '2' }) };
    assert.deepEqual(await made.reasons('a'), ['package natural changed']);
  });

  test('always_changed runs every time, and what follows is cut off', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'], alwaysChanged: true }, b: { deps: ['out/a'], outs: ['out/b'] } });
    await made.run();
    assert.deepEqual(await made.states(), { a: 'ran', b: 'fresh' });
  });

  test('a frozen stage stays as it is, and says what changed', async (t) => {
    const made = rig(t).write('source', '1').declare({ a: { deps: ['source'], outs: ['out/a'] }, b: { deps: ['out/a'], outs: ['out/b'] } });
    await made.run();
    made.declare({ a: { deps: ['source'], outs: ['out/a'], frozen: true }, b: { deps: ['out/a'], outs: ['out/b'] } }).write('source', '2');
    assert.equal(await made.states(), 'nothing');
    const [prediction] = await made.predict();
    assert.deepEqual([prediction?.state, prediction?.reasons.map(({ text }) => text)], ['held', ['frozen', 'dep source changed']]);
  });

  test('a source with `fresh` runs again when its last run is too old, and the same bytes stop there', async (t) => {
    const made = rig(t).declare({ a: { outs: ['out/a'], freshSeconds: 6 * 3600 }, b: { deps: ['out/a'], outs: ['out/b'] } });
    await made.run();
    made.nowMs += 5 * 3600_000;
    assert.equal(await made.states(), 'nothing');
    made.nowMs += 3600_000;
    assert.deepEqual(await made.reasons('a'), ['older than 6h']);
    assert.deepEqual(made.ran, ['a']);
    assert.equal(await made.states(), 'nothing');
  });

  test('a stage without deps and outs runs once and is fresh then', async (t) => {
    const made = rig(t).declare({ a: {} });
    assert.deepEqual(await made.states(), { a: 'ran' });
    assert.equal(await made.states(), 'nothing');
  });
});
