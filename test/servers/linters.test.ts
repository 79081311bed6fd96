import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { root } from '../pipeline/rig.ts';

const PROGRAMS = ['actionlint', 'zizmor', 'hadolint', 'shellcheck'];
const missing = PROGRAMS.filter((program) => spawnSync(program, ['--version']).status !== 0);
const skip = missing.length === 0 ? false : `missing: ${missing.join(', ')} (PATH="$(.ci/linters):$PATH")`;

function lint(program: string, args: readonly string[], cwd = root): { readonly clean: boolean; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(program, [...args], { cwd, encoding: 'utf8' });
  return { clean: status === 0, output: `${stdout}${stderr}` };
}

/** Each linter, what it is to be clean of, and something that it must find. */
const LINTERS: readonly { readonly program: string; readonly args: readonly string[]; readonly bad: { readonly file: string; readonly text: string; readonly finds: RegExp } }[] = [
  {
    program: 'actionlint', args: ['.github/workflows/check.yml', '.github/workflows/deploy.yml', '.github/workflows/pipeline.yml'],
    bad: { file: '.github/workflows/x.yml', text: 'on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo $(for word in $SET; do echo $word; done)\n      - run: echo ${{ steps.none.outputs.x }}\n', finds: /SC2046[\s\S]*"none"/ },
  },
  {
    program: 'zizmor', args: ['--offline', '.github'],
    bad: { file: '.github/workflows/x.yml', text: 'on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n      - run: echo ${{ github.event.pull_request.title }}\n', finds: /template-injection/ },
  },
  { program: 'hadolint', args: ['Dockerfile'], bad: { file: 'Dockerfile', text: 'FROM node:latest\nRUN cd /tmp && apt-get install curl\n', finds: /DL3007/ } },
  {
    program: 'shellcheck', args: ['.ci/run', '.ci/linters', 'scripts/deploy/remote.sh', 'monitoring/postgres/10-reader.sh', 'test/deployment/stand-ins/ssh.sh'],
    bad: { file: '.ci/run', text: '#!/bin/sh\nrm -rf $1/x\n', finds: /SC2086/ },
  },
];

describe('the linters of operations', () => {
  for (const { program, args, bad } of LINTERS) {
    test(`${program} finds nothing here, and finds what is wrong elsewhere`, { skip }, (t) => {
      const { clean, output } = lint(program, args);
      assert.ok(clean, output);
      const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-lint-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      mkdirSync(path.join(folder, path.dirname(bad.file)), { recursive: true });
      writeFileSync(path.join(folder, bad.file), bad.text);
      const found = lint(program, program === 'zizmor' ? args : [bad.file], folder);
      assert.equal(found.clean, false);
      assert.match(found.output, bad.finds);
    });
  }
});
