import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { check, receiptOf } from '../../registry/check-registry.ts';
import { promote, readDataset, readRegistry, register, reject, rollback } from '../../registry/registry.ts';
import { readVersion, storeVersion } from '../../registry/versions.ts';
import { Registry } from '../../schema/registry.ts';
import type { DatasetRegistry } from '../../schema/registry.ts';
import { DATASET, Models, version } from './rig.ts';

let models: Models;
beforeEach(() => (models = new Models()));
afterEach(() => models.remove());

const known = (dataset = DATASET): DatasetRegistry => {
  const read = readDataset(models.folder, dataset);
  assert.ok(read.ok);
  return read.value;
};
const aliases = () => known().aliases;
const idOf = (model: string): string => version(model).manifest.version;

describe('the registry', () => {
  test('is empty where there is no file', () => {
    assert.deepEqual(readRegistry(models.folder), { ok: true, value: { format: 1, datasets: {} } });
    assert.deepEqual(aliases(), { champion: null, challenger: null });
  });

  test('writes what its schema says, datasets in order, with one line a change', () => {
    register(models.change('one', { dataset: 'sample:z.z' }));
    promote(models.change('one'));
    const text = readFileSync(path.join(models.folder, 'registry.json'), 'utf8');
    const registry = Registry.parse(JSON.parse(text));
    assert.deepEqual(Object.keys(registry.datasets), [DATASET, 'sample:z.z']);
    assert.deepEqual(registry.datasets[DATASET]?.log, [
      { sequence: 1, at: '2026-07-01T07:00:00Z', actor: 'promote', version: idOf('one'), reason: 'because', action: 'promote', alias: 'champion', previous: null },
    ]);
    assert.ok(text.endsWith('}\n'));
    assert.deepEqual(readdirSync(models.folder), ['registry.json']);
  });

  test('registers a version once', () => {
    register(models.change('one'));
    const again = register(models.change('one', { at: '2026-08-01T00:00:00Z' }));
    assert.ok(again.ok);
    assert.equal(again.value.log.length, 1);
  });

  test('keeps in its log which version was champion when, by whom and why', () => {
    promote(models.change('one'));
    promote(models.change('two', { at: '2026-08-01T00:00:00Z', reason: 'better' }));
    rollback(models.change('one', { at: '2026-09-01T00:00:00Z', actor: 'ani', reason: 'wrong on refunds' }));
    assert.deepEqual(
      known().log.map(({ sequence, actor, action, version: id, previous, reason }) => [sequence, actor, action, id, previous, reason]),
      [
        [1, 'promote', 'promote', idOf('one'), null, 'because'],
        [2, 'promote', 'promote', idOf('two'), idOf('one'), 'better'],
        [3, 'ani', 'rollback', idOf('one'), idOf('two'), 'wrong on refunds'],
      ],
    );
  });

  test('never changes a line of the log', () => {
    promote(models.change('one'));
    const before = known().log;
    reject({ ...models.change('two'), rows: 10, newest: '2026-06-30T00:00:00Z' });
    rollback(models.change('two'));
    assert.deepEqual(known().log.slice(0, before.length), before);
  });

  test('a rejected version is challenger until it is promoted, and retraining backs off until then', () => {
    promote(models.change('one'));
    reject({ ...models.change('two'), rows: 10, newest: '2026-06-30T00:00:00Z' });
    assert.deepEqual(aliases(), { champion: idOf('one'), challenger: idOf('two') });
    assert.deepEqual(known().rejected, { version: idOf('two'), rows: 10, newest: '2026-06-30T00:00:00Z' });
    promote(models.change('two'));
    assert.deepEqual(aliases(), { champion: idOf('two'), challenger: null });
    assert.equal(known().rejected, null);
  });

  test('remembers what was rolled back; going forward to it by hand forgives it', () => {
    promote(models.change('one'));
    promote(models.change('two'));
    rollback(models.change('one'));
    assert.deepEqual(known().rolledBack, [idOf('two')]);
    rollback(models.change('two'));
    assert.deepEqual(known().rolledBack, [idOf('one')]);
    assert.equal(aliases().champion, idOf('two'));
    promote(models.change('one'));
    assert.deepEqual([known().rolledBack, aliases().champion], [[], idOf('one')], 'so does a promotion by hand');
  });

  test('keeps datasets apart: a champion of another one is no reference', () => {
    promote(models.change('one'));
    assert.equal(known('file:com.example.app').aliases.champion, null);
  });

  test('a file that is cut or not its own is told of, and never written over', () => {
    mkdirSync(models.folder, { recursive: true });
    const file = path.join(models.folder, 'registry.json');
    for (const [text, why] of [['{', /JSON/], ['null', /^the whole of it: /], ['{"format":2}', /^format: /], ['{"format":1,"datasets":{"a":{}}}', /^datasets\.a\.aliases: /]] as const) {
      writeFileSync(file, text);
      for (const answer of [readRegistry(models.folder), promote(models.change('one')), register(models.change('one'))]) {
        assert.ok(!answer.ok && answer.failure.kind === 'broken-registry', text);
        assert.match(answer.failure.why, why);
      }
      assert.equal(readFileSync(file, 'utf8'), text);
    }
  });

  test('a file that the system does not give is told of, not taken for an empty registry', () => {
    mkdirSync(path.join(models.folder, 'registry.json'), { recursive: true });
    const read = readRegistry(models.folder);
    assert.deepEqual(read, { ok: false, failure: { kind: 'disk', file: 'models/registry.json', code: 'EISDIR', why: 'EISDIR: illegal operation on a directory' } });
  });
});

describe('a version of a model', () => {
  test('comes back byte for byte, and nothing is left beside it', () => {
    const id = models.store('a model');
    assert.deepEqual(readVersion(models.folder, id), version('a model'));
    assert.deepEqual(readdirSync(path.join(models.folder, 'versions')), [id]);
  });

  test('is written once: storing it again leaves the files alone', () => {
    const id = models.store('a model');
    const manifest = path.join(models.folder, 'versions', id, 'manifest.json');
    const other = version('a model');
    storeVersion(models.folder, { ...other, manifest: { ...other.manifest, trainedRows: 99 } });
    assert.equal(JSON.parse(readFileSync(manifest, 'utf8')).trainedRows, 10);
  });

  test('that was cut or changed counts as absent, and is mended by storing it again', () => {
    const id = models.store('a model');
    const file = path.join(models.folder, 'versions', id, 'model.json');
    writeFileSync(file, 'a mod');
    assert.equal(readVersion(models.folder, id), null);
    rmSync(file);
    assert.equal(readVersion(models.folder, id), null);
    models.store('a model');
    assert.equal(readVersion(models.folder, id)?.model, 'a model');
  });

  test('whose manifest is cut, does not fit or is of another version counts as absent, and is mended as well', () => {
    const [id, other] = [models.store('a model'), models.store('another')];
    const file = path.join(models.folder, 'versions', id, 'manifest.json');
    for (const text of ['{', '{}', 'null', readFileSync(path.join(models.folder, 'versions', other, 'manifest.json'), 'utf8')]) {
      writeFileSync(file, text);
      assert.equal(readVersion(models.folder, id), null, text);
      models.store('a model');
      assert.deepEqual(readVersion(models.folder, id), version('a model'));
    }
  });

  test('that a killed process left half made is no obstacle, and leaves nothing behind', () => {
    const id = version('a model').manifest.version;
    mkdirSync(path.join(models.folder, 'versions', `.${id}.tmp`), { recursive: true });
    writeFileSync(path.join(models.folder, 'versions', `.${id}.tmp`, 'odd'), 'half');
    models.store('a model');
    assert.deepEqual(readdirSync(path.join(models.folder, 'versions')), [id]);
    assert.deepEqual(readdirSync(path.join(models.folder, 'versions', id)).sort(), ['manifest.json', 'model.json']);
  });
});

describe('the receipt of the registry', () => {
  const receipt = (model: string) => receiptOf(DATASET, idOf(model), version(model).manifest.model);
  const answer = (model: string) => check({ workspace: models.workspace, receipt: receipt(model) });

  test('holds while the version is registered with its files, whoever is champion', async () => {
    for (const model of ['one', 'two']) {
      models.store(model);
      register(models.change(model));
      promote(models.change(model));
    }
    rollback(models.change('one'));
    promote(models.change('x', { dataset: 'file:com.example.app' }));
    assert.deepEqual(await answer('two'), receipt('two'));
    assert.deepEqual(await answer('one'), receipt('one'));
  });

  test('is lost with the registry, with the files, or with another model under the name', async () => {
    assert.equal(await answer('one'), null);
    const id = models.store('one');
    assert.equal(await answer('one'), null);
    register(models.change('one'));
    assert.deepEqual(await answer('one'), receipt('one'));
    rmSync(path.join(models.folder, 'versions', id, 'model.json'));
    assert.equal(await answer('one'), null);
  });

  test('a version that is registered for another dataset does not count', async () => {
    models.store('one');
    register(models.change('one', { dataset: 'file:com.example.app' }));
    assert.equal(await answer('one'), null);
  });
});
