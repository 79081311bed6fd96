import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { check } from '../../storage/check-raw.ts';
import { openEmbeddedRawStore } from '../../storage/embedded-raw-store.ts';
import { review } from './reviews.ts';

test('the receipts of a raw store that was lost stay void for each dataset until it is collected again', async (t) => {
  const workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-stamp-'));
  t.after(() => rmSync(workspace, { recursive: true }));
  const folder = path.join(workspace, 'stores/raw');
  const [one, other] = ['file:com.one.app', 'file:com.other.app'] as const;
  const collect = async (...datasets: readonly string[]) => {
    const opened = openEmbeddedRawStore(folder);
    assert.ok(opened.ok);
    const stamps = [];
    for (const dataset of datasets) {
      await opened.value.unstamp(dataset);
      await opened.value.upsert(dataset, [review('a')]);
      stamps.push(await opened.value.stamp(dataset));
    }
    await opened.value.close();
    return stamps;
  };
  const isKnown = async (receipt: { readonly target: string; readonly rows: number; readonly checksum: string } | undefined): Promise<boolean> => receipt !== undefined && (await check({ workspace, env: {}, receipt })) !== null;
  const [first, second] = await collect(one, other);
  assert.deepEqual([await isKnown(first), await isKnown(second)], [true, true]);
  for (const end of ['', '-wal', '-shm']) rmSync(path.join(folder, `reviews.db${end}`), { force: true });
  await collect(one);
  assert.deepEqual([await isKnown(first), await isKnown(second)], [true, false]);
  await collect(other);
  assert.deepEqual([await isKnown(first), await isKnown(second)], [true, true]);
});
