import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { named } from '../../scripts/data/place.ts';

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
    assert.match(why(of(GOOD, { set: ['collect.source=tape'] })), /^--set: collect\.source: .*sample/);
    assert.match(why(of(GOOD, { source: 'file', app: 'a.b', set: ['collect.sorce=file'] })), /Cannot set "collect\.sorce" as params\.yaml has no such key/, 'before anything is erased');
  });

  test('that params.yaml does not say, or says wrongly, is told with its place', () => {
    assert.match(why(of('collect:\n  source: [play\n')), /^params\.yaml:3:1: /);
    assert.match(why(of('collect:\n  source: tape\n  app: com.valar.pintu\n')), /^params\.yaml:2:3: collect\.source: .*sample/);
    assert.match(why(of('# nothing\n')), /^params\.yaml:1:1: /);
    assert.match(why(named({}, path.join(folder, 'nowhere'))), /^Cannot read .*nowhere\/params\.yaml \(ENOENT\)/);
  });

  test('that a flag says wrongly is told with what there is', () => assert.match(why(of(GOOD, { app: '../x' })), /--source must be one of sample, file, play, and --app an app id/));
});
