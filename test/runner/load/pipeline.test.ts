import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { nestParams, selectParams } from '../../../runner/params.ts';
import { pipelineJsonSchema } from '../../../runner/spec.ts';
import { Folder } from './rig.ts';

describe('loading a pipeline', () => {
  let folder: Folder;
  beforeEach(() => (folder = new Folder().write('params.yaml', 'train:\n  lr: 0.1\n  C: 1\n  a.b: 5\nlist: [x, y]\nflag: false\nnone: null\n')));
  afterEach(() => folder.remove());

  test('sorts stages by what they read, ties in the order of the file, finally stages last', async () => {
    const { stages, upstream } = await folder.pipeline('stages:\n  last:\n    cmd: x\n    finally: true\n  c:\n    cmd: x\n    deps: [out/b]\n  b:\n    cmd: x\n    deps: [out/a/file]\n    outs: [out/b]\n  a:\n    cmd: x\n    outs: [out/a]\n');
    assert.deepEqual(stages.map(({ name }) => name), ['a', 'b', 'c', 'last']);
    assert.deepEqual(upstream.get('b'), ['a'], 'a dep inside of an out makes an edge');
  });

  test('a dep that contains outs, and a when, make edges; state makes none', async () => {
    const { upstream } = await folder.pipeline('stages:\n  a:\n    cmd: x\n    outs: [d/a.json]\n  b:\n    cmd: x\n    deps: [d]\n  c:\n    cmd: x\n    when: d/a.json#retrain\n  e:\n    cmd: x\n    state: ["d/a.json#/x"]\n');
    assert.deepEqual([upstream.get('b'), upstream.get('c'), upstream.get('e')], [['a'], ['a'], []]);
  });

  test('expands a matrix into one stage for each combination', async () => {
    const { stages } = await folder.pipeline('stages:\n  t:\n    matrix:\n      m: ${list}\n      n: [1, 2]\n    cmd: echo ${item.m} ${item.n} ${key}\n    outs: ["o/${item.m}/${item.n}"]\n');
    assert.deepEqual(stages.map(({ name }) => name), ['t@x-1', 't@x-2', 't@y-1', 't@y-2']);
    assert.deepEqual(stages[3]?.work, { kind: 'shell', commands: ['echo y 2 y-2'] });
    assert.deepEqual(stages[3]?.item, { m: 'y', n: 2 });
  });

  test('expands foreach over a list and over a map', async () => {
    const { stages } = await folder.pipeline('stages:\n  l:\n    foreach: [p, q]\n    do:\n      cmd: echo ${item}\n  m:\n    foreach: {one: {v: 1}}\n    do:\n      cmd: echo ${key} ${item.v}\n');
    assert.deepEqual(stages.map(({ name, work }) => [name, work.kind === 'shell' && work.commands[0]]), [['l@p', 'echo p'], ['l@q', 'echo q'], ['m@one', 'echo one 1']]);
  });

  test('fills ${} from params.yaml and vars, keeps the type of a value that stands alone, and leaves \\${} alone', async () => {
    folder.write('more.yaml', 'deep: {n: 7}\n');
    const stage = await folder.stage('a', 'vars: [more.yaml, {own: w}]\nstages:\n  a:\n    cmd: echo ${train.lr} ${deep.n} ${own} \\${HOME}\n    frozen: ${flag}\n');
    assert.deepEqual(stage.work, { kind: 'shell', commands: ['echo 0.1 7 w ${HOME}'] });
    assert.equal(stage.frozen, false);
  });

  test('selects declared params: of several files, with falsy values, with keys that hold dots', async () => {
    folder.write('other.yaml', 'x: 1\ny: 2\n');
    const yaml = 'stages:\n  a:\n    cmd: x\n    params: [train.lr, train.a.b, flag, none, {other.yaml: [y]}]\n';
    const stage = await folder.stage('a', yaml);
    const pipeline = await folder.pipeline();
    assert.deepEqual(selectParams(stage, pipeline), { 'other.yaml:y': 2, 'params.yaml:flag': false, 'params.yaml:none': null, 'params.yaml:train.a.b': 5, 'params.yaml:train.lr': 0.1 });
    assert.deepEqual(nestParams(stage, pipeline), { train: { lr: 0.1, 'a.b': 5 }, flag: false, none: null, y: 2 });
  });

  test('tells 1 from true and from "1", while 1 and 1.0 are the same number', async () => {
    const yaml = 'stages:\n  a:\n    cmd: x\n    params: [p]\n';
    const seen: string[] = [];
    for (const p of ['1', 'true', '"1"', '1.0']) {
      folder.write('params.yaml', `p: ${p}\n`);
      seen.push(JSON.stringify(selectParams(await folder.stage('a', yaml), await folder.pipeline())));
    }
    assert.deepEqual([new Set(seen).size, seen[0]], [3, seen[3]]);
  });

  test('--set holds for this load alone, and parses its value as YAML', async () => {
    const yaml = 'stages:\n  a:\n    cmd: x\n    params: [train, list]\n';
    const pipeline = await folder.pipeline(yaml, ['train.lr=0.5', 'list=[z]', 'train.a.b=true']);
    assert.deepEqual(nestParams(await folder.stage('a'), pipeline), { train: { lr: 0.5, C: 1, 'a.b': true }, list: ['z'] });
    assert.deepEqual(nestParams(await folder.stage('a'), await folder.pipeline()), { train: { lr: 0.1, C: 1, 'a.b': 5 }, list: ['x', 'y'] });
  });

  test('reads all the keys of a stage', async () => {
    folder.write('c.ts', 'export {};\n');
    const stage = await folder.stage('a', 'stages:\n  a:\n    cmd: [one, two]\n    deps: [f: {optional: true}]\n    outs: [o: {cache: false, persist: true}]\n    metrics: [m.json]\n    plots: [p.csv]\n    env: [KEY]\n    needs: [network]\n    fresh: 6h\n    state: [{"s.json#a": {rerun: false, opens: [d]}}]\n    effects: {check: c.ts, targets: [t/]}\n    always_changed: true\n    desc: d\n    meta: {any: thing}\n');
    assert.deepEqual(stage.outs.map(({ path: file, cache, persist, kind }) => [file, cache, persist, kind]), [['o', false, true, 'out'], ['m.json', true, false, 'metric'], ['p.csv', true, false, 'plot']]);
    assert.deepEqual([stage.freshSeconds, stage.alwaysChanged, stage.env, stage.needs], [21600, true, ['KEY'], ['network']]);
    assert.deepEqual(stage.effects, { check: 'c.ts', targets: ['t'] });
    assert.deepEqual(stage.state.map(({ path: file, selector, rerun, opens }) => [file, selector, rerun, opens]), [['s.json', 'a', false, ['d']]]);
  });

  test('one value may name another: the innermost variable first', async () => {
    const yaml = 'stages:\n  a:\n    cmd: x\n    fresh: "${age.${source}}"\n    always_changed: ${often.${source}}\n';
    folder.write('params.yaml', 'source: live\nage: {live: 6h, file: never}\noften: {live: true, file: false}\n');
    const live = await folder.stage('a', yaml);
    assert.deepEqual([live.freshSeconds, live.alwaysChanged], [21600, true]);
    const [file] = (await folder.pipeline(yaml, ['source=file'])).stages;
    assert.deepEqual([file?.freshSeconds, file?.alwaysChanged], [undefined, false]);
    assert.match((await folder.problems(yaml, ['source=other']))[0] ?? '', /age\.other/);
  });

  test('an unchanged pipeline comes from what was kept, and is the same', async () => {
    const yaml = 'stages:\n  a:\n    cmd: echo ${train.lr}\n    params: [train]\n    outs: [o]\n';
    const parsed = await folder.pipeline(yaml);
    assert.deepEqual(await folder.pipeline(), parsed);
    writeFileSync(path.join(folder.path, '.repro', 'loaded.json'), '{"cut');
    assert.deepEqual(await folder.pipeline(), parsed, 'a cut file is made anew');
    folder.write('params.yaml', 'train: {lr: 0.9}\n');
    assert.deepEqual((await folder.stage('a')).work, { kind: 'shell', commands: ['echo 0.9'] });
  });

  test('the presence of deps is looked at every time', async () => {
    folder.write('d.csv', 'x');
    const yaml = 'stages:\n  a:\n    cmd: x\n    deps: [d.csv]\n';
    await folder.pipeline(yaml);
    rmSync(path.join(folder.path, 'd.csv'));
    assert.match((await folder.problems())[0] ?? '', /needs d\.csv, which does not exist/);
  });

  test('the JSON Schema for editors is the one that checks', () => {
    const file = path.join(import.meta.dirname, '..', '..', '..', 'runner', 'pipeline.schema.json');
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(JSON.stringify(pipelineJsonSchema())), 'run: node scripts/pipeline-schema.ts');
  });
});

describe('hooks of a pipeline', () => {
  test('are commands by event, one or several; they come out of the short cut as they are', async (t) => {
    const folder = new Folder().write('params.yaml', 'a: 1\n');
    t.after(() => folder.remove());
    const text = 'stages:\n  a:\n    cmd: x\non:\n  rejected: tell one\n  failed: [tell one, tell two]\n';
    for (let round = 0; round < 2; round++) assert.deepEqual((await folder.pipeline(text)).hooks, { rejected: ['tell one'], failed: ['tell one', 'tell two'] });
    assert.deepEqual((await folder.pipeline('stages:\n  a:\n    cmd: x\n')).hooks, {});
  });
});
