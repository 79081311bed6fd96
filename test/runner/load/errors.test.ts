import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Folder } from './rig.ts';

describe('a pipeline that cannot be used says where, what and what to do', () => {
  let folder: Folder;
  beforeEach(() => (folder = new Folder()));
  afterEach(() => folder.remove());

  const cases: readonly [string, string, readonly (string | RegExp)[]][] = [
    ['a tab in YAML', 'stages:\n\ta: 1\n', [/^pipeline\.yaml:2:1 Cannot read pipeline\.yaml as it is not valid YAML: /]],
    ['an empty file', '\n', ['pipeline.yaml:1:1 Cannot use pipeline.yaml as it declares no stages: add a "stages:" map with at least one stage']],
    ['an unknown key of a stage', 'stages:\n  a:\n    cmd: x\n    dpes: [b]\n', ['pipeline.yaml:4:5 Unknown key "dpes": did you mean "deps"?']],
    ['an unknown key at the top', 'stage:\n  a: 1\n', ['pipeline.yaml:1:1 Unknown key "stage": did you mean "stages"?', /declares no stages/]],
    ['a wrong type', 'stages:\n  a:\n    cmd: x\n    deps: b\n', ['pipeline.yaml:4:5 Cannot use "deps" as it must be a list, but it is the text "b"']],
    ['neither cmd nor run', 'stages:\n  a:\n    desc: x\n', ['pipeline.yaml:2:3 Stage "a" has neither "cmd" nor "run": give it exactly one of them']],
    ['both cmd and run', 'stages:\n  a:\n    cmd: x\n    run: a.ts\n', ['pipeline.yaml:2:3 Stage "a" has both "cmd" and "run": give it exactly one of them']],
    ['a bad name', 'stages:\n  "a b":\n    cmd: x\n', ['pipeline.yaml:2:3 Cannot use "a b" as the name of a stage as it may have letters, digits, "-" and "_" only']],
    ['a duplicate key', 'stages:\n  a:\n    cmd: x\n    cmd: y\n', [/^pipeline\.yaml:4:5 Cannot read pipeline\.yaml as it is not valid YAML: Map keys must be unique/]],
    ['an unknown variable', 'stages:\n  a:\n    cmd: echo ${train.lr}\n', ['pipeline.yaml:3:5 Stage "a" uses ${train.lr}, which neither params.yaml nor vars has: did you mean "train.logistic.lr"?']],
    ['a missing params key', 'stages:\n  a:\n    cmd: x\n    params: [train.logistc]\n', ['pipeline.yaml:4:14 Cannot read params key "train.logistc" as params.yaml has no such key: did you mean "train.logistic"?']],
    ['a params key with no near name but a neighbour', 'stages:\n  a:\n    cmd: x\n    params: [train.ly]\n', ['pipeline.yaml:4:14 Cannot read params key "train.ly" as params.yaml has no such key: did you mean "train.logistic"?']],
    ['a missing dep', 'stages:\n  a:\n    cmd: x\n    deps: [data.cvs]\n', ['pipeline.yaml:4:12 Stage "a" needs data.cvs, which does not exist and which no stage writes: did you mean "data.csv"?']],
    ['a missing module', 'stages:\n  a:\n    run: trian.ts\n', ['pipeline.yaml:2:3 Stage "a" cannot run trian.ts as there is no such file: did you mean "train.ts"?']],
    ['a module that is none', 'stages:\n  a:\n    run: data.csv\n', [/cannot run data\.csv as it is neither a \.ts, \.js or \.mjs module nor an \.ipynb notebook/]],
    ['the same out twice', 'stages:\n  a:\n    cmd: x\n    outs: [o]\n  b:\n    cmd: x\n    outs: [./o]\n', ['pipeline.yaml:7:12 Stages "a" and "b" both write o: an out belongs to one stage']],
    ['an out inside of another', 'stages:\n  a:\n    cmd: x\n    outs: [d]\n  b:\n    cmd: x\n    outs: [d/e]\n', ['pipeline.yaml:7:12 Stage "a" writes the folder d, and stage "b" writes d/e inside of it: give each a folder of its own']],
    ['an own out as dep', 'stages:\n  a:\n    cmd: x\n    deps: [./o]\n    outs: [o]\n', [/Stage "a" has o both as dep and as out/]],
    ['the workspace itself as dep', 'stages:\n  a:\n    cmd: x\n    deps: [.]\n', ['pipeline.yaml:4:12 Stage "a" cannot have . as a dep as the workspace lies in it, with all that the stages write: name the file or folder in it that is read']],
    ['a folder around the workspace as dep', 'stages:\n  a:\n    cmd: x\n    deps: [data.csv, {/: {optional: true}}]\n    outs: [o]\n', [/^pipeline\.yaml:4:22 Stage "a" cannot have \/ as a dep as the workspace lies in it/]],
    ['an out outside', 'stages:\n  a:\n    cmd: x\n    outs: [../o]\n', ['pipeline.yaml:4:12 Stage "a" cannot write ../o as it lies outside of the workspace: outs must be inside']],
    ['a duration that is none', 'stages:\n  a:\n    cmd: x\n    fresh: soon\n', ['pipeline.yaml:4:5 Cannot use "fresh" as it must be never, or a duration such as 6h, 30m or 2d, but it is the text "soon"']],
    ['an unknown need', 'stages:\n  a:\n    cmd: x\n    needs: [internet]\n', [/^pipeline\.yaml:4:13 Cannot use "needs\.0" as it must be/]],
    ['a stage after a finally stage', 'stages:\n  a:\n    cmd: x\n    finally: true\n    outs: [o]\n  b:\n    cmd: x\n    deps: [o]\n', [/Stage "b" needs o of "a", which is a finally stage and runs last/]],
    ['a foreach over a number', 'stages:\n  a:\n    foreach: ${train.seed}\n    do:\n      cmd: x\n', ['pipeline.yaml:3:5 Stage "a" cannot go through its foreach or matrix as that is neither a list nor a map']],
  ];
  for (const [name, yaml, expected] of cases) {
    test(name, async () => {
      folder.write('params.yaml', 'train:\n  seed: 1\n  logistic:\n    lr: 0.1\n').write('data.csv', 'a\n').write('train.ts', 'export {};\n');
      const problems = await folder.problems(yaml);
      assert.equal(problems.length, expected.length, problems.join('\n'));
      for (const [index, sentence] of expected.entries()) {
        if (typeof sentence === 'string') assert.equal(problems[index], sentence);
        else assert.match(problems[index] ?? '', sentence);
      }
    });
  }

  test('a link to a folder around the workspace is a dep on it too, also where the pipeline was loaded before', async () => {
    const { rmSync, symlinkSync } = await import('node:fs');
    const yaml = 'stages:\n  a:\n    cmd: x\n    deps: [in]\n';
    folder.write('in', 'a file');
    assert.deepEqual(await folder.problems(yaml), []);
    rmSync(`${folder.path}/in`);
    symlinkSync('..', `${folder.path}/in`);
    assert.match((await folder.problems())[0] ?? '', /^pipeline\.yaml:4:12 Stage "a" cannot have in as a dep as the workspace lies in it/);
    folder.write('other/x', '');
    rmSync(`${folder.path}/in`);
    symlinkSync('other', `${folder.path}/in`);
    assert.deepEqual(await folder.problems(), []);
  });

  test('a circle is printed with its path', async () => {
    const [problem] = await folder.problems('stages:\n  a:\n    cmd: x\n    deps: [c]\n    outs: [a]\n  b:\n    cmd: x\n    deps: [a]\n    outs: [b]\n  c:\n    cmd: x\n    deps: [b]\n    outs: [c]\n');
    assert.equal(problem, 'pipeline.yaml:2:3 Cannot order the stages as they depend on each other in a circle: a -> b -> c -> a');
  });

  test('a file that is not UTF-8, or is not there', async () => {
    assert.deepEqual(await folder.problems(), ['pipeline.yaml:1:1 Cannot read pipeline.yaml as there is no such file']);
    folder.write('params.yaml', 'a: 1\n');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${folder.path}/pipeline.yaml`, Buffer.from([0x73, 0xff, 0xfe]));
    assert.deepEqual(await folder.problems(), ['pipeline.yaml:1:1 Cannot read pipeline.yaml as it is not UTF-8 text']);
  });

  test('all problems are told at once', async () => {
    const problems = await folder.problems('stages:\n  a:\n    cmd: x\n    dpes: [b]\n  b:\n    desc: y\n');
    assert.equal(problems.length, 2);
  });

  test('--set of a key that is not there, or without a value', async () => {
    folder.write('params.yaml', 'train:\n  lr: 0.1\n');
    assert.deepEqual(await folder.problems('stages:\n  a:\n    cmd: x\n', ['train.lrr=1', 'train']), [
      'Cannot set "train.lrr" as params.yaml has no such key: did you mean "train.lr"?',
      'Cannot use --set train: write it as key=value, such as train.lr=0.1',
    ]);
  });
});
