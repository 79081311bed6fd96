import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { authorityOf, reportUrlOf } from '../../services/address.ts';
import { diskProblem } from '../../services/disk.ts';
import { wording } from '../../services/wording.ts';
import { root } from '../pipeline/rig.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'ulasan-command-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** How a program ends, and what it says of it: one that goes on instead fails the test by its time. */
function end(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 30_000, env: { ...process.env, ...env } });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('close', (code) => resolve({ code, said }));
  });
}

const service = (name: string): string => path.join(root, 'services', `${name}.js`);
const SERVICES = ['serve', 'exporter', 'schedule'] as const;
const STACK = /\n\s+at .*:\d+/;

/** A command that meets an error of the system, in a process of its own. */
function meet(how: string): Promise<Ended> {
  const script = `const { runCommand } = await import(${JSON.stringify(path.join(root, 'services/command.ts'))});
    const error = (code, more) => Object.assign(new Error(code + ': it cannot be'), { code, ...more });
    await runCommand([], { usage: '', options: {}, run: async () => { ${how} } });`;
  return end(['--input-type=module', '-e', script]);
}

describe('a service that cannot start', () => {
  for (const name of SERVICES) {
    test(`says in a sentence that its workspace cannot be written, exit 2: ${name}`, async () => {
      const file = path.join(folder, 'file');
      writeFileSync(file, '');
      const { code, said } = await end([service(name), '--workspace', file, ...(name === 'schedule' ? [] : ['--port', '0'])]);
      assert.equal(code, 2, said);
      assert.match(said, /^Cannot use .*file.*: a part of its path is a file and no folder; give another --workspace\n$/);
    });

    test(`knows no word that it does not know, exit 2: ${name}`, async () => {
      const { code, said } = await end([service(name), 'junk', '--workspace', folder]);
      assert.equal(code, 2);
      assert.match(said, /^There is no "junk" here\n\nUsage: pnpm /);
    });
  }

  test('says which file of a secret is missing, exit 2', async () => {
    const absent = path.join(folder, 'absent');
    for (const [name, secret] of [['serve', 'API_TOKEN'], ['schedule', 'ALERT_WEBHOOK_URL']] as const) {
      const { code, said } = await end([service(name), '--workspace', folder, ...(name === 'serve' ? ['--port', '0'] : [])], { [`${secret}_FILE`]: absent });
      assert.equal(code, 2, said);
      assert.equal(said, `Cannot read the file of ${secret}_FILE, "${absent}": ENOENT\n`);
    }
  });

  test('whose port is taken names the flag that it was given with, exit 2', async (t) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    t.after(() => other.close());
    const { port } = other.address() as AddressInfo;
    for (const [name, flag] of [['serve', '--port'], ['exporter', '--port'], ['exporter', '--exporter-port']] as const) {
      const { code, said } = await end([service(name), '--workspace', folder, flag, String(port)]);
      assert.deepEqual([code, said], [2, `Cannot listen on 127.0.0.1:${port} as something else does: stop it, or give another ${flag}\n`]);
    }
  });

  test('says which origin is none, exit 2', async () => {
    const { code, said } = await end([service('serve'), '--workspace', folder, '--port', '0', '--origins', 'https://a.example,*']);
    assert.equal(code, 2);
    assert.match(said, /^Cannot allow pages of "\*" to use the API/);
  });
});

describe('the address that alerts lead to', () => {
  test('is a URL for every host: one of IPv6 stands in brackets, and everywhere is this machine', () => {
    assert.deepEqual(['127.0.0.1', 'report.example', '::1'].map((host) => reportUrlOf(host, 21_540)), ['http://127.0.0.1:21540', 'http://report.example:21540', 'http://[::1]:21540']);
    assert.equal(new URL(`${reportUrlOf('::1', 21_540)}/en/runs.html`).port, '21540');
    for (const everywhere of ['0.0.0.0', '::']) assert.equal(reportUrlOf(everywhere, 80), `http://${hostname()}:80`);
  });

  test('is how a server says where it listens, and where it cannot', () => {
    assert.equal(authorityOf('::1', 80), '[::1]:80');
    assert.equal(wording.listening('report', '::1', 80), 'report on http://[::1]:80');
    assert.match(wording.portTaken('::1', 80, '--port'), /^Cannot listen on \[::1\]:80 as/);
  });
});

describe('a disk', () => {
  test('that is full ends a service in a sentence, exit 1, when it starts and later: room may be made', async () => {
    for (const how of ["throw error('ENOSPC', { path: '/workspace/logs', syscall: 'mkdir' })", "setTimeout(() => { throw error('ENOSPC', { path: '/workspace/logs', syscall: 'open' }) }, 1); await new Promise(() => setInterval(() => 0, 1000))"]) {
      assert.deepEqual(await meet(how), { code: 1, said: 'Cannot use /workspace/logs: the disk is full; make room and start again\n' });
    }
    assert.deepEqual(await meet("throw error('ENOSPC', { syscall: 'write' })"), { code: 1, said: 'Cannot use the disk of the workspace: the disk is full; make room and start again\n' });
  });

  test('that may not be written does, exit 2: to try again helps nobody', async () => {
    for (const [code, why] of [['EACCES', /no right to; make it writable/], ['EPERM', /no right/], ['EROFS', /read-only disk/]] as const) {
      const ended = await meet(`throw error('${code}', { path: '/workspace/releases', syscall: 'mkdir' })`);
      assert.equal(ended.code, 2, code);
      assert.match(ended.said, why);
      assert.doesNotMatch(ended.said, STACK);
    }
  });

  test('is not blamed for what the network does, nor for a bug', async () => {
    for (const how of ["throw error('EACCES', { syscall: 'connect' })", "throw new TypeError('a bug')", "setTimeout(() => { throw new TypeError('a bug') }, 1); await new Promise(() => setInterval(() => 0, 1000))"]) {
      const { code, said } = await meet(how);
      assert.equal(code, 1, how);
      assert.match(said, STACK, how);
    }
    assert.equal(diskProblem(new Error('toString')), undefined);
    assert.equal(diskProblem(Object.assign(new Error('x'), { code: 'toString' })), undefined);
    assert.equal(diskProblem('ENOSPC'), undefined);
  });
});
