import assert from 'node:assert/strict';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeLock, withRegistryLock } from '../../registry/lock.ts';
import { sentence } from '../../registry/wording-registry.ts';
import { endChildren, start } from './children.ts';
import { Models } from './rig.ts';

let models: Models;
beforeEach(() => (models = new Models()));
afterEach(() => {
  endChildren();
  models.remove();
});

const file = (): string => models.at('models/.lock.db');
const take = (waitMs: number) => takeLock(file(), { workspace: models.workspace, waitMs });
const hold = () => start({ workspace: models.workspace, does: [{ kind: 'hold', until: models.at('go') }] });
const isHeld = (told: unknown): boolean => told === 'held';

describe('the lock of the registry', () => {
  test('lets one process work at a time: of changes that read, wait and write none is lost', async () => {
    models.put('count', '0');
    const children = [1, 2, 3].map(() => start({ workspace: models.workspace, does: [{ kind: 'count', file: models.at('count'), times: 40 }] }));
    const ends = await Promise.all(children.map(({ ended }) => ended));
    assert.deepEqual(ends.map(({ code, told }) => [code, told]), ends.map(() => [0, ['counted']]), ends.map(({ errors }) => errors).join());
    assert.equal(models.read('count'), '120');
  });

  test('lets one task of a process work at a time, as a server has many', async () => {
    let [inside, most] = [0, 0];
    const work = () => withRegistryLock(models.folder, async () => {
      most = Math.max(most, ++inside);
      await sleep(3);
      inside--;
      return { ok: true, value: null };
    });
    await Promise.all([work(), work(), work(), work()]);
    assert.equal(most, 1);
  });

  test('waits without holding up the process that waits, and goes on as soon as it is free', async () => {
    const holder = hold();
    await holder.until(isHeld);
    let isDone = false;
    const waiting = withRegistryLock(models.folder, () => {
      isDone = true;
      return { ok: true, value: 'mine' };
    });
    // A wait that blocks would never come to these lines, and the other one never to its end.
    await sleep(50);
    assert.equal(isDone, false);
    models.put('go', '');
    assert.deepEqual(await waiting, { ok: true, value: 'mine' });
    assert.deepEqual((await holder.ended).told, ['held', { ok: true, value: 'freed' }]);
  });

  test('is free at once when its holder is killed, whatever the time of the file, and is never removed', async () => {
    for (const at of [new Date('2099-01-01'), new Date('1999-01-01')]) {
      const holder = hold();
      await holder.until(isHeld);
      utimesSync(file(), at, at);
      const busy = await take(30);
      assert.deepEqual(busy, { ok: false, failure: { kind: 'busy', file: 'models/.lock.db', seconds: 1 } }, 'no time makes it old');
      holder.process.kill('SIGKILL');
      await holder.ended;
      const lock = await take(0);
      assert.ok(lock.ok);
      lock.release();
    }
    assert.ok(models.has('models/.lock.db'));
  });

  test('is not let go while its holder is stopped: whoever waits is told what to do', async () => {
    const holder = hold();
    await holder.until(isHeld);
    holder.process.kill('SIGSTOP');
    const waited = await withRegistryLock(models.folder, () => ({ ok: true, value: 'worked' }), { waitMs: 50 });
    assert.ok(!waited.ok);
    assert.match(sentence(waited.failure), /^Cannot change anything as another process has held models\/\.lock\.db for 1 s: .*fuser models\/\.lock\.db/);
    holder.process.kill('SIGCONT');
    models.put('go', '');
    assert.equal((await holder.ended).code, 0);
  });

  test('is free again after work that failed, by a value or by a bug', async () => {
    const failed = await withRegistryLock(models.folder, () => ({ ok: false, failure: { kind: 'half-made', file: 'x' } }));
    assert.ok(!failed.ok);
    await assert.rejects(withRegistryLock(models.folder, () => Promise.reject(new RangeError('a bug'))), /a bug/);
    const lock = await take(0);
    assert.ok(lock.ok);
    lock.release();
  });

  test('that cannot be had is a sentence: no folder, a file that is no lock', async () => {
    writeFileSync(models.folder, 'a file');
    const noFolder = await take(0);
    assert.ok(!noFolder.ok && noFolder.failure.kind === 'disk');
    assert.match(sentence(noFolder.failure), /^Cannot use models: E[A-Z]+: /);
    models.remove();
    mkdirSync(models.folder, { recursive: true });
    writeFileSync(file(), 'no database, and long enough for a head of one');
    const noLock = await take(0);
    assert.ok(!noLock.ok);
    assert.equal(sentence(noLock.failure), 'Cannot lock models/.lock.db: file is not a database: let the user who runs this write to it, or remove it while nothing else runs');
  });

  test('leaves nothing beside it', async () => {
    const lock = await take(0);
    assert.ok(lock.ok);
    assert.deepEqual([models.has('models/.lock.db'), models.has('models/.lock.db-journal')], [true, false]);
    lock.release();
  });
});
