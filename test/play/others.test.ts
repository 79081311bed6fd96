import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { APP, startCollector } from './rig.ts';
import type { Collector } from './rig.ts';
import { writtenReviews } from './rows.ts';
import type { Behaviour } from './store.ts';

const [TWO, THREE] = ['com.y.two', 'com.z.three'];
const REVIEWS = writtenReviews(20);

let made: Collector;
beforeEach(async () => {
  made = await startCollector();
  for (const app of [APP, TWO, THREE]) made.store.set(app, 'id', REVIEWS.slice(1));
  await made.run({ apps: [TWO, THREE] });
  for (const app of [APP, TWO, THREE]) made.store.set(app, 'id', REVIEWS);
});
afterEach(() => made.close());

const run = () => made.run({ apps: [TWO, THREE], retries: 0 });
const held = (app: string): Promise<number> => made.withStore((raw) => raw.count(`play:${app}`));
const breaking = (broken: string, behaviour: Behaviour): void => made.store.script(({ app }) => (app === broken ? behaviour : undefined));
const MOVED: Behaviour = { kind: 'payload', payload: [null, ['x', null], []] };

describe('a further app that cannot be collected', () => {
  test('is told by its name, in the headline and by an event that says why and what to do; all others are collected', async () => {
    breaking(TWO, MOVED);
    const outcome = await run();
    assert.equal(outcome.kind === 'done' && outcome.headline, `1 new review; ${TWO} failed (the format of an answer changed)`);
    assert.deepEqual([await held(APP), await held(TWO), await held(THREE)], [20, 19, 20]);
    const [{ kind, facts } = { kind: '', facts: {} }, ...more] = made.events;
    const { problem, next, ...rest } = facts;
    assert.deepEqual([kind, rest, more], ['format-changed', { app: TWO, dataset: `play:${TWO}`, language: 'id', why: 'strange', further: true }, []]);
    assert.match(String(problem), /^The store's format changed, .*the rows are not where they were: there is null; the answer is kept in stores\/raw\/answers\/.*com\.y\.two/);
    assert.match(String(next), /pnpm data drill/);
    made.store.script({});
    assert.deepEqual([(await made.facts({ apps: [TWO, THREE] })).otherApps, await held(TWO)], [1, 20], 'and when it is as before, it comes in');
  });

  test('since it is not there, or refused, or its backup cannot be read, is told the same way', async () => {
    for (const [status, why, said] of [[404, 'no-app', /has no app "com\.y\.two"; check collect\.play\.apps/], [403, 'refused', /refuses to answer \(HTTP 403\)/], [503, 'busy', /asks to slow down/]] as const) {
      made.events.length = 0;
      breaking(TWO, { kind: 'status', status });
      assert.equal((await run()).kind, 'done');
      assert.deepEqual(made.events.map(({ kind, facts }) => [kind, facts.app, facts.why]), [['collect-failed', TWO, why]]);
      assert.match(made.events.map(({ facts }) => `${facts.problem}; ${facts.next}`).join(), said);
    }
    made.events.length = 0;
    writeFileSync(path.join(made.folder, `data/collect/others/play/${TWO}/reviews.csv`), 'app,id\n"cut');
    rmSync(path.join(made.folder, 'stores'), { recursive: true });
    const outcome = await run();
    assert.equal(outcome.kind === 'done' && outcome.headline, `0 new reviews; ${TWO} failed (its backup cannot be read); 20 reviews came back from the backup`);
    const told = made.events.filter(({ facts }) => facts.app === TWO);
    assert.deepEqual(told.map(({ kind, facts }) => [kind, facts.why, facts.further]), [['collect-failed', 'backup', true]]);
  });

  test('is not told as one where only something is left for the next run', async () => {
    const newest = REVIEWS[0]?.second ?? 0;
    made.store.set(TWO, 'id', [...writtenReviews(200, 'new:').map((review, index) => ({ ...review, second: newest + 60 * (index + 1) })), ...REVIEWS]);
    made.store.script(({ app, token }) => (app === TWO && token !== null ? { kind: 'status', status: 503 } : undefined));
    const outcome = await run();
    assert.equal(outcome.kind === 'done' && outcome.headline, '1 new review');
    assert.deepEqual(made.events, [{ kind: 'collect-incomplete', facts: { app: TWO, language: 'id', why: 'busy' } }]);
  });
});

describe('the configured app that cannot be collected', () => {
  test('keeps no further app from being collected, and the run fails for it', async () => {
    breaking(APP, MOVED);
    const exported = made.bytes();
    const outcome = await run();
    assert.match(outcome.kind === 'failed' ? outcome.problem : '', /^The store's format changed/);
    assert.deepEqual([await held(APP), await held(TWO), await held(THREE), made.bytes() === exported], [19, 20, 20, true]);
    assert.deepEqual(made.events, [{ kind: 'format-changed', facts: { app: APP, language: 'id', why: 'strange' } }]);
    assert.match(readFileSync(path.join(made.folder, `data/collect/others/play/${THREE}/reviews.csv`), 'utf8'), /,gp:AOq0,/);
  });

  test('unless it is what all of them would meet: a store that is away, or asks to slow down', async () => {
    const asks = made.store.requests.length;
    for (const behaviour of [{ kind: 'reset' }, { kind: 'status', status: 503 }] as const) {
      breaking(APP, behaviour);
      assert.equal((await run()).kind, 'failed');
    }
    assert.deepEqual(new Set(made.store.requests.slice(asks).map(({ app }) => app)), new Set([APP]));
  });
});
