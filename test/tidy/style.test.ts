import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Source } from './sources.ts';
import { sources } from './sources.ts';

const all = sources();
const typescript = all.filter(({ file }) => file.endsWith('.ts'));

function offenders(pattern: RegExp, files: readonly Source[] = typescript): readonly string[] {
  return files
    .filter(({ file }) => !file.startsWith('test/tidy/'))
    .flatMap(({ file, text }) => text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])));
}

describe('the rules of the house', () => {
  test('no file is longer than 300 lines', () => {
    const long = all.filter(({ text }) => text.split('\n').length > 301).map(({ file, text }) => `${file}: ${text.split('\n').length}`);
    assert.deepEqual(long, []);
  });

  test('there is no drawer called utils, helpers, lib, common or misc', () => {
    const drawers = all.filter(({ file }) => /(^|\/)(utils?|helpers?|libs?|common|misc)(\/|\.[a-z]+$)/.test(file)).map(({ file }) => file);
    assert.deepEqual(drawers, []);
  });

  test('no type is any, and no check is switched off', () => {
    assert.deepEqual(offenders(/(:\s*any\b|\bas any\b|<any>|@ts-(ignore|expect-error|nocheck)|oxlint-disable|eslint-disable)/), []);
  });

  test('no default export, but where a framework asks for one', () => {
    const allowed = new Set(['site/astro.config.ts', 'site/content.config.ts']);
    assert.deepEqual(
      offenders(/^export default/, typescript.filter(({ file }) => !allowed.has(file))),
      [],
    );
  });

  test('order is by code unit, never by locale', () => {
    assert.deepEqual(offenders(/localeCompare|\.sort\(Intl|Intl\.Collator/), []);
  });

  test('randomness comes from the seeded generator, and stages and ml have no clock', () => {
    const pure = typescript.filter(({ file }) => /^(ml|stages|records|schema)\//.test(file));
    assert.deepEqual(offenders(/Math\.random\(|Date\.now\(|new Date\(\)/, pure), []);
    // How long the collector has been at it, which ends a run but is never in a result.
    const timed = pure.filter(({ file }) => file !== 'stages/collect/play.ts');
    assert.deepEqual(offenders(/performance\.now\(/, timed), []);
  });

  test('no test is skipped without a reason, focused or left for later', () => {
    const tests = typescript.filter(({ file }) => file.startsWith('test/'));
    assert.deepEqual(offenders(/\b(test|it|describe)\.(only|todo)\(|skip: true|todo: true/, tests), []);
  });

  test('nothing is left as a placeholder', () => {
    assert.deepEqual(offenders(/\b(TODO|FIXME|XXX|HACK)\b/, all), []);
  });

  test('inside the runner only its printing part touches the console', () => {
    const core = typescript.filter(({ file }) => file.startsWith('runner/') && !/^runner\/(cli|commands\/|print\/|execute\/host)/.test(file));
    assert.deepEqual(offenders(/\bconsole\.|process\.(stdout|stderr)\.write/, core), []);
  });
});
