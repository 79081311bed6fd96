import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { root } from '../pipeline/rig.ts';
import { APP, Deployment, modelOf } from '../services/rig.ts';

/** A line of a stack: whoever types a command never sees one. */
const STACK = /^ {4}at /m;

let deployment: Deployment;
beforeEach(() => void (deployment = new Deployment()));
afterEach(() => deployment.remove());

async function model(...args: readonly string[]): Promise<{ readonly status: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [path.join(root, 'scripts/model.js'), ...args, '--workspace', deployment.workspace, '--source', 'sample', '--app', APP], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { status: await new Promise((resolve) => child.on('close', resolve)), output };
}

describe('pnpm model', () => {
  test('lists versions, newest first, with who serves', async () => {
    const [first, second] = [deployment.champion(1), deployment.champion(2)];
    const { status, output } = await model('list');
    assert.equal(status, 0);
    assert.match(output, new RegExp(`${second} +champion +0\\.700 +0\\.600-0\\.800[\\s\\S]*${first} `));
    const { versions } = JSON.parse((await model('list', '--json')).output) as { versions: { version: string; state: string }[] };
    assert.deepEqual(versions.map(({ version, state }) => [version, state]), [[second, 'champion'], [first, '']]);
  });

  test('rolls back and forth in one command each, and says what serves', async () => {
    const [first, second] = [deployment.champion(1), deployment.champion(2)];
    deployment.release('r2', 2);
    const back = await model('rollback', '--reason', 'odd labels', '--actor', 'me');
    assert.equal(back.status, 0);
    assert.match(back.output, new RegExp(`Champion is now ${first} \\(it was ${second}\\)[\\s\\S]*labels in the report are still of ${second}`));
    const forth = await model('rollback', '--reason', 'a mistake');
    assert.match(forth.output, new RegExp(`Champion is now ${second} .*Release [^ ]+ serves it\\.\\s*$`), 'the labels are its own again');
    const shown = await model('show', first.slice(0, 4));
    assert.match(shown.output, /rollback +[0-9a-f]{12} +[0-9a-f]{12} +me +odd labels/);
  });

  test('promotes by the beginning of a version', async () => {
    const first = deployment.champion(1);
    deployment.champion(2);
    assert.match((await model('promote', first.slice(0, 6), '--reason', 'x')).output, new RegExp(`Champion is now ${first}`));
    assert.match((await model('promote', first, '--reason', 'x')).output, /already/);
  });

  test('takes no word that it does not know what to do with', async () => {
    const [first] = [deployment.champion(1), deployment.champion(2)];
    for (const [args, word] of [[['rollback', first, 'extra', '--reason', 'x'], '"extra"'], [['promote', first, 'odd', 'labels', '--reason', 'x'], '"odd" and "labels"'], [['list', 'all'], '"all"'], [['show', first, 'x'], '"x"']] as const) {
      const { status, output } = await model(...args);
      assert.equal(status, 2, args.join(' '));
      assert.match(output, new RegExp(`^error: Cannot make sense of ${word}: leave it out`));
    }
    assert.match((await model('list')).output, new RegExp(`${modelOf(2).manifest.version} +champion`));
  });

  test('takes a blank word for no version, nor for anything else: the variable of a shell was not set', async () => {
    const only = deployment.champion(1);
    deployment.release('r1', 1);
    for (const args of [['show', ''], ['promote', '', '--reason', 'x'], ['rollback', '', '--reason', 'x'], ['promote', '  ', '--reason', 'x']] as const) {
      const { status, output } = await model(...args);
      assert.deepEqual([status, output], [2, 'error: The version is blank, which may be any: name one, as in  pnpm model list  (is a variable of your shell not set?)\n'], args.join(' '));
    }
    const nobody = await model('promote', only, '--reason', 'x', '--actor', '');
    assert.deepEqual([nobody.status, nobody.output], [2, 'error: --actor is blank: give it a value, or leave it out (is a variable of your shell not set?)\n']);
    assert.equal((await model('promote', only, '--reason', ' ')).status, 2);
    assert.match((await model('promote', only.slice(0, 1), '--reason', 'x')).output, /is the champion already/, 'one letter is a beginning');
  });

  test('of a version whose manifest is cut says so, and shows the others', async () => {
    const [first, second] = [deployment.champion(1), deployment.champion(2)];
    writeFileSync(deployment.at('models/versions', first, 'manifest.json'), '{');
    const { status, output } = await model('list');
    assert.equal(status, 0, output);
    assert.match(output, new RegExp(`${second} +champion +0\\.700[\\s\\S]*${first} .*files missing or broken`));
    for (const [args, code] of [[['show', first], 0], [['rollback', '--reason', 'x'], 1], [['promote', first, '--reason', 'x'], 1]] as const) {
      const said = await model(...args);
      assert.equal(said.status, code, said.output);
      assert.match(said.output, new RegExp(`Cannot serve ${first} as its files in models/versions are missing`));
      assert.doesNotMatch(said.output, STACK);
    }
  });

  test('a registry that is cut is one sentence, whatever is asked', async () => {
    const first = deployment.champion(1);
    deployment.write('models/registry.json', '{');
    for (const args of [['list'], ['show', first], ['rollback', '--reason', 'x'], ['promote', first, '--reason', 'x']]) {
      const { status, output } = await model(...args);
      assert.equal(status, 1);
      assert.match(output, /^error: Cannot read models\/registry\.json: .*JSON.*: bring models\/registry\.json back from a copy, or move it away to begin with an empty registry\n$/);
    }
  });

  test('a broken release is passed over, and mended by promoting the champion once more', async () => {
    const [first, second] = [deployment.champion(1), deployment.champion(2)];
    deployment.release('r1', 2);
    deployment.release('r2', 2);
    deployment.write('releases/r2/site/index.html', 'cut');
    assert.match((await model('promote', second, '--reason', 'x')).output, new RegExp(`^${second} is the champion already, but its release was broken: release \\S+ serves it now`));
    deployment.write('releases/r1/site/index.html', 'cut');
    deployment.write('releases/current/site/index.html', 'cut');
    const refused = await model('rollback', '--reason', 'x');
    assert.equal(refused.status, 1);
    assert.match(refused.output, /^error: Cannot serve another model as no release is as its manifest says: .*: publish a new one, by {2}pnpm repro site --force --single /);
    assert.match((await model('list')).output, new RegExp(`${second} +champion`), `and not ${first}`);
  });

  test('shows reasons on a line, whatever was typed into the API', async () => {
    const first = deployment.champion(1, 'because\u001b[2J\r\nof me');
    const { output } = await model('show', first);
    assert.match(output, /because \[2J of me/);
  });

  test('says what is missing: a reason, a version, a champion before, a dataset', async () => {
    assert.match((await model('list')).output, /no model of sample:com\.example\.app yet/);
    deployment.champion(1);
    for (const [args, status, text] of [
      [['rollback'], 2, /--reason/], [['rollback', '--reason', 'x'], 1, /no earlier champion/], [['promote', '--reason', 'x'], 2, /Name a version/], [['show', 'zzz'], 1, /no version "zzz"/],
      [['lst'], 2, /Unknown command "lst"/], [[], 2, /Name a command/], [['list', '--odd'], 2, /--odd/],
    ] as const) {
      const said = await model(...args);
      assert.equal(said.status, status, args.join(' '));
      assert.match(said.output, text);
    }
  });
});
