import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeImage } from '../deployment/image.ts';
import { ownEnv, root } from '../pipeline/rig.ts';
import { Deployment } from '../services/rig.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-inside-'));
const image = path.join(folder, 'app');

before(() => {
  makeImage(image);
  symlinkSync(path.join(image, 'scripts/inside.ts'), path.join(folder, 'ulasan'));
  // Says what it was started with.
  writeFileSync(path.join(image, 'runner/repro.js'), 'console.log(JSON.stringify({ args: process.argv.slice(2), url: process.env.DATABASE_URL, cwd: process.cwd() })); process.exitCode = 7;\n');
  writeFileSync(path.join(folder, 'database_url'), 'postgres://u:s3cret@postgres/ulasan\n');
});
after(() => rmSync(folder, { recursive: true, force: true }));

function ulasan(args: readonly string[], env: Readonly<Record<string, string>> = {}): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [path.join(folder, 'ulasan'), ...args], { cwd: folder, encoding: 'utf8', env: { ...ownEnv(), ...env } });
}

describe('ulasan, in a container', () => {
  test('runs what pnpm runs elsewhere, with the secrets that are files there and on the data of the scheduler', () => {
    const { status, stdout, stderr } = ulasan(['repro', 'why', 'clean'], { DATABASE_URL_FILE: path.join(folder, 'database_url'), SCHEDULE_SET: 'collect.source=play collect.app=com.example.app' });
    assert.deepEqual(JSON.parse(stdout), { args: ['--set', 'collect.source=play', '--set', 'collect.app=com.example.app', 'why', 'clean'], url: 'postgres://u:s3cret@postgres/ulasan', cwd: image });
    assert.equal(status, 7);
    assert.equal(stderr, 'as the scheduler does it: --set collect.source=play --set collect.app=com.example.app\n');
  });

  test('shows the models of the app that the scheduler works on', () => {
    const deployment = new Deployment();
    try {
      const version = deployment.champion(1);
      const { status, stdout, stderr } = ulasan(['model', 'list', '--workspace', deployment.workspace], { SCHEDULE_SET: 'collect.source=sample collect.app=com.example.app' });
      assert.deepEqual([status, stdout.includes(version)], [0, true], stderr);
    } finally {
      rmSync(deployment.workspace, { recursive: true, force: true });
    }
  });

  test('knows the commands that the image holds, and says so of others', () => {
    const { status, stderr } = ulasan(['test']);
    assert.equal(status, 2);
    assert.match(stderr, /There is no command "test" in the image: repro, data, model, .*schedule/);
    assert.equal(ulasan(['schedule', 'status', '--workspace', folder]).status, 0);
  });

  test('is a program that the image has a name for', () => {
    assert.match(readFileSync(path.join(root, 'Dockerfile'), 'utf8'), /ln -s \/app\/scripts\/inside\.ts \/usr\/local\/bin\/ulasan/);
    assert.equal(statSync(path.join(root, 'scripts/inside.ts')).mode & 0o111, 0o111);
  });
});
