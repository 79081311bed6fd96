import assert from 'node:assert/strict';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { readRows } from '../../../records/read-csv.ts';
import { CleanReview, DroppedReview } from '../../../schema/clean-review.ts';
import { run as clean } from '../../../stages/clean.ts';
import { run as collect } from '../../../stages/collect.ts';
import { repeatedOf } from '../../../ml/text/repeated.ts';
import { openEmbeddedRawStore } from '../../../storage/embedded-raw-store.ts';
import { stageRig } from '../context.ts';
import type { Rig } from '../context.ts';

let rig: Rig;
beforeEach(() => (rig = stageRig()));
afterEach(() => rig.remove());

async function cleaned(rows: readonly string[]): Promise<{ readonly kept: readonly string[]; readonly dropped: readonly string[] }> {
  rig.write('reviews.csv', `id,at,rating,text\n${rows.join('\n')}\n`);
  const params = { collect: { source: 'file', path: 'reviews.csv' } };
  assert.equal((await rig.run('collect', collect, params)).kind, 'done');
  assert.equal((await rig.run('clean', clean, params)).kind, 'done');
  const [kept, dropped] = [readRows(path.join(rig.folder, 'data/clean/reviews.csv'), CleanReview), readRows(path.join(rig.folder, 'data/clean/dropped.csv'), DroppedReview)];
  assert.ok(kept.ok && dropped.ok);
  return { kept: kept.rows.map(({ id, raw }) => `${id} ${raw}`), dropped: dropped.rows.map(({ id, reason }) => `${id} ${reason}`) };
}

describe('clean, of an id that comes more than once', () => {
  test('keeps the newest, as the store does, and loses no review for an older one that is of no use', async () => {
    const rows = ['d1,,5,bagus sekali', 'd1,2025-03-01,5,bagus sekali', 'd2,2025-06-01,5,sekarang bagus', 'd2,2025-01-01,1,jelek lama', 'd3,2025-02-01,2,kurang bagus', 'd2,2025-04-01,4,lumayan bagus', 'd4,2025-05-01,1,dulu', 'd4,2025-05-01,5,kemudian'];
    const { kept, dropped } = await cleaned(rows);
    assert.deepEqual(kept, ['d3 kurang bagus', 'd1 bagus sekali', 'd4 kemudian', 'd2 sekarang bagus']);
    assert.deepEqual(dropped, ['d1 duplicate-id', 'd2 duplicate-id', 'd2 duplicate-id', 'd4 duplicate-id']);
    const store = openEmbeddedRawStore(path.join(rig.folder, 'stores/raw'));
    assert.ok(store.ok);
    assert.deepEqual((await store.value.all('file:com.valar.pintu')).map(({ id, text }) => `${id} ${text}`).toSorted(), kept.toSorted());
    await store.value.close();
  });

  test('tells all of its rows but the last one', () => {
    assert.deepEqual([...repeatedOf(['a', 'b', 'a', 'c', 'a', 'b'])], [0, 2, 1]);
    assert.equal(repeatedOf(['a', 'b', 'c']).size, 0);
  });
});

describe('clean, where no review is left', () => {
  test('tells it as an error of the data: each rule that is broken, with its numbers, as accept may not have begun', async () => {
    rig.write('data/collect/reviews.csv', 'app,id,at,rating,text,thumbsUp,version,reply,repliedAt,source,author\n');
    const none = await rig.run('clean', clean);
    assert.ok(none.kind === 'failed' && none.problem === 'No review is left after cleaning: none was collected');
    assert.deepEqual(rig.events, []);
    rig.write('reviews.csv', `id,at,rating,text\n${['a,,5,bagus', 'b,,4,bagus', 'c,,1,jelek', 'd,2025-01-01,3,biasa'].join('\n')}\n`);
    const params = { collect: { source: 'file', path: 'reviews.csv' }, clean: { labels: { threeStars: 'drop' } } };
    assert.equal((await rig.run('collect', collect, params)).kind, 'done');
    const outcome = await rig.run('clean', clean, params);
    assert.ok(outcome.kind === 'failed');
    assert.equal(outcome.problem, 'No review is left after cleaning: all 4 were dropped (no-date: 3, three-stars: 1)');
    assert.deepEqual(rig.events, [{ kind: 'quality-error', facts: { rule: 'missing-date', rows: 3, share: 0.75 } }]);
  });
});
