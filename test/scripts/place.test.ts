import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { alone, named } from '../../scripts/data/place.ts';
import { ownEnv, root } from '../pipeline/rig.ts';
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

describe('a workspace that is not there', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-place-'));
  after(() => rmSync(folder, { recursive: true }));
  const node = (program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => spawnSync(process.execPath, [path.join(root, program), ...args], { encoding: 'utf8', env: { ...ownEnv(), ...env } });
  const COMMANDS = [
    ...[['export', 'collect', '--to', path.join(folder, 'out.csv')], ['restore'], ['erase', 'gp:x'], ['erase', '--resume'], ['prune']].map((args) => ['scripts/data.js', args] as const),
    ...[['list'], ['show', 'v'], ['promote', 'v', '--reason', 'r'], ['rollback', '--reason', 'r']].map((args) => ['scripts/model.js', args] as const),
    ['scripts/deploy/check.ts', []] as const,
    ['scripts/deploy/local.ts', ['--version', folder, '--current', path.join(folder, 'link')]] as const,
  ];

  test('is refused by every command that works on one, and not made', () => {
    writeFileSync(path.join(folder, 'file'), '');
    const refused = (name: string, program: string, args: readonly string[]): void => {
      const workspace = path.join(folder, name);
      const { status, stderr } = node(program, [...args, '--workspace', workspace]);
      assert.deepEqual([status, stderr], [2, `error: There is no workspace ${workspace}\n  hint: look at --workspace; a run of  pnpm repro  makes one\n`], `${program} ${args.join(' ')}`);
    };
    for (const [program, args] of COMMANDS) refused('mistyped', program, args);
    for (const name of ['file', 'file/within']) refused(name, 'scripts/data.js', ['prune']);
    const unset = node('scripts/data.js', ['prune', '--workspace', ''], { REPRO_WORKSPACE: path.join(folder, 'mistyped') });
    assert.deepEqual([unset.status, /hint: look at REPRO_WORKSPACE;/.test(unset.stderr)], [2, true], unset.stderr);
    assert.deepEqual(readdirSync(folder), ['file']);
  });
});

describe('a workspace that cannot be written', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-place-'));
  after(() => rmSync(folder, { recursive: true }));

  test('is told in a sentence with a remedy by every command that changes it', async () => {
    const closed = path.join(folder, 'closed');
    mkdirSync(closed);
    // Where the lock would lie: whoever runs this, it cannot be written.
    writeFileSync(path.join(closed, '.repro'), '');
    for (const command of [['restore'], ['erase', 'gp:x'], ['prune']]) {
      const { status, output } = await data(...command, '--workspace', closed);
      assert.equal(status, 1, output);
      assert.match(output, /^error: Cannot use ".*": E(?:NOTDIR|EXIST).*\n {2}hint: earlier results are intact: run the same command again once the cause is gone\n$/);
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
