import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { BEAT_MS } from '../../services/api/hub.ts';
import { predictRoutes } from '../../services/api/predict.ts';
import type { Api } from '../../services/api/api.ts';
import { BODY_MAX } from '../../services/http/body.ts';
import { STALL_MS } from '../../services/http/listen.ts';
import { loadRelease } from '../../services/release/load.ts';
import { createServerMetrics } from '../../services/server-metrics.ts';
import { Deployment, served, until } from './rig.ts';

let deployment: Deployment;
const sockets: Socket[] = [];
beforeEach(() => void (deployment = new Deployment()));
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await deployment.remove();
});

interface Client {
  readonly socket: Socket;
  /** All that it was sent. */
  readonly said: () => string;
  readonly closed: Promise<void>;
}

/** A client that sends bytes as they are. */
function client(base: string, bytes: string): Client {
  let text = '';
  const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.write(bytes));
  sockets.push(socket);
  socket.setEncoding('latin1').on('data', (part: string) => (text += part)).on('error', () => undefined);
  return { socket, said: () => text, closed: new Promise((resolve) => socket.on('close', () => resolve())) };
}

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
/** Requests that are under way besides the one that asks. */
const underWay = async (base: string): Promise<number> => Number(/^ulasan_http_requests_in_flight (\d+)/m.exec(await (await fetch(`${base}/metrics`)).text())?.[1]) - 1;

describe('a client that reads nothing', () => {
  const MANY = Array.from({ length: 4000 }, (_, index) => served(`r${index}`, { text: 'kata '.repeat(1000) }));
  const cases = [['a download', get('/api/reviews?format=csv')], ['forty downloads, one behind the other', get('/api/reviews?format=csv').repeat(40)], ['large files', get('/large.txt').repeat(3)]] as const;
  for (const [what, bytes] of cases) {
    test(`is let go: ${what}`, async () => {
      deployment.write('site/dist/large.txt', 'x'.repeat(12_000_000));
      deployment.release('r1', null, MANY);
      const base = await deployment.serve({ bounds: { stallMs: 300 } });
      const { socket } = client(base, bytes);
      socket.pause();
      await until(async () => ((await underWay(base)) >= 1 ? true : undefined), 'the beginning');
      await until(async () => ((await underWay(base)) === 0 ? true : undefined), 'its end');
    });
  }

  test('never while it listens to events: their beat is quicker than the limit', () => {
    assert.ok(BEAT_MS * 1.5 < STALL_MS);
  });
});

describe('clients', () => {
  test('that are too many are not let in; the next one is when one goes', async () => {
    deployment.release('r1', null);
    const base = await deployment.serve({ bounds: { connections: 3 } });
    const first = [client(base, get('/api/events')), client(base, get('/api/events')), client(base, get('/api/events'))];
    await until(() => (first.every(({ said }) => said().includes('event: release')) ? true : undefined), 'three');
    const fourth = client(base, get('/livez'));
    await fourth.closed;
    assert.equal(fourth.said(), '');
    first[0]?.socket.destroy();
    await until(async () => ((await fetch(`${base}/livez`).catch(() => undefined))?.status === 200 ? true : undefined), 'the next one');
  });

  test('that send a body in pieces without an end are told when it is too large, or takes too long', async () => {
    deployment.release('r1', 1);
    const base = await deployment.serve({ bounds: { requestMs: 300 } });
    const head = 'POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const large = client(base, head + `10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(BODY_MAX / 65_536 + 1));
    await large.closed;
    assert.match(large.said(), /^HTTP\/1\.1 413 .*The body is larger than/s);
    const endless = client(base, `${head}1\r\nx\r\n`);
    await endless.closed;
    assert.match(endless.said(), /^HTTP\/1\.1 408 /);
  });
});

describe('pages that listen to events', () => {
  test('are no more than a number; the next one is asked to come back', async () => {
    deployment.release('r1', null);
    const base = await deployment.serve({ hub: { listenersMax: 2 } });
    const first = [client(base, get('/api/events')), client(base, get('/api/events'))];
    await until(() => (first.every(({ said }) => said().includes('event: release')) ? true : undefined), 'two');
    const third = await fetch(`${base}/api/events`);
    assert.deepEqual([third.status, third.headers.get('content-type'), third.headers.get('retry-after')], [503, 'application/problem+json; charset=utf-8', '30']);
    first[0]?.socket.destroy();
    const again = await until(async () => {
      const response = await fetch(`${base}/api/events`);
      if (response.status === 200) return response;
      await response.arrayBuffer();
      return undefined;
    }, 'a place');
    await again.body?.cancel();
  });

  test('are told whose reviews the release holds: a page of another dataset takes none of them', async () => {
    deployment.release('r1', null);
    const base = await deployment.serve();
    const listener = client(base, get('/api/events'));
    const told = (): readonly unknown[] => [...listener.said().matchAll(/^data: (.*)$/gm)].map(([, data = '']) => (JSON.parse(data) as { dataset?: unknown }).dataset);
    await until(() => (told().length === 1 ? true : undefined), 'the first release');
    deployment.app = 'com.other.app';
    deployment.release('r2', null);
    await until(() => (told().length === 2 ? true : undefined), 'the next one');
    assert.deepEqual(told(), ['sample:com.example.app', 'sample:com.other.app']);
  });

  test('are let go after a while, whether they read or not, and connect again', { timeout: 20_000 }, async () => {
    deployment.release('r1', null);
    const base = await deployment.serve({ hub: { beatMs: 20, lastsMs: 100 } });
    const text = await (await fetch(`${base}/api/events`)).text();
    assert.match(text, /^retry: 3000\n\nevent: release\nid: r1\n/);
    assert.match(text, /: still here\n\n$/);
    // One that ended and one that listens are both told of the next release without an error.
    const listener = client(base, get('/api/events'));
    await until(() => (listener.said().includes('r1') ? true : undefined), 'a listener');
    deployment.release('r2', null);
    await until(async () => (/ulasan_release_swaps_total\{outcome="served"\} 2/.test(await (await fetch(`${base}/metrics`)).text()) ? true : undefined), 'the next release');
    assert.equal((await fetch(`${base}/livez`)).status, 200);
  });

  test('and come while the server stops are sent elsewhere, and hold nothing up', { timeout: 8000 }, async () => {
    deployment.release('r1', null);
    const running = await deployment.start({ farewellMs: 400 });
    const base = `http://127.0.0.1:${running.port}`;
    const listener = client(base, get('/api/events'));
    await until(() => (listener.said().includes('event: release') ? true : undefined), 'a listener');
    const stopped = running.stop();
    const late = await fetch(`${base}/api/events`);
    assert.deepEqual([late.status, late.headers.get('connection')], [503, 'close']);
    assert.match(((await late.json()) as { detail: string }).detail, /is stopping/);
    await stopped;
  });
});

describe('a request of much text', () => {
  test('leaves the others their turn by what it costs, not by the number of its texts', async () => {
    deployment.release('r1', 1);
    const loaded = await loadRelease(deployment.workspace, 'r1');
    assert.ok(loaded.ok);
    const [route] = predictRoutes({ metrics: createServerMetrics({ listeners: () => 0, isRefused: () => false }) } as Api);
    let [turns, done] = [0, false];
    const count = (): void => {
      turns++;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    const response = { writeHead: () => undefined, end: () => undefined };
    const asked = { response, body: { texts: Array.from({ length: 100 }, () => 'gagal '.repeat(1600)), terms: false }, release: loaded.release };
    await route?.handle(asked as never);
    done = true;
    loaded.release.reviews?.close();
    assert.ok(turns >= 30, `${turns} turns in a million characters`);
  });
});
