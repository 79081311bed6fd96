import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run } from '../../scripts/data/drill.ts';
import { shortReviews, writtenReviews } from '../play/rows.ts';
import { startPlayStore } from '../play/store.ts';
import type { PlayStore } from '../play/store.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-drill-'));
const dump = path.join(folder, 'drill.json');
let store: PlayStore;
before(async () => {
  store = await startPlayStore();
  store.set('com.valar.pintu', 'id', writtenReviews(400));
});
after(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function drill(t: { readonly mock: typeof test.mock }, ...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const said: unknown[] = [];
  for (const stream of ['log', 'error'] as const) t.mock.method(console, stream, (line: unknown) => void said.push(line));
  const code = await run(['--against', store.url, '--dump', dump, ...args]);
  t.mock.restoreAll();
  return { code, said: said.join('\n') };
}

describe('pnpm data drill', () => {
  test('agrees with a store that speaks as expected, and dumps its layout without names and texts', async (t) => {
    store.script({});
    const { code, said } = await drill(t);
    assert.equal(code, 0, said);
    assert.match(said, /✔ every row can be read +400 of 400 rows/);
    assert.match(said, /✔ pages of 150 rows but for the last +150, 150, 100/);
    assert.doesNotMatch(readFileSync(dump, 'utf8'), /Pengguna|ulasan nomor/);
  });

  test('dumps no name and no text, however short', async (t) => {
    store.set('com.short.names', 'id', shortReviews(20));
    store.script({});
    assert.equal((await drill(t, '--app', 'com.short.names')).code, 0);
    assert.doesNotMatch(readFileSync(dump, 'utf8'), /Budi|Siti|Agus|bagus|jelek|oke|rusak|lemot|gp:s/);
  });

  test('says what differs', async (t) => {
    store.script({ 1: { kind: 'rows', change: (rows) => rows.map((row) => [null, ...row]) } });
    const shifted = await drill(t);
    assert.equal(shifted.code, 1);
    assert.match(shifted.said, /✖ every row can be read +250 of 400 rows; "id" is null/);
    store.script({ 1: { kind: 'rows', change: (rows) => rows.map((row) => row.map((cell, index) => (index === 7 ? row[8] : index === 8 ? row[7] : cell))) } });
    const moved = await drill(t);
    assert.equal(moved.code, 1);
    assert.match(moved.said, /✖ every field at its place +no row of a page has a "reply" at its place, but something like it stands at \[8\]/);
    store.script(() => ({ kind: 'body', body: '<html>' }));
    const page = await drill(t, '--pages', '1');
    assert.equal(page.code, 1);
    assert.match(page.said, /The store's format changed/);
  });

  test('does not take a full page without a mark of the next one for the last, with one page or more', async (t) => {
    store.script(() => ({ kind: 'token', token: null }));
    for (const pages of ['1', '3']) {
      const nowhere = await drill(t, '--pages', pages);
      assert.equal(nowhere.code, 1);
      assert.match(nowhere.said, /✖ a mark of the next page on every full one +none on a full page$/m);
    }
    store.script(() => ({ kind: 'paging', change: (next) => [['x', null], [next]] }));
    assert.match((await drill(t)).said, /✖ .* none on a full page, but something like it at \[2\]\[0\]$/m);
    store.script({});
    assert.match((await drill(t)).said, /✔ a mark of the next page on every full one +\d+ characters, \d+ characters, none$/m);
  });

  test('tells an unreachable store and wrong usage apart', async (t) => {
    assert.equal((await drill(t, '--against', 'http://127.0.0.1:1')).code, 3);
    assert.equal((await drill(t, '--pages', 'many')).code, 2);
    assert.equal((await drill(t, '--what')).code, 2);
  });
});
