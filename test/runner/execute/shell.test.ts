import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Bench, failure } from './rig.ts';

describe('a shell stage', () => {
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));
  afterEach(() => bench.remove());
  const shell = (...commands: readonly string[]) => bench.execute({ work: { kind: 'shell', commands }, outs: ['out.txt'] });
  const log = () => readFileSync(path.join(bench.folder, '.repro/logs/probe.log'), 'utf8');

  test('runs its commands in order, and keeps what they print', async () => {
    assert.equal((await shell('echo one > out.txt; echo a', 'echo two >> out.txt; echo b >&2')).kind, 'done');
    assert.equal(readFileSync(path.join(bench.folder, 'out.txt'), 'utf8'), 'one\ntwo\n');
    assert.equal(log(), 'a\nb\n');
  });

  test('stops at the first command that fails, and gives the last lines of its output', async () => {
    const result = await shell('seq 1 30; exit 4', 'echo never');
    assert.deepEqual(failure(result), ['Stage "probe" ended with exit code 4', undefined]);
    assert.deepEqual(result.kind === 'failed' && result.tail, Array.from({ length: 20 }, (_, index) => String(index + 11)));
  });

  test('sees the fixed time zone and locale, and nothing of the environment that it does not declare', async () => {
    process.env.ULASAN_TEST_SECRET = 'secret';
    await shell('echo "$TZ $LC_ALL [$ULASAN_TEST_SECRET]"');
    assert.equal(log(), 'UTC C.UTF-8 []\n');
  });

  test('finds its context in a file, and may leave facts and a headline', async () => {
    const script = `const fs = require('node:fs'); const c = JSON.parse(fs.readFileSync(process.env.REPRO_CONTEXT)); fs.writeFileSync(c.resultFile, JSON.stringify({facts: {asOf: c.asOf}, headline: c.stage}))`;
    const result = await shell(`node -e "${script}"`);
    assert.deepEqual(result, { kind: 'done', facts: { asOf: '2026-01-01T00:00:00Z' }, headline: 'probe', receipt: undefined, events: [] });
  });

  test('ends with all its children when the run is interrupted', async () => {
    const controller = new AbortController();
    const running = bench.execute({ work: { kind: 'shell', commands: ['sleep 60 & sleep 60'] } }, controller.signal);
    setTimeout(() => controller.abort(), 200);
    assert.deepEqual(await running, { kind: 'interrupted' });
  });
});
