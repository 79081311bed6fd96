import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, test } from 'node:test';
import { root } from './sources.ts';

function tool(name: string, args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(path.join(root, 'node_modules', '.bin', name), args, { cwd: root, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

describe('the checkers', () => {
  test('functions stay under 70 lines and 3 parameters, and the linter finds nothing', () => {
    const { status, output } = tool('oxlint', ['--deny-warnings']);
    assert.equal(status, 0, output);
  });

  test('the types hold', () => {
    const { status, output } = tool('tsc', []);
    assert.equal(status, 0, output);
  });
});
