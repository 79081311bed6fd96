import assert from 'node:assert/strict';
import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { promoteByHand, rollBack } from '../../registry/serve-model.ts';
import { currentRelease, findRelease, isWhole } from '../../registry/release.ts';
import { sentence, unsettled } from '../../registry/wording-registry.ts';
import type { ReleaseManifest } from '../../schema/run-record.ts';
import { endChildren, start } from './children.ts';
import { Models, idOf, version } from './rig.ts';

let models: Models;
beforeEach(() => (models = new Models()));
afterEach(() => {
  endChildren();
  models.remove();
});

async function release(id: string, model: string | null = 'one'): Promise<ReleaseManifest> {
  const published = await models.publish(id, model);
  assert.ok(published.ok, JSON.stringify(published));
  assert.equal(published.value.unsettled, null);
  return published.value.manifest;
}

async function verifies(id: string): Promise<boolean> {
  const found = findRelease(models.workspace, id);
  return found !== null && isWhole(found);
}

const isStaging = (told: unknown): boolean => told === 'staging';

describe('a release', () => {
  test('is site, model and reviews with the hash of every file, and the pointer leads to it', async () => {
    const manifest = await release('20260701T070000Z-aa');
    assert.deepEqual(models.served(), manifest);
    assert.deepEqual(Object.keys(manifest.files), [
      'data/reviews.sqlite', 'model/champion.json', 'model/model.json', 'site/assets/model.js', 'site/assets/report.css', 'site/en/index.html', 'site/index.html',
      ...Array.from({ length: 8 }, (_, page) => `site/reviews/${page}.html`),
    ]);
    assert.match(models.read('releases/current/site/index.html'), /the report of 20260701T070000Z-aa/);
    assert.equal(currentRelease(models.workspace), '20260701T070000Z-aa');
    assert.ok(await verifies('20260701T070000Z-aa'));
  });

  test('the pointer is relative, so that the workspace can be moved', async () => {
    await release('r1');
    assert.equal(readlinkSync(models.at('releases/current')), 'r1');
  });

  test('does not change when the site is built anew', async () => {
    await release('r1');
    models.put('site/dist/index.html', 'another');
    assert.match(models.read('releases/current/site/index.html'), /the report of r1/);
    await release('r2');
    assert.match(models.read('releases/current/site/index.html'), /the report of r2/);
    assert.match(models.read('releases/r1/site/index.html'), /the report of r1/);
  });

  test('there is one without a model before the first champion', async () => {
    const isOfModel = (name: string): boolean => name.startsWith('model/');
    assert.equal(Object.keys((await release('r1', null)).files).some(isOfModel), false);
    const published = await models.publish('r2', null, { modelDir: models.at('no/such/folder') });
    assert.ok(published.ok);
    assert.equal(Object.keys(published.value.manifest.files).some(isOfModel), false);
  });

  test('the last five stay, the pointer always among them', async () => {
    for (const id of ['r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7']) await release(id);
    assert.deepEqual(models.releases(), ['current', 'r3', 'r4', 'r5', 'r6', 'r7']);
    await release('r0');
    assert.equal(currentRelease(models.workspace), 'r0');
    assert.deepEqual(models.releases(), ['current', 'r0', 'r3', 'r4', 'r5', 'r6', 'r7']);
  });

  test('published twice under one id is the second one', async () => {
    await release('r1', 'one');
    await release('r1', 'two');
    assert.equal(models.read('releases/current/model/model.json'), 'two');
    assert.ok(await verifies('r1'));
    assert.deepEqual(models.releases(), ['current', 'r1']);
  });

  test('that was changed, cut or never there does not verify', async () => {
    for (const id of ['r1', 'r2', 'r3', 'r4', 'r5']) await release(id);
    assert.ok(await verifies('r5'));
    models.put('releases/r1/site/index.html', 'changed');
    rmSync(models.at('releases/r2/model/model.json'));
    models.put('releases/r3/site/more.html', 'more');
    models.put('releases/r4/manifest.json', '{');
    models.put('releases/r5/manifest.json', models.read('releases/r1/manifest.json'));
    for (const id of ['r1', 'r2', 'r3', 'r4', 'r5', 'r9']) assert.equal(await verifies(id), false, id);
  });

  test('without a first page is none, and the one before goes on', async () => {
    await release('r1');
    const publication = models.publication('r2', 'one');
    rmSync(models.at('site/dist/index.html'));
    const published = await models.publish('r2', 'one', { siteDir: models.at('site/dist/en'), add: () => rmSync(models.at('releases/.r2.tmp/site/index.html')) });
    assert.ok(!published.ok);
    assert.equal(sentence(published.failure), 'Cannot publish as site/index.html is missing in what was made: make the report again: pnpm repro site --force --single');
    assert.equal(publication.id, 'r2');
    assert.deepEqual([currentRelease(models.workspace), models.releases()], ['r1', ['current', 'r1']]);
  });

  test('of which a file went while it was made is none: what was intended is compared with what is there', async () => {
    await release('r1');
    const published = await models.publish('r2', 'one', { add: () => rmSync(models.at('releases/.r2.tmp/site/reviews/3.html')) });
    assert.ok(!published.ok);
    assert.deepEqual(published.failure, { kind: 'half-made', file: 'site/reviews/3.html' });
    assert.deepEqual([currentRelease(models.workspace), models.releases()], ['r1', ['current', 'r1']]);
  });

  test('that the disk does not take is a sentence, and leaves nothing behind', async () => {
    await release('r1');
    const publish = async (reviewsBytes: number): Promise<string> => {
      const { code, told, errors } = await start({ workspace: models.workspace, does: [{ kind: 'publish', id: 'r2', model: 'one', reviewsBytes }] }, 'ulimit -f 32').ended;
      assert.equal(code, 0, errors);
      return JSON.stringify(told);
    };
    assert.match(await publish(64 * 1024), /^\[\{"ok":false,"failure":\{"kind":"disk","file":"the workspace","code":"EIO"/, 'of a database');
    models.put('site/dist/downloads/reviews.csv', 'x'.repeat(64 * 1024));
    assert.match(await publish(100), /^\[\{"ok":false,"failure":\{"kind":"disk","file":"[^"]+","code":"EFBIG"/, 'of a copy');
    assert.deepEqual([currentRelease(models.workspace), models.releases()], ['r1', ['current', 'r1']]);
  });

  test('there is none in an empty workspace', async () => {
    assert.equal(currentRelease(models.workspace), null);
    assert.equal(await verifies('r1'), false);
  });
});

describe('a release that another process is making', () => {
  test('stays whoever promotes meanwhile, and comes out whole', async () => {
    for (const model of ['one', 'two', 'three']) models.champion(model);
    for (const id of ['r1', 'r2', 'r3', 'r4', 'r5', 'r6']) await release(id, 'three');
    const maker = start({ workspace: models.workspace, does: [{ kind: 'publish', id: 'r7', model: 'three', signal: 'SIGSTOP' }] });
    await maker.until(isStaging);
    for (const model of ['one', 'two', 'one', 'two', 'three', 'two', 'one', 'three']) {
      const served = await promoteByHand({ ...models.wish(model), version: idOf(model) });
      assert.equal(served.kind, 'served');
    }
    assert.ok(models.releases().includes('.r7.tmp'), 'it is no leftover while its maker lives, however long that takes');
    maker.process.kill('SIGCONT');
    assert.equal((await maker.ended).code, 0);
    assert.equal(models.served().id, 'r7');
    assert.ok(await verifies('r7'));
    assert.equal(Object.keys(models.served().files).length, 15);
  });

  test('is cleared away by the next change when its maker was killed, whatever its age', async () => {
    models.champion('one');
    models.champion('two');
    await release('r1', 'two');
    const maker = start({ workspace: models.workspace, does: [{ kind: 'publish', id: 'r2', model: 'two', signal: 'SIGKILL' }] });
    await maker.until(isStaging);
    assert.equal((await maker.ended).signal, 'SIGKILL');
    symlinkSync('r1', models.at('releases/.current-old'));
    mkdirSync(models.at('releases/.kept by a person'));
    assert.ok(models.has('releases/.r2.tmp'));
    const served = await rollBack(models.wish(null));
    assert.ok(served.kind === 'served');
    assert.deepEqual(models.releases(), ['.kept by a person', served.release?.id, 'current', 'r1']);
  });

  test('is cleared away by the next publication too', async () => {
    await release('r1');
    const maker = start({ workspace: models.workspace, does: [{ kind: 'publish', id: 'r2', model: 'one', signal: 'SIGKILL' }] });
    await maker.ended;
    await release('r3');
    assert.deepEqual(models.releases(), ['current', 'r1', 'r3']);
  });
});

describe('the release of a run', () => {
  test('has the champion of the registry where somebody rolled back meanwhile, and the pointer moves once', async () => {
    models.champion('one');
    models.champion('two');
    const seen: (string | null)[] = [];
    const published = await models.publish('r1', 'two', {
      add: (folder) => {
        models.publication('r1', 'two').add?.(folder);
        models.champion('one');
        seen.push(currentRelease(models.workspace));
      },
    });
    assert.ok(published.ok && published.value.unsettled === null);
    const manifest = models.served();
    assert.deepEqual(published.value.manifest, manifest);
    assert.deepEqual([manifest.champion, manifest.predictedBy, manifest.run], [idOf('one'), idOf('two'), 'r1']);
    assert.equal(models.read('releases/current/model/model.json'), 'one');
    assert.match(models.read('releases/current/site/assets/model.js'), new RegExp(`ulasan\\.model\\(one, "${idOf('one')}"\\)`));
    assert.match(models.read('releases/current/site/index.html'), new RegExp(`\\?r=${manifest.id}"> the report of r1`));
    assert.ok(await verifies(manifest.id));
    assert.deepEqual([seen, models.releases()], [[null], [manifest.id, 'current'].sort()], 'a release that nobody wants was never there');
  });

  test('has its own model where the registry names one that is broken or of another dataset, and says so', async () => {
    models.champion('two');
    models.champion('one');
    models.put(`models/versions/${idOf('one')}/model.json`, 'cut');
    const published = await models.publish('r1', 'two');
    assert.ok(published.ok);
    assert.deepEqual([published.value.unsettled, models.served().champion], [{ kind: 'broken-version', version: idOf('one') }, idOf('two')]);
    assert.match(unsettled.brokenVersion(idOf('one')), new RegExp(`${idOf('one')} cannot be served .*: promote another version`));
    const { manifest, model } = version('one');
    models.put(`models/versions/${manifest.version}/model.json`, model);
    models.put(`models/versions/${manifest.version}/manifest.json`, JSON.stringify({ ...manifest, dataset: 'file:com.example.app' }));
    const again = await models.publish('r2', 'two');
    assert.deepEqual(again.ok && again.value.unsettled, { kind: 'broken-version', version: idOf('one') });
  });

  test('goes out with its own model where the registry cannot be read: it tells of the failed run', async () => {
    models.put('models/registry.json', '{');
    const published = await models.publish('r1', 'two');
    assert.ok(published.ok && published.value.unsettled?.kind === 'failed');
    assert.match(unsettled.failed(published.value.unsettled.failure), /^The release has the model of this run, whatever the registry says\. Cannot read models\/registry\.json: .*: bring models\/registry\.json back/);
    assert.equal(models.served().id, 'r1');
  });
});
