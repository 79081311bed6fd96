import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, symlinkSync, renameSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { promoteByHand, rollBack } from '../../registry/serve-model.ts';
import { findRelease, isWhole } from '../../registry/release.ts';
import { DATASET, Deployment, modelOf, post, served, until } from './rig.ts';

let deployment: Deployment;
beforeEach(() => void (deployment = new Deployment()));
afterEach(() => deployment.remove());

const wish = (version: string | null) => ({ workspace: deployment.workspace, dataset: DATASET, version, actor: 'somebody', reason: 'because', now: new Date() });
const json = async <T>(url: string): Promise<T> => (await fetch(url)).json() as Promise<T>;
const serving = async (base: string): Promise<string> => (await json<{ release: string }>(`${base}/api/summary`)).release;

function point(id: string): void {
  symlinkSync(id, deployment.at('releases/.next'));
  renameSync(deployment.at('releases/.next'), deployment.at('releases/current'));
}

describe('a swap', () => {
  test('drops no request and mixes no answer: page, prediction and summary name one release each', async () => {
    deployment.champion(1);
    deployment.release('r00', 1);
    const base = await deployment.serve();
    const state = { stop: false };
    const answers: { readonly status: number; readonly model: string; readonly release: string }[] = [];
    const ask = async (): Promise<void> => {
      while (!state.stop) {
        const response = await post(`${base}/api/predict`, { text: 'gagal' });
        answers.push({ status: response.status, ...((await response.json()) as { model: string; release: string }) });
      }
    };
    const asking = Promise.all([ask(), ask(), ask()]);
    const expected = new Map([['r00', modelOf(1).manifest.version]]);
    for (let swap = 1; swap <= 8; swap++) {
      const id = `r${String(swap).padStart(2, '0')}`;
      expected.set(id, modelOf(swap).manifest.version);
      deployment.release(id, swap);
      await until(async () => ((await serving(base)) === id ? true : undefined), id);
    }
    state.stop = true;
    await asking;
    assert.ok(answers.every(({ status }) => status === 200));
    assert.deepEqual(answers.filter(({ model, release }) => expected.get(release) !== model), []);
    assert.equal(new Set(answers.map(({ release }) => release)).size >= 8, true);
  });

  test('a page that is open goes on with the files of its own release', async () => {
    deployment.release('r1', 1);
    const base = await deployment.serve();
    deployment.release('r2', 2);
    await until(async () => ((await serving(base)) === 'r2' ? true : undefined), 'r2');
    const pinned = await fetch(`${base}/assets/report.css?r=r1`);
    assert.equal(await pinned.text(), '/* r1 */');
    assert.match(pinned.headers.get('cache-control') ?? '', /immutable/);
    assert.equal(await (await fetch(`${base}/assets/report.css`)).text(), '/* r2 */');
    assert.equal(await (await fetch(`${base}/assets/report.css?r=r0`)).text(), '/* r2 */', 'of a release that is forgotten, the newest file');
  });

  test('what did not change is not sent again: the mark of a file is its content', async () => {
    deployment.release('r1', 1);
    const base = await deployment.serve();
    const mark = (await fetch(`${base}/assets/live.js`)).headers.get('etag') ?? '';
    deployment.release('r2', 1);
    await until(async () => ((await serving(base)) === 'r2' ? true : undefined), 'r2');
    assert.equal((await fetch(`${base}/assets/live.js`, { headers: { 'If-None-Match': mark } })).status, 304);
  });

  test('the live script takes the place of the empty one', async () => {
    deployment.release('r1', null);
    const base = await deployment.serve();
    assert.equal(await (await fetch(`${base}/assets/live.js`)).text(), '// served');
  });

  test('listeners are told of the release that serves, and of each next one', async () => {
    deployment.release('r1', 1, [served('a', { at: '2026-01-01T00:00:00Z' })]);
    const base = await deployment.serve();
    const response = await fetch(`${base}/api/events`);
    const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const read = async (): Promise<true | undefined> => {
      const { value = '' } = await reader.read();
      text += value;
      return undefined;
    };
    await until(async () => (/"release":"r1"/.test(text) ? true : read()), 'the first message');
    deployment.release('r2', 2, [served('b', { at: '2026-02-01T00:00:00Z' })]);
    await until(async () => (/"release":"r2"/.test(text) ? true : read()), 'the second message');
    assert.match(text, /"newest":"2026-02-01T00:00:00Z"/);
    await reader.cancel();
  });
});

describe('a release that is broken', () => {
  async function refuses(spoil: () => void, why: RegExp): Promise<void> {
    deployment.release('r1', 1);
    const base = await deployment.serve();
    deployment.release('r2', 2);
    await until(async () => ((await serving(base)) === 'r2' ? true : undefined), 'r2');
    point('r1');
    await until(async () => ((await serving(base)) === 'r1' ? true : undefined), 'r1');
    spoil();
    point('r2');
    const health = await until(async () => {
      const said = await json<{ status: string; detail?: string }>(`${base}/healthz`);
      return said.status === 'degraded' ? said : undefined;
    }, 'the refusal');
    assert.match(health.detail ?? '', why);
    assert.equal(await serving(base), 'r1');
    assert.match(await (await fetch(`${base}/metrics`)).text(), /ulasan_release_swaps_total\{outcome="refused"\} 1/);
  }

  test('is not taken for none by a server that just started: something is released, and it cannot show it', async () => {
    const base = await deployment.serve();
    assert.equal((await json<{ status: string }>(`${base}/healthz`)).status, 'empty');
    deployment.release('r1', 1);
    rmSync(deployment.at('releases/r1/model/model.json'));
    const second = await deployment.serve();
    const { status, detail } = await json<{ status: string; detail: string }>(`${second}/healthz`);
    assert.deepEqual([status, /model\.json/.test(detail), (await fetch(`${second}/readyz`)).status], ['broken', true, 503]);
  });

  test('by a cut file is refused, and the one before goes on serving', () => refuses(() => writeFileSync(deployment.at('releases/r2/site/index.html'), 'cut'), /site\/index\.html/));
  test('by a missing file', () => refuses(() => rmSync(deployment.at('releases/r2/model/model.json')), /model\.json/));
  test('by a cut manifest', () => refuses(() => writeFileSync(deployment.at('releases/r2/manifest.json'), '{"format":1'), /manifest/));
  test('by reviews that are no database', () =>
    refuses(() => {
      const file = deployment.at('releases/r2/manifest.json');
      writeFileSync(deployment.at('releases/r2/data/reviews.sqlite'), 'no database');
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as { files: Record<string, string> };
      manifest.files['data/reviews.sqlite'] = createHash('sha256').update('no database').digest('hex');
      writeFileSync(file, JSON.stringify(manifest));
    }, /database/));

  test('is served as soon as it is whole', async () => {
    deployment.release('r1', 1);
    const base = await deployment.serve();
    rmSync(deployment.at('releases/r1'), { recursive: true });
    assert.equal(await serving(base), 'r1', 'what is loaded needs no files');
    deployment.release('r2', 2);
    await until(async () => ((await serving(base)) === 'r2' ? true : undefined), 'r2');
  });
});

describe('a rollback', () => {
  test('serves the champion before within a second, in the API and in the page; the same again undoes it', async () => {
    const first = deployment.champion(1);
    const second = deployment.champion(2);
    deployment.release('r2', 2);
    const base = await deployment.serve();
    const model = async (): Promise<string> => ((await (await post(`${base}/api/predict`, { text: 'x' })).json()) as { model: string }).model;
    assert.equal(await model(), second);
    for (const wanted of [first, second, first]) {
      const served = await rollBack(wish(null));
      assert.ok(served.kind === 'served' && served.release !== null);
      const found = findRelease(deployment.workspace, served.release.id);
      assert.ok(found !== null && (await isWhole(found)));
      await until(async () => ((await model()) === wanted ? true : undefined), wanted, 1000);
      const page = await (await fetch(`${base}/`)).text();
      const script = await (await fetch(`${base}/assets/model.js?r=${served.release.id}`)).text();
      assert.match(page, new RegExp(`\\?r=${served.release.id}`), 'the page asks for the files of this release');
      assert.ok(script.endsWith(`, "${wanted}");\n`), 'the page predicts with the same model');
      assert.deepEqual([served.release.predictedBy, served.release.run], [second, 'r2'], 'the labels in the report are still those of the run');
    }
  });

  test('by the API answers when the new model serves', async () => {
    process.env.API_TOKEN = 'token';
    const first = deployment.champion(1);
    deployment.champion(2);
    deployment.release('r2', 2);
    const base = await deployment.serve();
    delete process.env.API_TOKEN;
    const answer = await post(`${base}/api/models/rollback`, { reason: 'odd labels', actor: 'me' }, { Authorization: 'Bearer token' });
    assert.equal(answer.status, 200);
    assert.equal((await json<{ model: string }>(`${base}/api/summary`)).model, first);
    const { log } = await json<{ log: { action: string; actor: string; reason: string }[] }>(`${base}/api/models`);
    assert.deepEqual(log.at(-1), { ...log.at(-1), action: 'rollback', actor: 'me', reason: 'odd labels' });
  });

  test('refuses a version whose files are not whole, and what never was champion', async () => {
    const first = deployment.champion(1);
    const second = deployment.champion(2);
    writeFileSync(deployment.at('models/versions', first, 'model.json'), 'cut');
    assert.equal((await rollBack(wish(null))).kind, 'broken-version');
    assert.equal((await rollBack(wish('000000000000'))).kind, 'unknown-version');
    assert.equal((await promoteByHand({ ...wish(second), version: second })).kind, 'already');
    rmSync(deployment.at('models'), { recursive: true });
    assert.equal((await rollBack(wish(null))).kind, 'no-earlier');
  });

  test('without a release changes the registry alone', async () => {
    const first = deployment.champion(1);
    deployment.champion(2);
    const served = await rollBack(wish(null));
    assert.deepEqual(served, { kind: 'served', version: first, previous: modelOf(2).manifest.version, release: null });
  });
});
