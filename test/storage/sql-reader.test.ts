import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openEmbeddedSqlStore } from '../../storage/embedded-sql-store.ts';
import { publish } from '../../storage/published.ts';
import { openSqlReader } from '../../storage/sql-reader.ts';
import type { SqlReader } from '../../storage/sql-reader.ts';
import { publication } from './published-rows.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-reader-'));
let reader: SqlReader;

describe('reading the embedded SQL store in a server', () => {
  before(async () => {
    const store = await openEmbeddedSqlStore(folder);
    assert.ok(store.ok);
    await publish(store.value, publication(['a', 'b']));
    await store.value.close();
    const opened = await openSqlReader({ folder, url: undefined });
    assert.ok(opened.ok, JSON.stringify(opened));
    reader = opened.value;
  });
  after(async () => {
    await reader.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('answers questions with their values', async () => {
    assert.deepEqual(await reader.query('select id from review where id = $1', ['b']), [{ id: 'b' }]);
    await assert.rejects(reader.query('select nothing from nowhere'), /nowhere/);
  });

  test('a long question does not keep the thread from other work', async () => {
    const asked = reader.query('select count(*)::integer as n from generate_series(1, 3000000)');
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    await asked;
    clearInterval(ticking);
    assert.deepEqual(await asked, [{ n: 3_000_000 }]);
    assert.ok(turns > 5, `${turns} turns of the event loop meanwhile`);
  });

  test('says what is in the way', async () => {
    const second = await openSqlReader({ folder: path.join(folder, 'data', 'PG_VERSION'), url: undefined });
    assert.ok(!second.ok && second.failure.kind === 'broken');
  });
});
