import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { currentRelease, publishRelease, verifyRelease } from '../../registry/release.ts';
import { ReleaseManifest } from '../../schema/run-record.ts';
import { DATASET, Models } from './rig.ts';

let models: Models;
const at = (...parts: readonly string[]): string => path.join(models.workspace, ...parts);

function put(file: string, content: string): void {
  mkdirSync(path.dirname(at(file)), { recursive: true });
  writeFileSync(at(file), content);
}

function release(id: string, modelDir: string | null = at('data/champion')): ReleaseManifest {
  return publishRelease({ workspace: models.workspace, siteDir: at('site/dist'), modelDir, id, run: id, dataset: DATASET, app: 'com.example.app', champion: '0123456789ab' });
}

beforeEach(() => {
  models = new Models();
  put('site/dist/index.html', 'first');
  put('site/dist/en/index.html', 'english');
  put('data/champion/model.json', '{}');
});
afterEach(() => models.remove());

describe('a release', () => {
  test('is site and model with the hash of every file, and the pointer leads to it', () => {
    const manifest = release('20260701T070000Z-aa');
    assert.deepEqual(ReleaseManifest.parse(JSON.parse(readFileSync(at('releases/current/manifest.json'), 'utf8'))), manifest);
    assert.deepEqual(Object.keys(manifest.files), ['model/model.json', 'site/en/index.html', 'site/index.html']);
    assert.equal(readFileSync(at('releases/current/site/index.html'), 'utf8'), 'first');
    assert.equal(currentRelease(models.workspace), '20260701T070000Z-aa');
    assert.ok(verifyRelease(models.workspace, '20260701T070000Z-aa'));
  });

  test('the pointer is relative, so that the workspace can be moved', () => {
    release('r1');
    assert.equal(readlinkSync(at('releases/current')), 'r1');
  });

  test('does not change when the site is built anew', () => {
    release('r1');
    put('site/dist/index.html', 'second');
    assert.equal(readFileSync(at('releases/current/site/index.html'), 'utf8'), 'first');
    release('r2');
    assert.equal(readFileSync(at('releases/current/site/index.html'), 'utf8'), 'second');
    assert.equal(readFileSync(at('releases/r1/site/index.html'), 'utf8'), 'first');
  });

  test('there is one without a model before the first champion', () => {
    assert.deepEqual(Object.keys(release('r1', null).files), ['site/en/index.html', 'site/index.html']);
    assert.deepEqual(Object.keys(release('r2', at('no/such/folder')).files), ['site/en/index.html', 'site/index.html']);
  });

  test('the last five stay, the pointer always among them, and what a killed run left behind goes', () => {
    put('releases/.r0.tmp/site/index.html', 'half');
    for (const id of ['r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7']) release(id);
    assert.deepEqual(readdirSync(at('releases')).sort(), ['current', 'r3', 'r4', 'r5', 'r6', 'r7']);
    release('r0');
    assert.equal(currentRelease(models.workspace), 'r0');
    assert.ok(existsSync(at('releases/r0/site/index.html')));
  });

  test('published twice under one id is the second one', () => {
    release('r1');
    put('site/dist/index.html', 'again');
    release('r1');
    assert.equal(readFileSync(at('releases/current/site/index.html'), 'utf8'), 'again');
    assert.ok(verifyRelease(models.workspace, 'r1'));
  });

  test('that was changed, cut or never there does not verify', () => {
    release('r1');
    put('releases/r1/site/index.html', 'changed');
    assert.ok(!verifyRelease(models.workspace, 'r1'));
    release('r2');
    rmSync(at('releases/r2/model/model.json'));
    assert.ok(!verifyRelease(models.workspace, 'r2'));
    release('r3');
    put('releases/r3/site/more.html', 'more');
    assert.ok(!verifyRelease(models.workspace, 'r3'));
    assert.ok(!verifyRelease(models.workspace, 'r9'));
  });

  test('there is none in an empty workspace', () => {
    assert.equal(currentRelease(models.workspace), null);
  });
});
