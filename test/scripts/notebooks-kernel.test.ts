import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const root = path.dirname(path.dirname(import.meta.dirname));

test('the installed kernelspec starts a Deno that exists, and is interrupted by message', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-kernels-'));
  try {
    const script = path.join(root, 'scripts', 'notebooks-kernel.ts');
    const { status, stdout } = spawnSync(process.execPath, [script, '--path', folder], { encoding: 'utf8' });
    assert.equal(status, 0);
    assert.match(stdout, /Kernel "ulasan" installed in /);
    const spec = JSON.parse(readFileSync(path.join(folder, 'ulasan', 'kernel.json'), 'utf8')) as { readonly argv: readonly string[]; readonly interrupt_mode: string };
    assert.ok(existsSync(spec.argv[0] ?? ''), 'the binary exists');
    assert.deepEqual(spec.argv.slice(1), ['jupyter', '--kernel', '--conn', '{connection_file}']);
    assert.equal(spec.interrupt_mode, 'message');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
