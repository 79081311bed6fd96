import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { alone, named } from '../../scripts/data/place.ts';
import { data } from './rig.ts';

describe('the app of the source that a command is about', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-place-'));
  after(() => rmSync(folder, { recursive: true }));
  const of = (params: string, flags = {}) => {
    writeFileSync(path.join(folder, 'params.yaml'), params);
    return named(flags, folder);
  };
  const why = (found: ReturnType<typeof named>): string => (found.ok ? 'found' : found.why);
  const GOOD = 'collect:\n  source: play\n  app: com.valar.pintu\n';

  test('is that of params.yaml, and each flag wins over it', () => {
    assert.deepEqual(of(GOOD), { ok: true, source: 'play', app: 'com.valar.pintu' });
    assert.deepEqual(of(GOOD, { source: 'file' }), { ok: true, source: 'file', app: 'com.valar.pintu' });
  });

  test('is not looked up where both flags say it', () => assert.deepEqual(of('][', { source: 'file', app: 'a.b' }), { ok: true, source: 'file', app: 'a.b' }));

  test('is that of --set where no flag says it, as in the run that follows', () => {
    assert.deepEqual(of(GOOD, { set: ['collect.source=sample', 'collect.source=file'] }), { ok: true, source: 'file', app: 'com.valar.pintu' });
    assert.deepEqual(of(GOOD, { app: 'a.b', set: ['collect.app=c.d', 'collect.source=file'] }), { ok: true, source: 'file', app: 'a.b' });
    assert.match(why(of(GOOD, { set: ['collect.source=tape'] })), /^--set: collect\.source is "tape": must be one of sample, file, play$/);
    assert.match(why(of(GOOD, { source: 'file', app: 'a.b', set: ['collect.sorce=file'] })), /Cannot set "collect\.sorce" as params\.yaml has no such key/, 'before anything is erased');
  });

  test('that params.yaml does not say, or says wrongly, is told with its place', () => {
    assert.match(why(of('collect:\n  source: [play\n')), /^params\.yaml:3:1: /);
    assert.match(why(of('collect:\n  source: tape\n  app: com.valar.pintu\n')), /^params\.yaml:2:3: collect\.source is "tape": must be one of sample, file, play$/);
    assert.match(why(of('# nothing\n')), /^params\.yaml:1:1: /);
    assert.match(why(named({}, path.join(folder, 'nowhere'))), /^Cannot read .*nowhere\/params\.yaml \(ENOENT\)/);
  });

  test('that a flag says wrongly is told with what there is', () => assert.match(why(of(GOOD, { app: '../x' })), /--source must be one of sample, file, play, and --app an app id/));
});

describe('a workspace that cannot be written', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-place-'));
  after(() => rmSync(folder, { recursive: true }));

  test('is told in a sentence with a remedy by every command that changes it', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    for (const command of [['restore'], ['erase', 'gp:x'], ['prune']]) {
      const { status, output } = await data(...command, '--workspace', path.join(file, 'within'));
      assert.equal(status, 1, output);
      assert.match(output, /^error: Cannot use ".*": ENOTDIR.*\n {2}hint: earlier results are intact: run the same command again once the cause is gone\n$/);
    }
  });

  test('so is what the system says while the work is going on; a bug of ours stays loud, and the lock is free after both', async (context) => {
    const error = context.mock.method(console, 'error', () => undefined);
    const said = async (code: string, message = code): Promise<string> => {
      const status = await alone(folder, () => Promise.reject(Object.assign(new Error(message), { code, ...(code.startsWith('ERR') ? {} : { syscall: 'open', path: path.join(folder, 'stores/erasing.json') }) })));
      return `${status} ${String(error.mock.calls.at(-1)?.arguments[0])}`;
    };
    assert.match(await said('ENOSPC'), /^1 error: Cannot write "stores\/erasing\.json" as the disk is full\n {2}hint: free some space/);
    assert.match(await said('EACCES'), /^1 error: Cannot write "stores\/erasing\.json" as the permission is missing\n {2}hint: make the workspace writable/);
    assert.match(await said('EROFS'), /^1 error: Cannot write "stores\/erasing\.json" as its file system is read-only\n {2}hint: choose a writable workspace/);
    assert.match(await said('ERR_SQLITE_ERROR', 'file is not a database'), /^1 error: Cannot use a database of the workspace: file is not a database\n {2}hint: /);
    await assert.rejects(said('ERR_INVALID_ARG_TYPE'), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.equal(await alone(folder, () => Promise.resolve(7)), 7);
  });
});
