import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { hashText, openHashes } from '../../../runner/hash.ts';

function folder(context: { after(remove: () => void): void }): (name: string) => string {
  const made = mkdtempSync(path.join(tmpdir(), 'repro-hash-'));
  context.after(() => rmSync(made, { recursive: true, force: true }));
  return (name) => path.join(made, name);
}

describe('hashes', () => {
  test('are sha256 of the bytes, and undefined for what is absent or of the other kind', async (t) => {
    const at = folder(t);
    writeFileSync(at('x'), 'abc');
    const hashes = openHashes(undefined);
    // printf abc | sha256sum
    assert.equal(await hashes.file(at('x')), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.deepEqual([await hashes.file(at('none')), await hashes.file(at('.')), await hashes.path(at('none')), await hashes.path(at('x/none'))], [undefined, undefined, undefined, undefined]);
  });

  test('a large file has the hash of its bytes too', async (t) => {
    const at = folder(t);
    const bytes = Buffer.alloc(3_500_000, 'ulasan');
    writeFileSync(at('big'), bytes);
    assert.equal(await openHashes(undefined).file(at('big')), hashText(bytes));
  });

  test('a link to a file counts as the file, one to a folder as the folder; circles end', async (t) => {
    const at = folder(t);
    mkdirSync(at('d/inner'), { recursive: true });
    writeFileSync(at('d/x'), 'abc');
    symlinkSync('x', at('d/to-file'));
    symlinkSync('..', at('d/inner/up'));
    symlinkSync('d', at('to-folder'));
    symlinkSync('itself', at('itself'));
    const hashes = openHashes(undefined);
    assert.equal(await hashes.file(at('d/to-file')), await hashes.file(at('d/x')));
    assert.equal(await hashes.path(at('to-folder')), await hashes.path(at('d')));
    assert.equal(await hashes.path(at('itself')), undefined);
    assert.deepEqual((await hashes.entries(at('d')))?.map(([name]) => name), ['inner/up', 'to-file', 'x']);
    assert.deepEqual((await hashes.entries(at('d')))?.[0], ['inner/up', 'link:..']);
  });

  test('an empty folder has a hash, other than none', async (t) => {
    const at = folder(t);
    mkdirSync(at('d'));
    assert.match((await openHashes(undefined).path(at('d'))) ?? '', /^[0-9a-f]{64}\/$/);
  });

  test('a file at rest is not read again, in the next process either', async (t) => {
    const at = folder(t);
    writeFileSync(at('x'), 'abc');
    const first = openHashes(at('cache.json'), { nowMs: () => Date.now() + 60_000 });
    await first.file(at('x'));
    await first.save();
    const cache = JSON.parse(JSON.stringify(await import(at('cache.json'), { with: { type: 'json' } }))).default;
    cache.files[at('x')][5] = 'what the cache says';
    writeFileSync(at('cache.json'), JSON.stringify(cache));
    assert.equal(await openHashes(at('cache.json')).file(at('x')), 'what the cache says');
  });

  test('a file that changed within moments of being hashed is not believed later', async (t) => {
    const at = folder(t);
    writeFileSync(at('x'), 'abc');
    const first = openHashes(at('cache.json'), { nowMs: () => Number(statSync(at('x')).mtimeMs) + 100 });
    await first.file(at('x'));
    await first.save();
    const text = JSON.stringify(await import(at('cache.json'), { with: { type: 'json' } })).replace('ba7816bf', 'ffffffff');
    writeFileSync(at('cache.json'), JSON.stringify(JSON.parse(text).default));
    assert.match((await openHashes(at('cache.json')).file(at('x'))) ?? '', /^ba7816bf/);
  });

  test('an edit of the same size with the old time put back is noticed by ctime', async (t) => {
    const at = folder(t);
    writeFileSync(at('x'), 'abc');
    const { atime, mtime } = statSync(at('x'));
    const nowMs = () => Date.now() + 60_000;
    const first = openHashes(at('cache.json'), { nowMs });
    const before = await first.file(at('x'));
    await first.save();
    writeFileSync(at('x'), 'abd');
    utimesSync(at('x'), atime, mtime);
    assert.notEqual(await openHashes(at('cache.json'), { nowMs }).file(at('x')), before);
    assert.notEqual(await first.file(at('x')), before);
  });

  test('a torn cache is no cache', async (t) => {
    const at = folder(t);
    writeFileSync(at('x'), 'abc');
    for (const text of ['', '{', '{"version":1}', '{"version":1,"files":{"x":[1]}}', '{"version":2,"files":{}}']) {
      writeFileSync(at('cache.json'), text);
      assert.match((await openHashes(at('cache.json')).file(at('x'))) ?? '', /^ba7816bf/, text);
    }
  });
});
