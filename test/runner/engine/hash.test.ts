import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
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

  test('folders may be as many and as deep as a disk takes, and links may lead from each into each other', async (t) => {
    const at = folder(t);
    // More entries than fit into the arguments of a call, on a stack of a tenth of the usual size: it would take 130,000 files otherwise.
    mkdirSync(at('wide/inner'), { recursive: true });
    for (let index = 0; index < 14_000; index++) symlinkSync('/dev/null', at(`wide/inner/${index}`));
    mkdirSync(at(`deep/${'a/'.repeat(1000)}`), { recursive: true });
    const code = 'const { openHashes } = await import(process.argv[1]); for (const folder of process.argv.slice(2)) console.log((await openHashes(undefined).entries(folder)).length)';
    const counted = spawnSync(process.execPath, ['--stack-size=100', '--input-type=module', '-e', code, path.resolve(import.meta.dirname, '../../../runner/hash.ts'), at('wide'), at('deep')], { encoding: 'utf8' });
    assert.equal(counted.stdout, '14000\n1\n', counted.stderr);
    const names = Array.from({ length: 12 }, (_, index) => `f${index}`);
    for (const name of names) {
      mkdirSync(at(`knot/${name}`), { recursive: true });
      writeFileSync(at(`knot/${name}/x`), name);
      for (const other of names) symlinkSync(`../${other}`, at(`knot/${name}/to-${other}`));
      symlinkSync('/', at(`knot/${name}/top`));
    }
    const entries = (await openHashes(undefined).entries(at('knot'))) ?? [];
    assert.ok(entries.length < 13 * 1200 * 3 && names.every((name) => entries.some(([file]) => file === `${name}/x`)), String(entries.length));
    assert.deepEqual(entries, await openHashes(undefined).entries(at('knot')));
  });

  test('links that lead to one folder hash as the folders that a cache makes of them', async (t) => {
    const at = folder(t);
    for (const [name, make] of [['linked', (link: string) => symlinkSync('v1', at(link))], ['restored', (link: string) => cpSync(at('linked/v1'), at(link), { recursive: true })]] as const) {
      mkdirSync(at(`${name}/v1`), { recursive: true });
      writeFileSync(at(`${name}/v1/x`), '1');
      for (const link of ['latest', 'stable']) make(`${name}/${link}`);
    }
    symlinkSync('v1', at('restored/older'));
    symlinkSync('v1', at('linked/older'));
    const [linked, restored] = [await openHashes(undefined).entries(at('linked')), await openHashes(undefined).entries(at('restored'))];
    assert.deepEqual(linked?.map(([file]) => file), ['latest/x', 'older/x', 'stable/x', 'v1/x']);
    assert.deepEqual(linked, restored);
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
