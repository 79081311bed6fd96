import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLog } from '../../services/log.ts';
import { openLogFile, rotate } from '../../services/log-files.ts';
import { UsageError, numberOf, secretOf } from '../../services/settings.ts';
import { root } from '../pipeline/rig.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'ulasan-log-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the log', () => {
  test('is one line of JSON an event, with service and run; secrets and texts of users are hidden', () => {
    const script = `const { openLog } = await import(${JSON.stringify(path.join(root, 'services/log.ts'))});
      const log = openLog({ service: 'probe', folder: ${JSON.stringify(folder)}, isTerminal: false });
      log.info({ run: 'r1', token: 'hunter2', url: 'https://hooks.example/hunter2', req: { headers: { authorization: 'hunter2' } }, review: { text: 'hunter2', userName: 'hunter2' } }, 'line\\nbreak');
      log.error({ err: new Error('broken') }, 'failed');`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(lines.map(({ service, level, run, msg }) => [service, level, run, msg]), [['probe', 'info', 'r1', 'line\nbreak'], ['probe', 'error', undefined, 'failed']]);
    assert.doesNotMatch(stdout, /hunter2/);
    assert.match(String(lines[0]?.time), /^\d{4}-\d\d-\d\dT/);
    assert.equal(readFileSync(path.join(folder, 'probe.jsonl'), 'utf8'), stdout, 'the file has the same lines');
  });

  test('takes a level by its name in any case, the usual one where it is empty, and no other word', () => {
    const opened = (level: string) => openLog({ service: 'probe', folder: null, level, isTerminal: false }).level;
    assert.deepEqual([opened('WARN'), opened(''), opened('silent')], ['warn', 'info', 'silent']);
    assert.throws(() => opened('verbose'), (error) => error instanceof UsageError && error.message.startsWith('Cannot take "verbose" for LOG_LEVEL: it is one of trace, debug, info'));
  });

  test('is rotated when it is full, and keeps five', async () => {
    const file = path.join(folder, 'x.jsonl');
    for (let round = 0; round < 8; round++) {
      writeFileSync(file, `${round}`.repeat(100));
      rotate(file, 100);
      // Their names are times.
      await sleep(2);
    }
    const aside = readdirSync(folder).sort();
    assert.deepEqual(aside.map((name) => readFileSync(path.join(folder, name), 'utf8')[0]), ['3', '4', '5', '6', '7']);
    for (const name of aside) assert.match(name, /^x\.jsonl\.\d{8}T\d{9}Z-\d+$/);
    writeFileSync(file, 'small');
    rotate(file, 100);
    assert.equal(readFileSync(file, 'utf8'), 'small');
  });

  test('is rotated while it is written, by several processes at once, and no line is lost or cut', async () => {
    const file = path.join(folder, 'shared.jsonl');
    const script = `const { openLogFile } = await import(${JSON.stringify(path.join(root, 'services/log-files.ts'))});
      const log = openLogFile(${JSON.stringify(file)}, 100_000);
      for (let number = 0; number < 1000; number++) { log.write(JSON.stringify({ process: process.argv[1], number, filler: 'x'.repeat(50) }) + '\\n'); if (number % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1)); }`;
    await Promise.all(['a', 'b', 'c'].map((name) => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, name])));
    const files = readdirSync(folder).sort();
    assert.ok(files.length >= 3, files.join());
    const lines = files.flatMap((name) => readFileSync(path.join(folder, name), 'utf8').trimEnd().split('\n')).map((line) => JSON.parse(line) as { readonly process: string; readonly number: number });
    assert.equal(new Set(lines.map((line) => `${line.process}${line.number}`)).size, 3000);
    for (const name of files) assert.ok(statSync(path.join(folder, name)).size < 101_000, name);
  });

  test('goes on when somebody removes its folder, and where nothing can be written', () => {
    const log = openLogFile(path.join(folder, 'logs', 'x.jsonl'));
    log.write('one\n');
    rmSync(path.join(folder, 'logs'), { recursive: true });
    log.write('two\n');
    assert.equal(readFileSync(path.join(folder, 'logs', 'x.jsonl'), 'utf8'), 'two\n');
    writeFileSync(path.join(folder, 'file'), '');
    openLogFile(path.join(folder, 'file', 'x.jsonl')).write('lost\n');
  });
});

describe('a secret', () => {
  test('comes from its variable or from the file that another one names', () => {
    const file = path.join(folder, 'token');
    writeFileSync(file, ' from-file \n');
    assert.equal(secretOf('T', { T: 'direct', T_FILE: file }), 'direct');
    assert.equal(secretOf('T', { T_FILE: file }), 'from-file');
    assert.equal(secretOf('T', { T: ' ' }), undefined);
    assert.throws(() => secretOf('T', { T_FILE: path.join(folder, 'absent') }), /T_FILE.*ENOENT/);
  });
});

describe('a number of a flag', () => {
  test('is whole and within its range, or told with what was seen', () => {
    const range = { least: 1, most: 10, otherwise: 3 };
    assert.deepEqual([numberOf('--x', undefined, range), numberOf('--x', '7', range)], [3, 7]);
    for (const value of ['0', '11', '1.5', 'x', '1e1 ']) if (value !== '1e1 ') assert.throws(() => numberOf('--x', value, range), (error) => error instanceof UsageError && error.message.includes(`"${value}"`), value);
  });
});
