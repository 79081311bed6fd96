import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Message } from '../../services/notify/message.ts';
import { Pipeline, worked } from '../pipeline/rig.ts';
import { proxyMissing, startPlayProxy } from '../play/proxy.ts';
import type { PlayProxy } from '../play/proxy.ts';
import { writtenReviews } from '../play/rows.ts';
import { startPlayStore } from '../play/store.ts';
import type { PlayStore } from '../play/store.ts';
import { Receiver } from '../services/receiver.ts';

const skip = proxyMissing();
const APP = 'com.valar.pintu';
const LIVE = ['collect.source=play', 'collect.play.pauseMs=0', 'collect.play.backOffMs=1', 'collect.play.retries=1', 'collect.play.languages=[id, en]', 'watch.freshness.hours=1000000'].flatMap((set) => ['--set', set]);
const WORDS = [['bagus sekali mantap', 5], ['jelek lambat error terus', 1], ['biasa saja lumayan', 3]] as const;
const REVIEWS = writtenReviews(400).map((review, index) => {
  const [words, stars] = WORDS[index % 3] ?? WORDS[0];
  return { ...review, stars, text: `${words} nomor${index}` };
});

/** The command that people type, led to a store of ours by nothing but the environment. */
describe('the whole command line against a Play Store', { skip }, () => {
  const pipeline = new Pipeline();
  let store: PlayStore;
  let proxy: PlayProxy;
  before(async () => {
    store = await startPlayStore();
    proxy = await startPlayProxy(store.listener);
    pipeline.env = proxy.env;
    store.set(APP, 'id', REVIEWS);
    store.set(APP, 'en', REVIEWS.slice(0, 20));
  });
  after(async () => {
    await proxy.close();
    await store.close();
    pipeline.remove();
  });
  // A later time of day is what makes the source be asked again: `fresh` is no longer than this.
  const again = (...more: readonly string[]) => pipeline.repro(...LIVE, '--set', 'collect.fresh.play=0s', ...more);
  const csv = (): string => pipeline.read('data/collect/reviews.csv');

  test('brings the reviews in, and everything after them runs', async () => {
    const run = await again();
    assert.ok(worked(run).includes('predict'), run.output);
    assert.match(run.output, /400 new reviews/);
    assert.equal(csv().trimEnd().split('\n').length, 401);
    assert.deepEqual(new Set(proxy.asked), new Set(['play.google.com:443']));
    assert.doesNotMatch(csv(), /Pengguna Rahasia/);
  });

  test('a run with nothing new asks for one page a language, and nothing else runs', async () => {
    const before = csv();
    const asks = store.requests.length;
    const run = await again();
    assert.deepEqual(worked(run).filter((name) => name !== 'watch'), ['collect']);
    assert.deepEqual([store.requests.length - asks, csv()], [2, before]);
  });

  test('is not asked again before its time', async () => {
    await pipeline.repro(...LIVE);
    const asks = store.requests.length;
    const run = await pipeline.repro(...LIVE);
    assert.deepEqual([run.status, store.requests.length - asks, worked(run).filter((name) => name !== 'watch')], [0, 0, []]);
  });

  test('a new review, an edit and a reply come in by themselves', async () => {
    const [newest, second, ...rest] = REVIEWS;
    assert.ok(newest !== undefined && second !== undefined);
    const reply = { text: 'sudah kami perbaiki', second: newest.second + 90 };
    store.set(APP, 'id', [{ ...newest, id: 'gp:new', second: newest.second + 100 }, { ...second, text: 'jelek sekarang', second: newest.second + 50 }, { ...newest, reply }, ...rest]);
    const run = await again();
    assert.match(run.output, /1 new review, 2 edited/);
    assert.ok(worked(run).includes('clean'));
    assert.match(pipeline.read('data/collect/history.jsonl'), new RegExp(second.text));
  });

  test('a source whose newest review is too old fails every run, also one in which nothing else runs', async () => {
    for (const args of [['--set', 'collect.fresh.play=0s'], []]) {
      const run = await pipeline.repro(...LIVE, ...args, '--set', 'watch.freshness.hours=24');
      assert.equal(run.status, 1, run.output);
      assert.match(run.output, /Stage "watch" failed: The newest review is \d+ days old/);
    }
  });

  test('an outage in the middle is told, and made good by the next run', async () => {
    store.set(APP, 'id', [...writtenReviews(200, 'gp:later').map((review) => ({ ...review, second: review.second + 90 * 86_400 - 86_400 * 60, text: `bagus ${review.id}` })), ...REVIEWS]);
    store.script((_, index) => (index === 1 ? { kind: 'status', status: 503 } : index === 2 ? { kind: 'status', status: 503 } : undefined));
    const cut = await again();
    assert.equal(cut.status, 0, cut.output);
    assert.match(cut.output, /more to come in the next run/);
    store.script({});
    const run = await again();
    assert.equal(run.status, 0, run.output);
    for (const name of ['gp:later0', 'gp:later199']) assert.match(csv(), new RegExp(`,${name},`));
  });

  test('of a further app whose layout changed the team is told by its name, and the run goes on with all others', async () => {
    const receiver = await new Receiver().start();
    pipeline.env = { ...proxy.env, ALERT_WEBHOOK_URL: receiver.url };
    for (const app of ['com.y.two', 'com.z.three']) store.set(app, 'id', writtenReviews(30, app));
    store.script(({ app }) => (app === 'com.y.two' ? { kind: 'payload', payload: [null, ['x', null], []] } : undefined));
    const run = await again('--set', 'collect.play.apps=[com.y.two, com.z.three]');
    store.script({});
    pipeline.env = proxy.env;
    receiver.stop();
    assert.equal(run.status, 0, run.output);
    assert.match(run.output, /0 new reviews; com\.y\.two failed \(the format of an answer changed\)/);
    const told = receiver.received.map(({ body }) => JSON.parse(body) as Message);
    assert.deepEqual(told.map(({ kind, stage, who }) => [kind, stage, who.dataset]), [['format-changed', 'collect', 'play:com.y.two']]);
    assert.match(told[0]?.text ?? '', /The Play Store's format changed for com\.y\.two\n.*\nThe store's format changed, [^\n]*\n.*\nNext: look at the kept answer/);
    assert.equal(pipeline.read('data/collect/others/play/com.z.three/reviews.csv').trimEnd().split('\n').length > 30, true);
  });

  test('a changed layout is an error with the place of the answer, and what was served stays', async () => {
    const before = csv();
    store.script(() => ({ kind: 'payload', payload: [null, ['x', null], []] }));
    const run = await again();
    store.script({});
    assert.equal(run.status, 1);
    assert.match(run.output, /The store's format changed/);
    assert.match(run.output, /stores\/raw\/answers\//);
    assert.equal(csv(), before);
  });
});
