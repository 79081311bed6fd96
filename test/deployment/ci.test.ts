import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { parse } from 'yaml';
import { Pipeline, ownEnv, root } from '../pipeline/rig.ts';

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly if?: string;
}

interface Workflow {
  readonly permissions: unknown;
  readonly concurrency: { readonly group: string; readonly 'cancel-in-progress': boolean | string };
  readonly jobs: Readonly<Record<string, { readonly permissions?: unknown; readonly steps: readonly Step[] }>>;
}

const FOLDER = path.join(root, '.github/workflows');
const read = (name: string): Workflow => parse(readFileSync(path.join(FOLDER, name), 'utf8')) as Workflow;

let folder = '';
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'ulasan-ci-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that does nothing but what is said. */
function standIn(name: string, script: string): void {
  mkdirSync(path.join(folder, 'bin'), { recursive: true });
  writeFileSync(path.join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(folder, 'bin', name), 0o755);
}

/** A step as a runner starts it, with what it gave to the next ones. */
function step(workflow: string, job: string, { which, env }: { readonly which: (one: Step) => boolean; readonly env: Readonly<Record<string, string>> }): { readonly status: number | null; readonly output: string; readonly given: string } {
  const { run } = read(workflow).jobs[job]?.steps.find(which) ?? {};
  assert.ok(run !== undefined);
  const outputs = path.join(folder, 'outputs');
  writeFileSync(outputs, '');
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', run], { cwd: folder, encoding: 'utf8', env: { PATH: `${folder}/bin:${process.env.PATH ?? ''}`, GITHUB_OUTPUT: outputs, ...env } });
  return { status, output: `${stdout}${stderr}`, given: readFileSync(outputs, 'utf8') };
}

describe('.ci/run', () => {
  test('keeps stores and people of the machine from all tests; a real MongoDB is for test:servers', () => {
    cpSync(path.join(root, '.ci'), path.join(folder, '.ci'), { recursive: true });
    writeFileSync(path.join(folder, '.ci/linters'), '#!/bin/sh\necho /nowhere\n');
    for (const name of ['chromium', 'openssl', 'promtool', 'amtool', 'haproxy', 'javac', 'mvn', 'python3', 'apt-get', 'sudo']) standIn(name, 'exit 0');
    standIn('npx', `echo "$3 MONGODB_URI=$MONGODB_URI DATABASE_URL=$DATABASE_URL ALERT=$ALERT_WEBHOOK_URL$ALERT_WEBHOOK_SECRET" >> "${folder}/calls"; echo "1 passed, 0 failed, 0 skipped"`);
    standIn('git', 'exit 0');
    const { status, stdout, stderr } = spawnSync('bash', [path.join(folder, '.ci/run')], {
      encoding: 'utf8', env: { PATH: `${folder}/bin:${process.env.PATH ?? ''}`, TMPDIR: folder, MONGODB_URI: 'mongodb://real/ulasan', DATABASE_URL: 'postgres://real', ALERT_WEBHOOK_URL: 'https://team', ALERT_WEBHOOK_SECRET: 'x' },
    });
    assert.equal(status, 0, stdout + stderr);
    const none = ' MONGODB_URI= DATABASE_URL= ALERT=';
    assert.deepEqual(readFileSync(path.join(folder, 'calls'), 'utf8').trim().split('\n'), [`install${none}`, `check${none}`, `test${none}`, `repro${none}`, 'test:servers MONGODB_URI=mongodb://real/ulasan DATABASE_URL= ALERT=']);
    assert.match(stdout, /^2 passed, 0 failed, 0 skipped$/m);
  });

  test('a test that starts a program hands it no store of the machine either', async (t) => {
    const before = process.env.MONGODB_URI;
    t.after(() => (before === undefined ? delete process.env.MONGODB_URI : (process.env.MONGODB_URI = before)));
    process.env.MONGODB_URI = 'mongodb://127.0.0.1:1/shared';
    const pipeline = new Pipeline();
    t.after(() => pipeline.remove());
    const { status, output } = await pipeline.repro('collect', '--single');
    assert.equal(status, 0, output);
    assert.ok(existsSync(path.join(pipeline.workspace, 'stores/raw')));
    assert.deepEqual(ownEnv({ PATH: '/bin', ALERT_WEBHOOK_URL: 'x', DATABASE_URL_FILE: 'x', SCHEDULE_SET: 'x' }), { PATH: '/bin' });
  });
});

describe('the workflows', () => {
  test('give no right that a job does not name, and start no action that is not pinned', () => {
    for (const name of readdirSync(FOLDER)) {
      const { permissions, jobs } = read(name);
      assert.deepEqual(permissions, {}, name);
      for (const [job, { permissions: own, steps }] of Object.entries(jobs)) {
        assert.ok(own !== undefined, `${name}: ${job}`);
        for (const { uses } of steps) if (uses !== undefined) assert.match(uses, /@[0-9a-f]{40}$/, name);
      }
    }
  });

  test('cancel checks of a pull request only: each commit on main gets its image', () => {
    const { concurrency } = read('check.yml');
    assert.equal(concurrency['cancel-in-progress'], "${{ github.event_name == 'pull_request' }}");
    assert.match(concurrency.group, /github\.event_name == 'pull_request' && github\.ref \|\| github\.sha/);
  });

  test('name the image in small letters', () => {
    const { given } = step('check.yml', 'image', { which: ({ id }) => id === 'name', env: { GITHUB_REPOSITORY: 'Some-Team/Ulasan' } });
    assert.equal(given, 'name=ghcr.io/some-team/ulasan\n');
    const { steps = [] } = read('check.yml').jobs['image'] ?? {};
    assert.ok(!JSON.stringify(steps).includes('ghcr.io/${{ github.repository }}'));
  });

  test('deploy an image that is there; wait for one that is being made; say what to do where there is none', () => {
    const which = ({ id }: Step): boolean => id === 'image';
    const env = { GITHUB_REPOSITORY: 'Some-Team/Ulasan', TAG: 'abc' };
    standIn('sleep', `echo >> "${folder}/slept"`);
    standIn('docker', `[ "$(wc -l < "${folder}/slept" 2>/dev/null || echo 0)" -ge 3 ]`);
    assert.equal(step('deploy.yml', 'deploy', { which, env }).given, 'image=ghcr.io/some-team/ulasan:abc\n');
    standIn('docker', 'exit 1');
    const { status, output, given } = step('deploy.yml', 'deploy', { which, env });
    assert.deepEqual([status, given], [1, '']);
    assert.match(output, /::error::There is no ghcr\.io\/some-team\/ulasan:abc\..*run the workflow "check" by hand/);
  });

  test('run the pipeline with every word that was typed, and tell alerts where the report is', () => {
    standIn('npx', `printf '%s|' "$REPORT_URL" "$@" > "${folder}/words"`);
    const env = { APP: 'com.example.app', SET: 'train.folds=3 clean.text.stem=none', REPORT_URL: '', GITHUB_REPOSITORY: 'Some-Team/Ulasan', GITHUB_REPOSITORY_OWNER: 'Some-Team' };
    assert.equal(step('pipeline.yml', 'run', { which: ({ name }) => name === 'the pipeline', env }).status, 0);
    assert.equal(readFileSync(path.join(folder, 'words'), 'utf8'), 'https://some-team.github.io/Ulasan|-y|pnpm@12|repro|--set|collect.source=play|--set|collect.app=com.example.app|--set|train.folds=3|--set|clean.text.stem=none|');
  });

  test('never write over what is kept where it could not be fetched', () => {
    const { steps = [] } = read('pipeline.yml').jobs['run'] ?? {};
    const push = steps.find(({ run }) => run?.endsWith('state push') === true);
    assert.match(push?.if ?? '', /steps\.pull\.outcome == 'success'/);
    assert.ok(steps.some(({ id, run }) => id === 'pull' && run?.endsWith('state pull') === true));
  });
});
