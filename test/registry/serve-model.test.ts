import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { promoteByHand, rollBack } from '../../registry/serve-model.ts';
import type { Served } from '../../registry/serve-model.ts';
import { findRelease, isWhole } from '../../registry/release.ts';
import { sentence } from '../../registry/wording-registry.ts';
import type { Deed } from './child.ts';
import { endChildren, start } from './children.ts';
import type { Child } from './children.ts';
import { Models, idOf } from './rig.ts';

let models: Models;
beforeEach(() => (models = new Models()));
afterEach(() => {
  endChildren();
  models.remove();
});

const promote = (model: string, waitMs = 10_000): Promise<Served> => promoteByHand({ ...models.wish(model, { waitMs }), version: idOf(model) });
const rollback = (model: string | null = null): Promise<Served> => rollBack(models.wish(model));
const champion = (): string | null => models.known().aliases.champion;
/** What is renamed last, when the registry has changed. */
const POINTER = 'releases/current$';
const run = (...does: readonly Deed[]): Child => start({ workspace: models.workspace, does });

/** One, two and three were champion in turn, and a run published the report with three. */
async function stand(...ids: readonly string[]): Promise<void> {
  for (const model of ['one', 'two', 'three']) models.champion(model);
  for (const id of ids) assert.ok((await models.publish(id, 'three')).ok);
}

async function assertAgreed(model: string): Promise<void> {
  const manifest = models.served();
  assert.deepEqual([champion(), manifest.champion], [idOf(model), idOf(model)]);
  assert.equal(models.read('releases/current/model/model.json'), model);
  const found = findRelease(models.workspace, manifest.id);
  assert.ok(found !== null && (await isWhole(found)));
}

describe('many who change the model at once', () => {
  test('and a run that publishes again and again: nobody fails, registry and pointer agree, nothing half made stays', async () => {
    await stand('r0');
    const waitMs = 120_000;
    const turns = (first: string, second: string): readonly Deed[] => [0, 1, 2].flatMap(() => [{ kind: 'promote', model: first, waitMs }, { kind: 'rollback', model: second, waitMs }, { kind: 'rollback', model: null, waitMs }] as const);
    const people = [run(...turns('one', 'two')), run(...turns('two', 'three')), run(...turns('three', 'one'))];
    const publisher = run(...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({ kind: 'publish', id: `r${n}`, model: 'three' }) as const));
    const [published, ...changed] = await Promise.all([publisher.ended, ...people.map(({ ended }) => ended)]);
    for (const end of [published, ...changed]) assert.equal(end.code, 0, end.errors);
    assert.deepEqual(published.told.map((told) => (told as { ok: boolean }).ok), Array.from({ length: 8 }, () => true), JSON.stringify(published.told));
    const kinds = new Set(changed.flatMap(({ told }) => told.map((one) => (one as Served).kind)));
    assert.ok([...kinds].every((kind) => kind === 'served' || kind === 'already'), [...kinds].join());
    const manifest = models.served();
    assert.equal(manifest.champion, champion());
    const found = findRelease(models.workspace, manifest.id);
    assert.ok(found !== null && (await isWhole(found)));
    assert.equal(Object.keys(manifest.files).length, 15);
    assert.deepEqual(models.known().log.map(({ sequence }) => sequence), models.known().log.map((_, index) => index + 1));
    assert.equal(models.known().log.length - 6, changed.flatMap(({ told }) => told).filter((one) => (one as Served).kind === 'served').length, 'each that served has its line, and no line is lost');
    assert.deepEqual(models.releases().filter((name) => name.startsWith('.')), []);
    for (const name of models.releases().filter((id) => id !== 'current')) {
      const kept = findRelease(models.workspace, name);
      assert.ok(kept !== null && (await isWhole(kept)), name);
    }
  });
});

describe('a change that is killed in the middle', () => {
  const FOLDER = 'releases/[0-9TZ]+-[0-9a-f]{4}$';
  const killed = async (deed: Deed, renaming: string): Promise<void> => {
    const end = await start({ workspace: models.workspace, does: [deed], signal: { name: 'SIGKILL', renaming } }).ended;
    assert.equal(end.signal, 'SIGKILL', end.errors);
  };

  test('before the registry has changed nothing, and the next one is not held up', async () => {
    await stand('r1');
    await killed({ kind: 'promote', model: 'one' }, 'models/registry\\.json$');
    await assertAgreed('three');
    const served = await promote('one');
    assert.equal(served.kind, 'served');
    await assertAgreed('one');
    assert.deepEqual(models.releases().filter((name) => name.startsWith('.')), []);
  });

  test('between registry and pointer is mended by the same promotion: the word of the registry wins', async () => {
    await stand('r1');
    const before = { one: 'three', two: 'one' };
    for (const [model, renaming] of [['one', POINTER], ['two', FOLDER]] as const) {
      await killed({ kind: 'promote', model }, renaming);
      assert.deepEqual([champion(), models.served().champion], [idOf(model), idOf(before[model])]);
      const lines = models.known().log.length;
      const mended = await promote(model);
      assert.ok(mended.kind === 'mended');
      assert.deepEqual([mended.previous, mended.release], [idOf(before[model]), models.served()]);
      await assertAgreed(model);
      assert.equal(models.known().log.length, lines, 'the log has it already');
      assert.equal((await promote(model)).kind, 'already');
      assert.deepEqual(models.releases().filter((name) => name.startsWith('.')), []);
    }
  });

  test('in a rollback is brought to its end by the same rollback, which does not undo it; once more does', async () => {
    await stand('r1');
    await killed({ kind: 'rollback', model: null }, POINTER);
    assert.deepEqual([champion(), models.served().champion], [idOf('two'), idOf('three')]);
    assert.equal((await rollback()).kind, 'mended');
    await assertAgreed('two');
    assert.equal((await rollback()).kind, 'served');
    await assertAgreed('three');
  });

  test('in a promotion is taken back by a rollback, as one that came to its end', async () => {
    await stand('r1');
    await killed({ kind: 'promote', model: 'one' }, POINTER);
    assert.equal((await rollback()).kind, 'served');
    await assertAgreed('three');
  });

  test('is mended by the next run that publishes', async () => {
    await stand('r1');
    await killed({ kind: 'rollback', model: 'one' }, POINTER);
    const published = await models.publish('r2', 'three');
    assert.ok(published.ok && published.value.unsettled === null);
    await assertAgreed('one');
  });
});

describe('a change that is stopped between registry and pointer', () => {
  test('keeps others waiting, who change nothing and are told; then both take effect, one after the other', async () => {
    await stand('r1');
    const first = start({ workspace: models.workspace, does: [{ kind: 'promote', model: 'one' }], signal: { name: 'SIGSTOP', renaming: POINTER } });
    while (champion() !== idOf('one')) await new Promise((resolve) => setTimeout(resolve, 5));
    const [second, publisher] = [run({ kind: 'promote', model: 'two', waitMs: 100 }), run({ kind: 'publish', id: 'r2', model: 'three' })];
    const told = (await second.ended).told[0] as Served;
    assert.ok(told.kind === 'failed' && told.failure.kind === 'busy', JSON.stringify(told));
    assert.deepEqual([champion(), models.served().id], [idOf('one'), 'r1']);
    first.process.kill('SIGCONT');
    assert.equal(((await first.ended).told[0] as Served).kind, 'served');
    assert.equal((await publisher.ended).code, 0);
    await assertAgreed('one');
    assert.equal(models.served().run, 'r2');
  });
});

describe('a release that is broken', () => {
  test('by a cut page gets no new hash: the newest whole one is taken in its place', async () => {
    await stand('r1', 'r2', 'r3');
    models.put('releases/r3/site/index.html', '<!doctype html> cut');
    models.put('releases/r2/manifest.json', '{');
    const served = await rollback();
    assert.ok(served.kind === 'served');
    await assertAgreed('two');
    assert.match(models.read('releases/current/site/index.html'), /the report of r1/);
    assert.equal(served.release?.run, 'r1');
  });

  for (const [what, spoil] of [
    ['by a file that is not read for the exchange', () => models.put('releases/r2/data/reviews.sqlite', 'other reviews')],
    ['by a file that is missing', () => rmSync(models.at('releases/r2/site/assets/report.css'))],
    ['by a page that is missing', () => rmSync(models.at('releases/r2/site/reviews/3.html'))],
    ['by being gone', () => rmSync(models.at('releases/r2'), { recursive: true })],
  ] as const) {
    test(`${what} is passed over too`, async () => {
      await stand('r1', 'r2');
      spoil();
      assert.equal((await promote('one')).kind, 'served');
      await assertAgreed('one');
      assert.equal(models.served().run, 'r1');
    });
  }

  test('and no whole one beside it: nothing changes, and the answer says what to do', async () => {
    await stand('r1');
    rmSync(models.at('releases/r1/model/champion.json'));
    writeFileSync(models.at('releases/r1/site/en/index.html'), 'cut');
    const before = models.read('models/registry.json');
    for (const refused of [await rollback(), await promote('one')]) {
      assert.ok(refused.kind === 'failed');
      assert.match(sentence(refused.failure), /^Cannot serve another model as no release is as its manifest says: r1: .*pnpm repro site --force --single/);
    }
    assert.deepEqual([models.read('models/registry.json'), models.releases()], [before, ['current', 'r1']]);
  });

  test('is mended by promoting the champion once more', async () => {
    await stand('r1', 'r2');
    models.put('releases/r2/site/assets/report.css', 'cut');
    const mended = await promote('three');
    assert.ok(mended.kind === 'mended');
    await assertAgreed('three');
    assert.equal(models.served().run, 'r1');
    assert.equal((await promote('three')).kind, 'already');
  });

  test('of another dataset is left alone: the registry changes by itself', async () => {
    await stand();
    assert.ok((await models.publish('r1', 'three', { dataset: 'file:com.example.app' })).ok);
    const served = await rollback();
    assert.deepEqual([served.kind === 'served' && served.release, champion(), models.served().id], [null, idOf('two'), 'r1']);
    assert.equal((await promote('two')).kind, 'already');
  });
});

describe('a change that the disk does not take', () => {
  test('changes neither registry nor pointer, and leaves nothing behind', async () => {
    await stand('r1');
    models.champion('x'.repeat(32 * 1024));
    models.champion('three');
    const before = models.read('models/registry.json');
    const child = start({ workspace: models.workspace, does: [{ kind: 'promote', model: 'x'.repeat(32 * 1024) }] }, 'ulimit -f 16');
    const { told, errors } = await child.ended;
    const [answer] = told as readonly Served[];
    assert.ok(answer?.kind === 'failed' && answer.failure.kind === 'disk', errors);
    assert.deepEqual([answer.failure.code, answer.failure.file.startsWith('/')], ['EFBIG', false]);
    assert.deepEqual([models.read('models/registry.json'), models.releases()], [before, ['current', 'r1']]);
  });

  test('as it lets the registry not grow, either', async () => {
    await stand('r1');
    for (let line = 0; line < 60; line++) models.champion(['one', 'two', 'three'][line % 3] ?? '');
    const before = models.read('models/registry.json');
    const child = start({ workspace: models.workspace, does: [{ kind: 'promote', model: 'two' }] }, 'ulimit -f 16');
    const [answer] = (await child.ended).told as readonly Served[];
    assert.ok(answer?.kind === 'failed' && answer.failure.kind === 'disk', JSON.stringify(answer));
    assert.deepEqual([models.read('models/registry.json'), readFileSync(models.at('releases/current/model/model.json'), 'utf8')], [before, 'three']);
    assert.deepEqual(models.releases(), ['current', 'r1']);
  });
});

test('a registry that is cut is a value, and is not written over', async () => {
  await stand('r1');
  models.put('models/registry.json', '{');
  for (const answer of [await rollback(), await promote('one')]) assert.ok(answer.kind === 'failed' && answer.failure.kind === 'broken-registry');
  assert.equal(models.read('models/registry.json'), '{');
});
