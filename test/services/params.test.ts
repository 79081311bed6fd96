import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { datasetBy } from '../../services/notify/dataset.ts';
import { readScheduleParams } from '../../services/schedule/params.ts';
import { UsageError } from '../../services/settings.ts';

const GOOD = `collect:
  source: play
  app: com.valar.pintu
schedule:
  cron: "0 */6 * * *"
  timezone: UTC
  jitterSeconds: 0
  retries: 2
  retrySeconds: 300
  set: []
  cache: 2GB
`;

let code: string;
beforeEach(() => void (code = mkdtempSync(path.join(tmpdir(), 'ulasan-params-'))));
afterEach(() => rmSync(code, { recursive: true }));

const write = (text: string): void => writeFileSync(path.join(code, 'params.yaml'), text);

function refused(text: string): string {
  write(text);
  try {
    readScheduleParams(code, {});
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
  return 'was taken';
}

describe('params.yaml of a service', () => {
  test('that is right is read', () => {
    write(GOOD);
    assert.deepEqual([readScheduleParams(code, {}).retries, datasetBy([], code), datasetBy(['collect.source=file'], code)], [2, 'play:com.valar.pintu', 'file:com.valar.pintu']);
  });

  test('that is wrong is told with the line, the value seen and what to do', () => {
    assert.match(refused(GOOD.replace('retries: 2', 'retries: often')), /^Cannot read schedule of params\.yaml: params\.yaml:8:3: schedule\.retries is "often": must be a number$/);
    assert.match(refused(GOOD.replace('retries:', 'retrys:')), /params\.yaml:4:1: schedule\.retries is not there: .*; params\.yaml:8:3: there is no schedule\.retrys: did you mean "retries"\?$/);
    assert.match(refused(GOOD.replace('set: []', 'set: [a=1, nothing]')), /params\.yaml:10:14: schedule\.set\.1 is "nothing": must be key=value$/);
    assert.match(refused(GOOD.replace('schedule:', 'plan:')), /params\.yaml:1:1: schedule is not there: /);
    assert.match(refused(''), /params\.yaml:1:1: /);
    assert.match(refused(`${GOOD}  bad: [`), /params\.yaml:12:9: Flow sequence/);
    assert.match(refused(`a: &a [x]\nb: ${'*b'}\n`), /params\.yaml/);
  });

  test('that cannot be read leaves an alert without its dataset, unless the run was told it', () => {
    assert.equal(datasetBy([], code), null);
    write('collect: [');
    assert.equal(datasetBy(['collect.app=a.b'], code), null);
    assert.equal(datasetBy(['collect.app=a.b', 'collect.source=play'], code), 'play:a.b');
  });
});
