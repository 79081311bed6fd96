import { cpSync, rmSync } from 'node:fs';
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { APP, startCollector } from './rig.ts';
import { writtenReviews } from './rows.ts';
import { switchingStores } from './switched.ts';

switchingStores('another embedded one', (folder) => ({ folder: path.join(folder, 'stores/another'), uri: undefined }));

describe('a raw store that is an older copy of itself', () => {
  test('takes over what it knew by then from the backup', async () => {
    const made = await startCollector();
    try {
      const reviews = writtenReviews(30);
      made.store.set(APP, 'id', reviews);
      await made.run();
      cpSync(made.place.folder, `${made.place.folder}.old`, { recursive: true });
      made.store.set(APP, 'id', reviews.slice(1).map((review, index) => (index < 2 ? { ...review, text: 'diubah', second: review.second + 90_000 } : review)));
      for (const day of ['02', '03']) await made.run({ backfill: 'now' }, `2026-07-${day}T07:00:00.000Z`);
      const before = made.bytes();
      rmSync(made.place.folder, { recursive: true });
      cpSync(`${made.place.folder}.old`, made.place.folder, { recursive: true });
      assert.equal((await made.facts()).restored, 3);
      assert.equal(made.bytes(), before);
    } finally {
      await made.close();
    }
  });
});
