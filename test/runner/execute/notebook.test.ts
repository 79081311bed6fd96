import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { denoBinary } from '../../../runner/execute/kernel.ts';
import { root } from '../../pipeline/rig.ts';
import { Bench, failure } from './rig.ts';

interface Cell {
  readonly cell_type: string;
  readonly metadata: { readonly tags?: readonly string[] };
  readonly source: readonly string[];
  readonly outputs?: readonly { readonly output_type: string; readonly text?: readonly string[]; readonly data?: Readonly<Record<string, unknown>> }[];
}

const code = (source: string, tags?: readonly string[]) => ({ cell_type: 'code', id: `c${source.length}`, metadata: tags === undefined ? {} : { tags }, source, outputs: [], execution_count: null });

describe('a notebook stage', () => {
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));
  afterEach(() => bench.remove());

  const run = (cells: readonly object[], params = {}) => {
    bench.write('deno.json', '{"nodeModulesDir":"manual"}');
    bench.write('notebooks/n.ipynb', JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
    return bench.execute({ work: { kind: 'notebook', file: 'notebooks/n.ipynb' }, outs: ['out/n.ipynb'], params });
  };
  const executed = (): readonly Cell[] => (JSON.parse(readFileSync(path.join(bench.folder, 'out/n.ipynb'), 'utf8')) as { readonly cells: readonly Cell[] }).cells;

  test('runs its cells in order, keeps what they show, and gets its params after the cell tagged "parameters"', async () => {
    const result = await run(
      [code('const params = { n: 1 };', ['parameters']), code('console.log(params.n + 1);'), code('await Deno.jupyter.display({ "application/json": { n: params.n } }, { raw: true });'), code('params.n * 3')],
      { n: 20 },
    );
    assert.equal(result.kind, 'done', JSON.stringify(result));
    const cells = executed();
    assert.deepEqual(cells.map(({ metadata }) => metadata.tags?.[0]), ['parameters', 'injected-parameters', undefined, undefined, undefined]);
    assert.deepEqual(cells[2]?.outputs, [{ output_type: 'stream', name: 'stdout', text: ['21\n'] }]);
    assert.deepEqual(cells[3]?.outputs?.[0]?.data?.['application/json'], { n: 20 });
    assert.match(String(cells[4]?.outputs?.[0]?.data?.['text/plain']), /60/);
  });

  test('gives the same bytes twice', async () => {
    const cells = [code('console.log(1)'), code('({ a: 1 })')];
    await run(cells);
    const first = readFileSync(path.join(bench.folder, 'out/n.ipynb'), 'utf8');
    await run(cells);
    assert.equal(readFileSync(path.join(bench.folder, 'out/n.ipynb'), 'utf8'), first);
    assert.ok(!first.includes(bench.folder), 'no absolute path');
  });

  test('that fails names notebook, cell, line and error', async () => {
    const [message] = failure(await run([code('const a = 1;'), code('const b = 2;\nthrow new RangeError("too far");')]));
    assert.match(message, /^Cell 2 of notebooks\/n\.ipynb failed at line 2 \(id c\d+\): .*RangeError: too far/);
  });

  test('with a syntax error fails, though only the reply tells it', async () => {
    const [message] = failure(await run([code('const = ;')]));
    assert.match(message, /^Cell 1 of notebooks\/n\.ipynb failed/);
  });

  test('whose cell takes the kernel with it fails at once, and says which', async () => {
    const before = performance.now();
    const [message] = failure(await run([code('1'), code('Deno.exit(3)')]));
    assert.match(message, /^Cell 2 of notebooks\/n\.ipynb \(id c\d+\) ended the kernel/);
    assert.ok(performance.now() - before < 20_000, 'long before the cell would have been stopped');
  });

  /** A code root of its own, since that of the bench has the node_modules of the project: with this script in the place of Deno. */
  function standIn(t: TestContext, script: string): string {
    const root = mkdtempSync(path.join(tmpdir(), 'repro-deno-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    const runtime = path.join(root, 'node_modules/deno-runtime');
    const platform = path.join(runtime, `node_modules/@deno/${process.platform}-${process.arch}${process.platform === 'linux' ? '-glibc' : ''}`);
    mkdirSync(platform, { recursive: true });
    writeFileSync(path.join(runtime, 'package.json'), '{"name":"deno-runtime"}');
    writeFileSync(path.join(platform, 'package.json'), '{}');
    writeFileSync(path.join(platform, 'deno'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return root;
  }
  /** What comes of starting a kernel, in a process that ends by itself once nothing keeps it. */
  function starting(codeRoot: string) {
    const script = `const { startKernel } = await import(${JSON.stringify(path.join(root, 'runner/execute/kernel.ts'))});
      const kernel = await startKernel({ code: ${JSON.stringify(codeRoot)}, cwd: '/', env: process.env, log: 2 });
      console.log(kernel === undefined ? 'none' : (await kernel.execute('1 + 1', 20000)).end);
      kernel?.close();`;
    const { stdout, status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 40_000 });
    return [stdout.trim(), status, signal];
  }

  test('with a kernel that cannot start fails at once, and what was sent to it keeps no process alive', (t) => {
    assert.deepEqual(starting(standIn(t, 'exit 1')), ['none', 0, null]);
  });

  test('whose kernel lost a port to somebody else starts it again with others', (t) => {
    const codeRoot = standIn(t, `if [ -e "$0.once" ]; then exec ${denoBinary(root)} "$@"; fi; touch "$0.once"; exit 1`);
    assert.deepEqual(starting(codeRoot), ['done', 0, null]);
  });

  test('can neither connect, nor write, nor start a program', async () => {
    for (const door of ['await fetch("http://127.0.0.1:59999")', 'Deno.writeTextFileSync("x", "y")', 'new Deno.Command("true").outputSync()']) {
      assert.match(failure(await run([code(door)]))[0], /failed.*(NotCapable|PermissionDenied|Requires)/, door);
    }
  });

  test('is stopped when the run is interrupted', async () => {
    bench.write('deno.json', '{"nodeModulesDir":"manual"}');
    bench.write('notebooks/n.ipynb', JSON.stringify({ cells: [code('while (true) {}')], metadata: {}, nbformat: 4, nbformat_minor: 5 }));
    const controller = new AbortController();
    const running = bench.execute({ work: { kind: 'notebook', file: 'notebooks/n.ipynb' }, outs: ['out/n.ipynb'] }, controller.signal);
    setTimeout(() => controller.abort(), 1500);
    assert.deepEqual(await running, { kind: 'interrupted' });
  });
});
