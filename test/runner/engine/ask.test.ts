import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { ask } from '../../../runner/ask.ts';

const question = { workspace: '/', env: {}, receipt: { target: 't', rows: 1, checksum: 'c' } };

describe('asking a target', () => {
  test('gives its receipt, an empty target, or why there is no answer', async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'repro-ask-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const answer = (name: string, text: string) => {
      writeFileSync(path.join(folder, name), text);
      return ask(path.join(folder, name), question);
    };
    assert.deepEqual(await answer('same.mjs', 'export const check = async ({ receipt }) => receipt;'), { kind: 'receipt', receipt: question.receipt });
    assert.deepEqual(await answer('empty.mjs', 'export const check = () => null;'), { kind: 'receipt', receipt: null });
    assert.deepEqual(await answer('throws.mjs', 'export const check = () => { throw new Error("no route"); };'), { kind: 'failed', why: 'no route' });
    assert.equal((await answer('none.mjs', 'export const other = 1;')).kind, 'failed');
    assert.equal((await answer('odd.mjs', 'export const check = () => 7;')).kind, 'failed');
    assert.equal((await ask(path.join(folder, 'absent.mjs'), question)).kind, 'failed');
  });

  test('waits five seconds and no longer', async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'repro-ask-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'silent.mjs');
    writeFileSync(file, 'export const check = () => new Promise(() => {});');
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const answering = ask(file, question);
    t.mock.timers.tick(5001);
    assert.deepEqual(await answering, { kind: 'failed', why: 'no answer within 5 s' });
  });
});
