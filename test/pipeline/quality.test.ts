import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Pipeline } from './rig.ts';

describe('a file of which no row has a date', () => {
  const pipeline = new Pipeline();
  before(() => writeFileSync(path.join(pipeline.workspace, 'own.csv'), ['id,text,rating', ...Array.from({ length: 300 }, (_, index) => `own-${index},"bagus sekali nomor ${index}",5`)].map((line) => `${line},`).join('\n').replace('rating,', 'rating,at')));
  after(() => pipeline.remove());

  /** What a run told: kind, stage and numbers of each alert about the data, and of stages that failed with nothing said. */
  async function alerts(...args: readonly string[]): Promise<readonly unknown[]> {
    rmSync(path.join(pipeline.workspace, 'logs'), { recursive: true, force: true });
    const sets = ['collect.source=file', 'collect.path=own.csv', 'collect.app=com.example.app'].flatMap((set) => ['--set', set]);
    const { status, output, record } = await pipeline.repro(...sets, ...args);
    assert.equal(status, 1, output);
    assert.equal(record?.stages.find(({ name }) => name === 'clean')?.state, 'failed');
    assert.match(output, /No review is left after cleaning: all 300 were dropped \(no-date: 300\)/);
    const lines = pipeline.read('logs/alerts.jsonl').trim().split('\n').map((line) => JSON.parse(line) as { readonly kind: string; readonly facts: Readonly<Record<string, unknown>> });
    return lines.filter(({ kind }) => kind === 'quality-error').map(({ facts }) => [facts.rule, facts.rows, facts.share]);
  }

  test('is told as an error of its data, with rule and numbers, once, whichever of the stages that find it comes first', async () => {
    assert.deepEqual(await alerts('--jobs', '1'), [['missing-date', 300, 1]], 'clean before accept has begun');
    // Now validate is fresh: accept begins at once and finds the same.
    assert.deepEqual(await alerts('--keep-going'), [['missing-date', 300, 1]]);
    assert.deepEqual(await alerts(), [['missing-date', 300, 1]]);
  });
});

describe('a file whose newest dates are in the future', () => {
  test('is told by the run that brings it, whatever its rows say of one another; a run with nothing to do does nothing for it', async () => {
    const pipeline = new Pipeline();
    try {
      writeFileSync(path.join(pipeline.workspace, 'own.csv'), ['id,text,rating,at', ...Array.from({ length: 300 }, (_, index) => `own-${index},"bagus sekali nomor ${index}",5,2099-0${1 + (index % 6)}-1${index % 10}`)].join('\n'));
      const sets = ['collect.source=file', 'collect.path=own.csv', 'collect.app=com.example.app'].flatMap((set) => ['--set', set]);
      const told = (): readonly unknown[] => pipeline.read('logs/alerts.jsonl').trim().split('\n').map((line) => JSON.parse(line) as { readonly kind: string; readonly facts: { readonly rule: string } }).map(({ kind, facts }) => [kind, facts.rule]);
      const warning = /warning: The newest review is dated 2099-06-\d\dT00:00:00Z, [\d,]+ days ahead of the clock, where at most 24 hours are expected/;
      const first = await pipeline.repro(...sets, 'accept');
      assert.equal(first.status, 0, first.output);
      assert.match(first.output, warning);
      assert.deepEqual(told(), [['stale-data', 'future']]);
      const second = await pipeline.repro(...sets, 'accept');
      assert.equal(second.record, null, second.output);
      assert.match(second.output, /Nothing to do/);
      assert.deepEqual(told(), [['stale-data', 'future']]);
    } finally {
      pipeline.remove();
    }
  });
});
