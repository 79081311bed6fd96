import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Bench, failure } from './rig.ts';

const DONE = "return { kind: 'done' };";

describe('a sealed stage', () => {
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));
  afterEach(() => bench.remove());

  test('reads its deps, writes its outs, and gives facts, a headline, a receipt and events back', async () => {
    bench.write('in/data.txt', 'hello');
    const result = await bench.module(
      `context.log(context.stage);
       context.emit('drift', { psi: 0.3 });
       fs.mkdirSync(context.path('out'));
       fs.writeFileSync(context.path('out/data.txt'), fs.readFileSync(context.path('in/data.txt'), 'utf8') + context.params.suffix);
       return { kind: 'done', facts: { rows: 1 }, headline: '1 row', receipt: { target: 't', rows: 1, checksum: 'c' } };`,
      { deps: ['in'], outs: ['out'], params: { suffix: '!' } },
    );
    assert.deepEqual(result, { kind: 'done', facts: { rows: 1 }, headline: '1 row', receipt: { target: 't', rows: 1, checksum: 'c' }, events: [{ kind: 'drift', facts: { psi: 0.3 } }] });
    assert.equal(readFileSync(path.join(bench.folder, 'out/data.txt'), 'utf8'), 'hello!');
    assert.equal(readFileSync(path.join(bench.folder, '.repro/logs/probe.log'), 'utf8'), 'probe\n');
  });

  test('is stopped at an undeclared sibling out, and told the line to add', async () => {
    bench.write('data/other.csv', 'x');
    const result = await bench.module(`fs.readFileSync('data/other.csv'); ${DONE}`, { deps: ['data/mine.csv'] });
    assert.deepEqual(failure(result), ['Stage "probe" read data/other.csv, which it does not declare (at stage.ts:3:4)', 'add "- data/other.csv" to deps of stage "probe"']);
  });

  test('may require a package from its own folder, in which Node looks for a package.json', async () => {
    bench.write('parts/one.js', "import { createRequire } from 'node:module';\nexport const { parse } = createRequire(import.meta.url)('yaml');");
    bench.write('parts/two.js', '');
    const result = await bench.module(`const { parse } = await import('./parts/one.js');
       return { kind: 'done', facts: parse('rows: 3') };`, { code: ['parts/one.js'] });
    assert.deepEqual(result, { kind: 'done', facts: { rows: 3 }, headline: undefined, receipt: undefined, events: [] });
  });

  test('fails for an undeclared read even if it catches the error and goes on', async () => {
    bench.write('data/other.csv', 'x');
    const result = await bench.module(`try { fs.readFileSync('data/other.csv'); } catch { context.log('went on'); } ${DONE}`);
    assert.match(failure(result)[0], /read data\/other\.csv, which it does not declare/);
  });

  test('is stopped at an undeclared param, also a nested one', async () => {
    const result = await bench.module(`context.log(String(context.params.train.lr)); ${DONE}`, { params: { train: { seed: 1 } } });
    assert.deepEqual(failure(result), ['Stage "probe" read the param "train.lr", which it does not declare (at stage.ts:3:41)', 'add "- train.lr" to params of stage "probe"']);
  });

  test('may look for a key that is not there where all of its map is declared', async () => {
    const body = `return { kind: 'done', headline: String([context.params.train.forest.trees, context.params.train.forest.deep.er]) };`;
    const declared = { params: { train: { forest: { deep: {} }, seed: 1 } }, keys: ['train.forest', 'train.seed'] };
    const result = await bench.module(body, declared);
    assert.equal(result.kind === 'done' && result.headline, ',');
    assert.match(String(failure(await bench.module(`context.log(String(context.params.train.folds)); ${DONE}`, declared))), /read the param "train\.folds", which it does not declare/);
  });

  test('may spread, list and write its params as JSON', async () => {
    const result = await bench.module(`return { kind: 'done', headline: JSON.stringify({ ...context.params }) + Object.keys(context.params.a) };`, { params: { a: { b: 1 } } });
    assert.equal(result.kind === 'done' && result.headline, '{"a":{"b":1}}b');
  });

  test('is stopped at .env, and told how to get a variable', async () => {
    bench.write('.env', 'SECRET=1');
    const [message, hint] = failure(await bench.module(`fs.readFileSync('.env'); ${DONE}`));
    assert.equal(message, 'Stage "probe" read .env, which it does not declare (at stage.ts:3:4)');
    assert.equal(hint, '.env may hold secrets: declare the variable under "env" and export it instead');
  });

  test('is stopped at an undeclared environment variable, by process.env and by the context', async () => {
    const expected = ['Stage "probe" read the environment variable API_KEY, which it does not declare', 'add "- API_KEY" to env of stage "probe"'];
    for (const read of ['process.env.API_KEY', 'context.env.API_KEY']) {
      const [message, hint] = failure(await bench.module(`context.log(String(${read})); ${DONE}`));
      assert.deepEqual([message.replace(/ \(at .*/, ''), hint], expected);
    }
  });

  test('is refused node:sqlite, which opens files past the permission model', async () => {
    const [message, hint] = failure(await bench.module(`const { DatabaseSync } = await import('node:sqlite'); new DatabaseSync('x.db'); ${DONE}`));
    assert.match(message, /^Stage "probe" opened a database \(node:sqlite\), which it does not declare/);
    assert.equal(hint, 'add "needs: [storage]" to stage "probe"');
    assert.equal(existsSync(path.join(bench.folder, 'x.db')), false);
  });

  test('opens a database in its targets with needs: [storage]', async () => {
    const result = await bench.module(`const { DatabaseSync } = await import('node:sqlite'); fs.mkdirSync(context.path('stores'), {recursive: true}); new DatabaseSync(context.path('stores/x.db')).exec('create table t (x)'); ${DONE}`, { needs: ['storage'], targets: ['stores'] });
    assert.equal(result.kind, 'done', JSON.stringify(result));
  });

  test('is stopped when it writes into the folder of another stage', async () => {
    bench.write('data/other/x.txt', 'x');
    const result = await bench.module(`fs.writeFileSync('data/other/x.txt', 'y'); ${DONE}`, { outs: ['data/mine'] });
    assert.deepEqual(failure(result), ['Stage "probe" wrote data/other/x.txt, which it does not declare (at stage.ts:3:4)', 'add "- data/other/x.txt" to outs of stage "probe"']);
    assert.equal(readFileSync(path.join(bench.folder, 'data/other/x.txt'), 'utf8'), 'x');
  });

  test('is stopped when it connects', async () => {
    const [message, hint] = failure(await bench.module(`await fetch('http://127.0.0.1:59999/'); ${DONE}`));
    assert.match(message, /^Stage "probe" opened a connection \(127\.0\.0\.1\), which it does not declare/);
    assert.equal(hint, 'add "needs: [network]" to stage "probe"');
  });

  test('is stopped when it starts a process', async () => {
    const [message, hint] = failure(await bench.module(`const { execSync } = await import('node:child_process'); execSync('true'); ${DONE}`));
    assert.match(message, /^Stage "probe" started a process/);
    assert.equal(hint, 'add "needs: [processes]" to stage "probe"');
  });

  test('that throws is told with its error and place, and the log has the stack', async () => {
    const result = await bench.module(`throw new TypeError('no such thing');`);
    assert.deepEqual(failure(result), ['Stage "probe" threw TypeError: no such thing at stage.ts:3:7', undefined]);
    assert.ok(result.kind === 'failed' && result.tail.some((line) => line.includes('no such thing')));
  });

  test('that throws what is no error is told with it', async () => {
    assert.match(failure(await bench.module('throw { errno: 28 };'))[0], /threw \{ errno: 28 \}/);
  });

  test('that ends the process without an outcome is told so', async () => {
    assert.match(failure(await bench.module('process.exit(3);'))[0], /ended with exit code 3 before it gave its outcome/);
  });

  test('that returns nothing, or exports no run, is told so', async () => {
    assert.match(failure(await bench.module('return 5;'))[0], /returned no outcome/);
    bench.write('empty.ts', 'export const x = 1;');
    assert.match(failure(await bench.execute({ work: { kind: 'module', file: 'empty.ts' } }))[0], /does not export a function named "run"/);
  });

  test('tells an expected failure with its remedy', async () => {
    const result = await bench.module(`return { kind: 'failed', problem: 'there are 0 reviews', where: 'data/x.csv', remedy: 'collect some' };`);
    assert.deepEqual(failure(result), ['Stage "probe" failed: there are 0 reviews (data/x.csv)', 'collect some']);
  });

  test('ends when the run is interrupted', async () => {
    const controller = new AbortController();
    bench.write('stage.ts', 'export async function run() { await new Promise((done) => setTimeout(done, 60000)); }');
    const running = bench.execute({ work: { kind: 'module', file: 'stage.ts' } }, controller.signal);
    setTimeout(() => controller.abort(), 300);
    assert.deepEqual(await running, { kind: 'interrupted' });
  });
});
