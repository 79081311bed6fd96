import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { readCode } from '../../../runner/code/code.ts';
import type { Code } from '../../../runner/model.ts';
import { Folder } from './rig.ts';

async function hashFile(file: string): Promise<string | undefined> {
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : undefined;
}

async function codeOf(folder: Folder, name = 'a'): Promise<Code> {
  const pipeline = await folder.pipeline();
  const result = await readCode({ stage: await folder.stage(name), pipeline, hashFile });
  if (!result.ok) throw new Error(result.problems.map(({ message, place }) => `${place?.file}:${place?.line}:${place?.column} ${message}`).join('; '));
  return result.value;
}

describe('the code of a stage', () => {
  let folder: Folder;
  beforeEach(() => {
    folder = new Folder();
    folder.write('pipeline.yaml', 'stages:\n  a:\n    run: a.ts\n');
    folder.write('a.ts', "import { one } from './deep/b.ts';\nexport async function run() { return one(1); }\n");
    folder.write('deep/b.ts', "import { two } from '../c.ts';\nexport function one(n: number) { return two(n); }\nexport function unused() { return 1; }\n");
    folder.write('c.ts', 'export function two(n: number) { return n * 2; }\n');
  });
  afterEach(() => folder.remove());

  test('is that of its module and of everything it imports', async () => {
    const { hash, files } = await codeOf(folder);
    assert.deepEqual(Object.keys(files), ['a.ts', 'c.ts', 'deep/b.ts']);
    folder.write('c.ts', 'export function two(n: number) { return n * 3; }\n');
    assert.notEqual((await codeOf(folder)).hash, hash);
  });

  test('does not change with a comment, a type, the layout, or a function that nobody calls', async () => {
    const { hash } = await codeOf(folder);
    folder.write('c.ts', '/** Doubles. */\nexport function two(\n  n: number,\n): number {\n  // twice\n  return n * 2;\n}\n');
    folder.write('deep/b.ts', "import { two } from '../c.ts';\nexport interface Some { a: 1 }\nexport function one(n: number): number { return two(n); }\nexport function unused() { return 2; }\n");
    assert.equal((await codeOf(folder)).hash, hash);
  });

  test('is the same in another folder', async () => {
    const { hash } = await codeOf(folder);
    const other = new Folder();
    try {
      for (const file of ['pipeline.yaml', 'a.ts', 'deep/b.ts', 'c.ts']) other.write(file, readFileSync(`${folder.path}/${file}`, 'utf8'));
      assert.equal((await codeOf(other)).hash, hash);
    } finally {
      other.remove();
    }
  });

  test('follows workers, which are named by a URL', async () => {
    folder.write('a.ts', "export async function run() { return new Worker(new URL('./worker.ts', import.meta.url)); }\n");
    folder.write('worker.ts', "import { two } from './c.ts';\nconsole.log(two(2));\n");
    const { hash, files } = await codeOf(folder);
    assert.deepEqual(Object.keys(files), ['a.ts', 'c.ts', 'worker.ts']);
    folder.write('c.ts', 'export function two(n: number) { return n * 3; }\n');
    assert.notEqual((await codeOf(folder)).hash, hash);
  });

  test('refuses an import whose name is computed, with its place', async () => {
    folder.write('a.ts', "// import(x) in a comment is fine\nexport async function run(name: string) {\n  return import(`./${name}.ts`);\n}\n");
    await assert.rejects(codeOf(folder), /^Error: a\.ts:3:10 Stage "a" imports a module whose name is computed, so its code cannot be known before it runs: import it by a literal name$/);
  });

  test('names the place of a syntax error', async () => {
    folder.write('c.ts', 'export function two( {\n');
    await assert.rejects(codeOf(folder), /^Error: c\.ts:\d+:\d+ Cannot read the code of stage "a": /);
  });

  test('has every npm package it reaches, with its closure in the lock file', async () => {
    folder.write('a.ts', "import { parse } from 'csv-parse/sync';\nimport fs from 'node:fs';\nexport async function run() { return [parse, fs]; }\n");
    const lock = (inner: string) => `lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      csv-parse:\n        specifier: ^7\n        version: 7.0.3\nsnapshots:\n  csv-parse@7.0.3:\n    dependencies:\n      inner: ${inner}\n  inner@${inner}: {}\n`;
    folder.write('pnpm-lock.yaml', lock('1.0.0'));
    const first = (await codeOf(folder)).packages;
    assert.deepEqual(Object.keys(first), ['csv-parse']);
    folder.write('pnpm-lock.yaml', lock('1.0.1'));
    assert.notEqual((await codeOf(folder)).packages['csv-parse'], first['csv-parse']);
  });

  test('of a notebook is that of its code cells: outputs, counts and prose do not matter', async () => {
    folder.write('pipeline.yaml', 'stages:\n  a:\n    run: n/a.ipynb\n    outs: [o.ipynb]\n');
    const notebook = (source: string, extra: object, prose: string) => JSON.stringify({ cells: [{ cell_type: 'markdown', source: [prose] }, { cell_type: 'code', source: [source], ...extra }], metadata: extra });
    const source = "import { two } from '../c.ts';\nconsole.log(two(2));";
    folder.write('n/a.ipynb', notebook(source, { outputs: [] }, '# A'));
    const { hash, files } = await codeOf(folder);
    assert.deepEqual(Object.keys(files), ['c.ts', 'n/a.ipynb']);
    folder.write('n/a.ipynb', notebook(source, { outputs: [{ output_type: 'stream', text: ['4'] }], execution_count: 7 }, '# B'));
    assert.equal((await codeOf(folder)).hash, hash);
    folder.write('n/a.ipynb', notebook(`${source}\nconsole.log(3);`, {}, '# B'));
    assert.notEqual((await codeOf(folder)).hash, hash);
  });

  test('of a shell stage is what `code` names: entry points by their closure, globs by their bytes', async () => {
    folder.write('pipeline.yaml', "stages:\n  a:\n    cmd: node a.ts\n    code: [a.ts, 'assets/**']\n  b:\n    cmd: x\n");
    folder.write('assets/x.css', 'a{}');
    const { hash, files } = await codeOf(folder);
    assert.deepEqual(Object.keys(files), ['a.ts', 'assets/x.css', 'c.ts', 'deep/b.ts']);
    assert.equal((await codeOf(folder, 'b')).hash, '');
    folder.write('assets/x.css', 'a{b:c}');
    assert.notEqual((await codeOf(folder)).hash, hash);
  });
});
