import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { ServedReview } from '../../schema/served-review.ts';
import { Deployment, modelOf, post, served, until } from './rig.ts';

let deployment: Deployment;
beforeEach(() => void (deployment = new Deployment()));
afterEach(() => deployment.remove());

interface Health {
  readonly status: string;
  readonly release: string | null;
  readonly detail?: string;
}

const json = async <T>(url: string): Promise<T> => (await fetch(url)).json() as Promise<T>;
const healthOf = (base: string): Promise<Health> => json<Health>(`${base}/healthz`);
const serves = (base: string, id: string): Promise<true> => until(async () => ((await healthOf(base)).release === id ? true : undefined), id);
const is = (base: string, status: string): Promise<Health> => until(async () => ((await healthOf(base)).status === status ? healthOf(base) : undefined), status);

/** A release whose folder is there, and empty. */
function empty(id: string): void {
  mkdirSync(deployment.at('releases', id));
}

describe('a server that starts while the pointer leads to a broken release', () => {
  test('serves the newest that is whole, and says what is wrong', async () => {
    deployment.release('r1', 1);
    deployment.release('r2', 2);
    deployment.release('r3', 3);
    writeFileSync(deployment.at('releases/r2/site/index.html'), 'cut');
    empty('r4');
    deployment.point('r4');
    const base = await deployment.serve();
    const health = await healthOf(base);
    assert.deepEqual([health.status, health.release], ['degraded', 'r3']);
    assert.match(health.detail ?? '', /^release r4 is refused/);
    assert.equal((await fetch(`${base}/readyz`)).status, 200);
    assert.equal(((await (await post(`${base}/api/predict`, { text: 'x' })).json()) as { model: string }).model, modelOf(3).manifest.version);
    assert.match(await (await fetch(`${base}/metrics`)).text(), /ulasan_release_swaps_total\{outcome="refused"\} 1/, 'the alarm goes off');
  });

  test('takes no broken one in its place', async () => {
    deployment.release('r1', 1);
    deployment.release('r2', 2);
    rmSync(deployment.at('releases/r2/model/model.json'));
    deployment.point('r3');
    const base = await deployment.serve();
    assert.deepEqual([(await healthOf(base)).release, (await fetch(`${base}/`)).status], ['r1', 200]);
  });

  test('and no other one is whole is not ready, and does not say that nothing was ever released', async () => {
    deployment.release('r1', 1);
    writeFileSync(deployment.at('releases/r1/site/index.html'), 'cut');
    const base = await deployment.serve();
    assert.deepEqual([(await fetch(`${base}/healthz`)).status, (await fetch(`${base}/readyz`)).status], [503, 503]);
    const health = await healthOf(base);
    assert.equal(health.status, 'broken');
    assert.match(health.detail ?? '', /r1 is refused, and no other one is whole: site\/index\.html/);
    deployment.release('r2', 2);
    await serves(base, 'r2');
    assert.equal((await healthOf(base)).status, 'ok');
  });

  test('goes over to the release of the pointer as soon as that is whole', async () => {
    deployment.release('r1', 1);
    deployment.release('r2', 2);
    renameSync(deployment.at('releases/r2'), deployment.at('aside'));
    const base = await deployment.serve();
    assert.equal((await healthOf(base)).release, 'r1');
    deployment.release('r3', 3);
    await serves(base, 'r3');
    assert.equal((await healthOf(base)).status, 'ok');
  });
});

describe('a server that starts without a pointer', () => {
  test('serves the newest release that is whole', async () => {
    deployment.release('r1', 1);
    deployment.release('r2', 2);
    rmSync(deployment.at('releases/current'));
    const base = await deployment.serve();
    const health = await healthOf(base);
    assert.deepEqual([health.status, health.release], ['degraded', 'r2']);
    assert.match(health.detail ?? '', /releases\/current leads to no release/);
  });

  test('takes whatever else lies there for nothing, and waits for the first release', async () => {
    mkdirSync(deployment.at('releases/lost+found'), { recursive: true });
    const base = await deployment.serve();
    assert.deepEqual([(await healthOf(base)).status, (await fetch(`${base}/`)).status], ['empty', 503]);
    deployment.release('r1', 1);
    await serves(base, 'r1');
  });
});

describe('a release', () => {
  test('that was refused is forgotten when the pointer comes back to the one that serves', async () => {
    deployment.release('r1', 1);
    const base = await deployment.serve();
    empty('r2');
    deployment.point('r2');
    await is(base, 'degraded');
    deployment.point('r1');
    const health = await is(base, 'ok');
    assert.deepEqual([health.status, health.release, health.detail], ['ok', 'r1', undefined]);
  });

  test('without a page is refused, although every file of it is what the manifest says', async () => {
    deployment.release('r1', 1);
    const base = await deployment.serve();
    deployment.release('r2', 2);
    await serves(base, 'r2');
    deployment.point('r1');
    await serves(base, 'r1');
    const file = deployment.at('releases/r2/manifest.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { files: Record<string, string> };
    delete manifest.files['site/index.html'];
    writeFileSync(file, JSON.stringify(manifest));
    deployment.point('r2');
    assert.match((await is(base, 'degraded')).detail ?? '', /site\/index\.html/);
  });
});

describe('a page that somebody has open', () => {
  const cached = async (url: string): Promise<readonly [string, string | null]> => {
    const response = await fetch(url);
    return [await response.text(), response.headers.get('cache-control')];
  };
  const FOREVER = 'public, max-age=31536000, immutable';

  test('gets the files of its own release from a server that never served it', async () => {
    deployment.release('r1', 1);
    deployment.release('r2', 2);
    const base = await deployment.serve();
    assert.deepEqual(await cached(`${base}/assets/report.css?r=r1`), ['/* r1 */', FOREVER]);
    assert.deepEqual(await cached(`${base}/assets/live.js?r=r1`), ['// served', FOREVER]);
    assert.match((await cached(`${base}/assets/model.js?r=r1`))[0], new RegExp(`"${modelOf(1).manifest.version}"`), 'it goes on predicting with its own model');
    assert.deepEqual(await cached(`${base}/assets/report.css?r=r2`), ['/* r2 */', FOREVER]);
  });

  test('gets them from a server that has not gone over to it yet', async () => {
    deployment.release('r1', 1);
    deployment.release('r2', 2);
    deployment.point('r1');
    const base = await deployment.serve();
    assert.deepEqual([(await healthOf(base)).release, await cached(`${base}/assets/report.css?r=r2`)], ['r1', ['/* r2 */', FOREVER]]);
  });

  test('gets no file of its release that is not what the manifest says', async () => {
    deployment.release('r1', 1);
    deployment.release('r2', 2);
    writeFileSync(deployment.at('releases/r1/site/assets/report.css'), 'cut');
    const base = await deployment.serve();
    assert.equal((await fetch(`${base}/assets/report.css?r=r1`)).status, 404);
    assert.equal((await fetch(`${base}/assets/nothing.css?r=r1`)).status, 404);
  });

  test('cannot name what is no release', async () => {
    deployment.release('r1', 1);
    deployment.write('releases/.hidden/manifest.json', readFileSync(deployment.at('releases/r1/manifest.json'), 'utf8').replace('"id": "r1"', '"id": ".hidden"'));
    deployment.write('outside/manifest.json', readFileSync(deployment.at('releases/r1/manifest.json'), 'utf8').replace('"id": "r1"', '"id": "outside"'));
    deployment.write('outside/site/assets/report.css', '/* r1 */');
    const base = await deployment.serve();
    for (const id of ['../outside', '..%2foutside', '.hidden', 'current', 'r9', '', 'a'.repeat(5000)]) assert.deepEqual(await cached(`${base}/assets/report.css?r=${id}`), ['/* r1 */', 'no-cache'], id);
  });

  test('keeps assets only: pages and downloads, which hold reviews, are asked for anew', async () => {
    deployment.write('site/dist/downloads/reviews.csv', 'id\r\na\r\n');
    deployment.release('r1', 1);
    const base = await deployment.serve();
    assert.deepEqual((await cached(`${base}/downloads/reviews.csv?r=r1`))[1], 'private, no-cache');
    assert.deepEqual((await cached(`${base}/downloads/reviews.csv`))[1], 'private, no-cache');
    assert.deepEqual((await cached(`${base}/index.html?r=r1`))[1], 'no-cache');
  });
});

describe('a release that left the disk', () => {
  const LONG = 'kata '.repeat(1000);
  const MANY: readonly ServedReview[] = Array.from({ length: 4000 }, (_, index) => served(`r${String(index).padStart(5, '0')}`, { text: LONG }));
  const forgotten = (): readonly string[] =>
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        const target = readlinkSync(`/proc/self/fd/${fd}`);
        return target.startsWith(deployment.workspace) && target.endsWith('(deleted)') ? [target] : [];
      } catch {
        // The one that lists them is closed by now.
        return [];
      }
    });

  /** A client that begins to download, and then takes nothing until it is told to. */
  async function begin(base: string): Promise<{ readonly socket: Socket; readonly rest: () => Promise<string> }> {
    const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.write('GET /api/reviews?format=ndjson HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part)).on('error', () => undefined);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
    return { socket, rest: () => (socket.resume(), closed) };
  }

  test('is not served to anybody any more, and its reviews are let go', { skip: existsSync('/proc/self/fd') ? false : 'there is no /proc' }, async () => {
    deployment.write('site/dist/downloads/reviews.csv', 'the secret of r1');
    deployment.release('r1', 1);
    const base = await deployment.serve();
    assert.match(await (await fetch(`${base}/downloads/reviews.csv?r=r1`)).text(), /secret/);
    deployment.write('site/dist/downloads/reviews.csv', 'nothing');
    deployment.release('r2', 2);
    await serves(base, 'r2');
    assert.match(await (await fetch(`${base}/downloads/reviews.csv?r=r1`)).text(), /secret/, 'it is there, for pages that are open');
    rmSync(deployment.at('releases/r1'), { recursive: true });
    await until(async () => ((await (await fetch(`${base}/downloads/reviews.csv?r=r1`)).text()) === 'nothing' ? true : undefined), 'its end');
    assert.deepEqual(forgotten(), []);
  });

  test('while it serves goes on from memory until the next one, which is told', async () => {
    deployment.release('r1', 1);
    const base = await deployment.serve();
    rmSync(deployment.at('releases/r1'), { recursive: true });
    assert.match((await is(base, 'degraded')).detail ?? '', /r1 is served from memory/);
    assert.equal((await fetch(`${base}/`)).status, 200);
    deployment.release('r2', 2);
    await serves(base, 'r2');
    assert.equal((await healthOf(base)).status, 'ok');
  });

  test('a download that began before another release served ends whole', async () => {
    deployment.release('r1', 1, MANY);
    const base = await deployment.serve();
    const { rest } = await begin(base);
    deployment.release('r2', 2);
    await serves(base, 'r2');
    const text = await rest();
    assert.equal(text.match(/"id":"r\d{5}"/g)?.length, MANY.length);
    assert.ok(text.endsWith('\r\n0\r\n\r\n'), 'the answer has its end');
  });

  test('a download of one that is erased meanwhile is cut, and looks cut', { skip: existsSync('/proc/self/fd') ? false : 'there is no /proc' }, async () => {
    deployment.release('r1', 1, MANY);
    const base = await deployment.serve();
    const { rest } = await begin(base);
    deployment.release('r2', 2);
    await serves(base, 'r2');
    rmSync(deployment.at('releases/r1'), { recursive: true });
    await until(() => (forgotten().length === 0 ? true : undefined), 'the end of the file');
    const text = await rest();
    assert.ok((text.match(/"id":"r\d{5}"/g)?.length ?? 0) < MANY.length);
    assert.ok(!text.endsWith('\r\n0\r\n\r\n'));
    assert.equal((await fetch(`${base}/livez`)).status, 200);
  });
});
