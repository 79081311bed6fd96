import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isDiskFull } from '../../site/failure.ts';
import { readContext } from '../../site/read/context.ts';

const BUILD = path.resolve(import.meta.dirname, '../../site/build.ts');
const MOUNT = ['--user', '--map-root-user', '--mount', 'sh', '-c'];
const noMount = spawnSync('unshare', [...MOUNT, 'mount -t tmpfs -o size=64k none /mnt']).status === 0 ? false : 'no disk of a size of its own can be mounted here';

describe('the command that builds the report', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-site-command-'));
  const context = path.join(folder, 'context.json');
  const write = (workspace: string, collect: object = {}, report: object = {}): void =>
    writeFileSync(context, JSON.stringify({
      params: { collect: { source: 'sample', app: 'com.valar.pintu', ...collect }, report: { newestShown: 30, wordsShown: 30, ...report } }, paths: {}, runRecord: null, roots: { code: folder, workspace },
    }));
  before(() => write(folder));
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('tells values of params.yaml that cannot be by their names, as the stages before it do', () => {
    write(folder, { app: '../x' }, { newestShown: -1 });
    const built = spawnSync(process.execPath, [BUILD, context], { encoding: 'utf8' });
    assert.equal(built.status, 1);
    assert.match(built.stderr, /^error: Cannot build the report with params\.yaml: collect\.app is "\.\.\/x": must be an app id such as com\.valar\.pintu; report\.newestShown is -1: must be at least 0\n {2}hint: .+\n$/);
  });

  test('takes a context that is cut for what it is, a bug of whoever wrote it', () => {
    writeFileSync(context, JSON.stringify({ ...JSON.parse(readFileSync(context, 'utf8')) as object, params: { collect: { source: 'sample', app: 'com.valar.pintu' }, report: { newestShown: 1, wordsShown: 1 } }, roots: {} }));
    assert.throws(() => readContext(context), /roots/);
  });

  test('says that the disk is full, whichever of its builders met it', { skip: noMount }, () => {
    write('/mnt');
    for (const size of ['size=64k,nr_inodes=3', 'size=64k', 'size=400k']) {
      const built = spawnSync('unshare', [...MOUNT, `mount -t tmpfs -o ${size} none /mnt; exec ${process.execPath} ${BUILD} ${context}`], { encoding: 'utf8' });
      assert.equal(built.status, 1, size);
      assert.equal(built.stderr, 'error: Cannot build the report as the disk of /mnt is full\n  hint: free some space and run the same command again: the report before stays as it was\n', size);
    }
  });

  test('knows a full disk within whatever it was wrapped in', () => {
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    for (const error of [full, new Error('x', { cause: full }), new AggregateError([new Error('y'), full]), new Error('Build failed:\nNo space left on device (os error 28)')]) assert.ok(isDiskFull(error));
    for (const error of [new Error('space'), Object.assign(new Error('open'), { code: 'EACCES' }), 'ENOSPC', undefined]) assert.ok(!isDiskFull(error));
  });
});
