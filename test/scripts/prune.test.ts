import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { DROPPED_FILE, noteDropped, readDropped } from '../../storage/dropped.ts';
import { openEmbeddedSqlStore } from '../../storage/embedded-sql-store.ts';
import { publish } from '../../storage/published.ts';
import { readStamps, setStamp } from '../../storage/stamp.ts';
import { Pipeline, worked } from '../pipeline/rig.ts';
import { cleanReview, publication } from '../storage/published-rows.ts';
import { data, filesShowing } from './rig.ts';

const OLD = 'kalimat dari dua puluh tahun yang lalu';

describe('pnpm data prune', () => {
  let workspace = '';
  beforeEach(() => void (workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-prune-'))));
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));
  const at = (file: string): string => path.join(workspace, file);
  const write = (file: string, content: string): void => {
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), content);
  };

  test('does nothing where no review became too old', async () => {
    write('.repro/cache/objects/ab/cd', OLD);
    write('releases/1/site/index.html', OLD);
    const said = await data('prune', '--workspace', workspace);
    assert.deepEqual([said.status, said.output], [0, 'nothing to prune: no review became too old since the last time\n']);
    assert.deepEqual(filesShowing(workspace, OLD), ['.repro/cache/objects/ab/cd', 'releases/1/site/index.html']);
    assert.equal((await data('prune', '--what')).status, 2);
  });

  test('takes out what earlier runs left, and rows of every dataset of the SQL store', async () => {
    noteDropped(at(DROPPED_FILE), '2020-01-01T00:00:00Z');
    for (const file of ['.repro/cache/objects/ab/cd', '.repro/kept/1/data/x.csv', 'releases/1/site/index.html']) write(file, OLD);
    write('releases/2/site/index.html', 'new');
    symlinkSync('2', at('releases/current'));
    const sql = await openEmbeddedSqlStore(at('stores/sql'));
    assert.ok(sql.ok);
    const other = 'sample:com.example.app';
    await publish(sql.value, publication([], { reviews: [{ ...cleanReview('old', OLD), at: '2019-12-31T23:59:59Z' }, cleanReview('new')], predictions: [], dataset: other, source: 'sample' }));
    await sql.value.close();
    setStamp(at('stores/sql'), other, { target: `pglite:stores/sql#${other}`, rows: 2, checksum: 'c' });
    const said = await data('prune', '--workspace', workspace);
    assert.equal(said.status, 0, said.output);
    assert.match(said.output, /pruned: 1 cached results, 1 releases and 1 kept files of earlier runs/);
    assert.deepEqual([filesShowing(workspace, OLD), readlinkSync(at('releases/current')), existsSync(at('releases/2/site/index.html'))], [[], '2', true]);
    assert.equal(readStamps(at('stores/sql'))[other], undefined, 'the next run that publishes it looks again');
    assert.equal(readDropped(at(DROPPED_FILE)), null);
  });

  test('is not over while the newest results still have what is too old: the run that was to make them anew failed', async () => {
    noteDropped(at(DROPPED_FILE), '2020-01-01T00:00:00Z');
    write('data/clean/reviews.csv', `app,id,at,text\na,1,2019-12-31T23:59:59Z,${OLD}\n`);
    const early = await data('prune', '--workspace', workspace);
    assert.equal(early.status, 0, early.output);
    assert.match(early.output, /data\/clean\/reviews\.csv still has reviews that are too old/);
    assert.equal(readDropped(at(DROPPED_FILE)), '2020-01-01T00:00:00Z');
    write('data/clean/reviews.csv', 'app,id,at,text\na,1,2020-01-01T00:00:00Z,x\na,2,,undated\n');
    assert.equal((await data('prune', '--workspace', workspace)).status, 0);
    assert.equal(readDropped(at(DROPPED_FILE)), null);
  });
});

describe('a retention in a pipeline', () => {
  test('reaches stores, outs, cache and releases by the end of the run that drops', async () => {
    const pipeline = new Pipeline();
    try {
      const source = mkdtempSync(path.join(tmpdir(), 'ulasan-source-'));
      const file = path.join(source, 'own.csv');
      // So many days that the first of January 2012 is just kept, whatever day this is.
      const days = Math.floor((Date.now() - Date.UTC(2012, 0, 1)) / 86_400_000);
      const lines = Array.from({ length: 400 }, (_, index) => {
        const [date, text] = index < 40 ? ['2011-12-15', `${OLD} nomor ${index}`] : [`2012-0${1 + (index % 6)}-1${index % 10}`, `${['bagus sekali mantap', 'jelek lambat error terus', 'biasa saja lumayan'][index % 3] ?? ''} ${index}`];
        return `gp:review-${index},${text},${[5, 1, 3][index % 3] ?? 3},${date} 10:00:00`;
      });
      writeFileSync(file, ['id,text,rating,at', ...lines].join('\n'));
      const sets = ['collect.source=file', `collect.path=${file}`].flatMap((set) => ['--set', set]);
      worked(await pipeline.repro(...sets));
      const shown = () => filesShowing(pipeline.workspace, OLD);
      for (const place of ['stores/raw/', 'stores/sql/', 'data/', '.repro/cache/', 'releases/']) assert.ok(shown().some((one) => one.startsWith(place)), place);
      worked(await pipeline.repro(...sets, '--set', `privacy.retentionDays=${days}`));
      assert.deepEqual(shown(), []);
      assert.ok(!existsSync(path.join(pipeline.workspace, DROPPED_FILE)));
      assert.equal(pipeline.read('data/collect/reviews.csv').trimEnd().split('\n').length, 361);
      assert.deepEqual(worked(await pipeline.repro(...sets, '--set', `privacy.retentionDays=${days}`)), [], 'and nothing runs again for it');
      rmSync(source, { recursive: true });
    } finally {
      pipeline.remove();
    }
  });
});
