import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { DROPPED_FILE, noteDropped, readDropped } from '../../storage/dropped.ts';
import { openEmbeddedSqlStore } from '../../storage/embedded-sql-store.ts';
import { parseCsv } from '../../records/parse-csv.ts';
import { Pipeline, worked } from '../pipeline/rig.ts';
import { data } from './rig.ts';
import type { Said } from './rig.ts';

const damage = (workspace: string): void => writeFileSync(path.join(workspace, 'stores/sql/data/global/pg_control'), 'garbage '.repeat(1024));

function told({ status, output }: Said, hint: RegExp): void {
  assert.equal(status, 1, output);
  assert.match(output, /pglite:stores\/sql: its files are damaged, so that PostgreSQL does not run on them \(PGlite failed to initialize properly\)/);
  assert.match(output, hint);
  assert.doesNotMatch(output, /threw|This is a bug|\n\s+at /);
}

describe('an embedded SQL store whose files are damaged', () => {
  test('is told by pnpm data prune, with what to do; what is to be done stays noted', async () => {
    const workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-damaged-'));
    try {
      const opened = await openEmbeddedSqlStore(path.join(workspace, 'stores/sql'));
      assert.ok(opened.ok);
      await opened.value.close();
      damage(workspace);
      const note = path.join(workspace, DROPPED_FILE);
      noteDropped(note, '2020-01-01T00:00:00Z');
      told(await data('prune', '--workspace', workspace), /hint: if it cannot be mended, remove stores\/sql, which the next run or {2}pnpm data restore {2}fills again; then run the same command again/);
      assert.notEqual(readDropped(note), null);
      rmSync(path.join(workspace, 'stores/sql'), { recursive: true });
      assert.equal((await data('prune', '--workspace', workspace)).status, 0);
    } finally {
      rmSync(workspace, { recursive: true, force: true });
    }
  });

  test('is told by publish, restore and erase; moved away, the next run fills a new one', async () => {
    const pipeline = new Pipeline();
    const { workspace } = pipeline;
    try {
      worked(await pipeline.repro('publish'));
      damage(workspace);
      const moving = /if it cannot be mended, move stores\/sql away: the next run fills it again, or "pnpm data restore" from data\/collect/;
      told(await pipeline.repro('publish', '--single', '--force'), moving);
      const sets = ['collect.sample.reviews=900', 'train.folds=3', 'train.random-forest.trees=8'].flatMap((set) => ['--set', set]);
      told(await data('restore', '--workspace', workspace, ...sets), moving);
      const ids: string[] = [];
      parseCsv(pipeline.read('data/collect/reviews.csv'), (cells) => void ids.push(cells[1] ?? ''));
      told(await data('erase', ids[1] ?? '', '--workspace', workspace, '--no-run'), /hint: what is left to do is kept; run {2}pnpm data erase {2}again when it can be used, or remove stores\/sql, which the next run fills again/);
      renameSync(path.join(workspace, 'stores/sql'), path.join(workspace, 'damaged'));
      assert.ok(worked(await pipeline.repro('publish')).includes('publish'));
    } finally {
      pipeline.remove();
    }
  });
});
