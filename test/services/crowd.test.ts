import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import pino from 'pino';
import { CLIENT_LISTENERS_MAX } from '../../services/api/hub.ts';
import { CLIENT_CONNECTIONS_MAX, CONNECTIONS_MAX } from '../../services/http/listen.ts';
import { nowAndThen } from '../../services/now-and-then.ts';
import type { ServerOptions } from '../../services/server.ts';
import { Deployment, until } from './rig.ts';

let deployment: Deployment;
const sockets: Socket[] = [];
const lines: { readonly level: string; readonly msg: string; readonly client?: string }[] = [];
beforeEach(() => {
  deployment = new Deployment();
  deployment.release('r1', null);
});
afterEach(async () => {
  delete process.env.TRUST_PROXY;
  lines.length = 0;
  for (const socket of sockets.splice(0)) socket.destroy();
  await deployment.remove();
});

/** A server that tells one client from the other, and keeps its log. */
function serve(options: Partial<ServerOptions> = {}): Promise<string> {
  const log = pino({ level: 'warn', formatters: { level: (level) => ({ level }) } }, { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) });
  return deployment.serve({ rate: 1000, log, ...options });
}

interface Client {
  readonly socket: Socket;
  /** How many answers it got. */
  readonly answers: () => number;
  ask(path: string, more?: string): void;
  readonly isClosed: () => boolean;
}

/** A client of an address of its own, which keeps its connection. */
function client(base: string, address = '127.0.0.1'): Client {
  let [text, closed] = ['', false];
  const socket = connect({ port: Number(new URL(base).port), host: '127.0.0.1', localAddress: address });
  sockets.push(socket);
  socket.setEncoding('latin1').on('data', (part: string) => (text += part)).on('error', () => undefined).on('close', () => (closed = true));
  return { socket, answers: () => text.split('HTTP/1.1 200').length - 1, ask: (path, more = '') => void socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`), isClosed: () => closed };
}

const answered = (one: Client, times = 1): Promise<true> => until(() => (one.answers() === times ? true : undefined), `answer ${times}`);
const closed = (one: Client): Promise<true> => until(() => (one.isClosed() ? true : undefined), 'the end of a connection');

async function asking(base: string, address?: string, path = '/livez'): Promise<Client> {
  const one = client(base, address);
  one.ask(path);
  await answered(one);
  return one;
}

async function counted(base: string, metric: string, reason: string): Promise<number> {
  return Number(new RegExp(`^${metric}\\{reason="${reason}"\\} (\\d+)$`, 'm').exec(await (await fetch(`${base}/metrics`, { headers: { Connection: 'close' } })).text())?.[1]);
}

describe('connections', () => {
  test('of one client are so many and no more, and everybody else is let in; one that ends makes room', async () => {
    const base = await serve({ bounds: { clientConnections: 3 } });
    const [first] = [await asking(base, '127.0.0.9'), await asking(base, '127.0.0.9'), await asking(base, '127.0.0.9')];
    const fourth = client(base, '127.0.0.9');
    await closed(fourth);
    assert.equal(fourth.answers(), 0);
    await asking(base, '127.0.0.10');
    assert.equal(first?.isClosed(), false, 'those that are open stay');
    first?.socket.destroy();
    await until(async () => {
      const next = client(base, '127.0.0.9');
      next.ask('/livez');
      return until(() => (next.answers() === 1 ? true : next.isClosed() ? false : undefined), 'an answer').then((isIn) => isIn || undefined);
    }, 'room');
    assert.ok((await counted(base, 'ulasan_connections_dropped_total', 'client')) >= 1);
  });

  test('by a proxy that is trusted are those of everybody: it may have all of them', async () => {
    process.env.TRUST_PROXY = '1';
    const base = await serve({ bounds: { clientConnections: 1 } });
    for (let count = 0; count < 5; count++) await asking(base);
    assert.equal(await counted(base, 'ulasan_connections_dropped_total', 'client'), 0);
  });

  test('are not bounded for each client where requests are not', async () => {
    const base = await serve({ rate: 0, bounds: { clientConnections: 1 } });
    for (let count = 0; count < 3; count++) await asking(base);
  });

  test('leave room for ten clients of the worst kind', () => assert.ok(CLIENT_CONNECTIONS_MAX * 10 <= CONNECTIONS_MAX));

  test('that are as many as there may be: the one that has stood idle longest makes room', async () => {
    const base = await serve({ bounds: { connections: 4 } });
    const [first, second, third, busy] = [await asking(base), await asking(base), await asking(base), await asking(base, '127.0.0.1', '/api/events')];
    first.ask('/livez');
    await answered(first, 2);
    const next = await asking(base, '127.0.0.9');
    await closed(second);
    assert.deepEqual([first, third, busy, next].map((one) => one.isClosed()), [false, false, false, false]);
    await asking(base, '127.0.0.9');
    await closed(third);
    assert.deepEqual([first, busy, next].map((one) => one.isClosed()), [false, false, false], 'who asked again later stays longer, and who is being answered stays');
  });

  test('that never ask for anything make room first', async () => {
    const base = await serve({ bounds: { connections: 2 } });
    const silent = [client(base), client(base)];
    await until(() => (silent.every(({ socket }) => !socket.connecting) ? true : undefined), 'two silent ones');
    for (let count = 0; count < 5; count++) await asking(base, '127.0.0.9');
    await Promise.all(silent.map(closed));
  });

  test('that all have an answer under way are not closed for others: who comes then is not let in', async () => {
    const base = await serve({ bounds: { connections: 2 } });
    const busy = [await asking(base, '127.0.0.1', '/api/events'), await asking(base, '127.0.0.1', '/api/events')];
    const late = client(base, '127.0.0.9');
    await closed(late);
    assert.deepEqual(busy.map((one) => one.isClosed()), [false, false]);
    await until(() => (lines.length > 0 ? true : undefined), 'a word of it');
    assert.match(lines[0]?.msg ?? '', /^one connection was not let in, last one of 127\.0\.0\.9, as all that there may be have an answer under way$/);
  });

  test('that are not let in are counted each, and told of in one line', async () => {
    const base = await serve({ bounds: { clientConnections: 1 } });
    await asking(base, '127.0.0.9');
    await Promise.all(Array.from({ length: 50 }, () => closed(client(base, '127.0.0.9'))));
    assert.equal(await counted(base, 'ulasan_connections_dropped_total', 'client'), 50);
    assert.deepEqual(lines.map(({ level, client: of }) => [level, of]), [['warn', '127.0.0.9']]);
    assert.match(lines[0]?.msg ?? '', /^one connection was not let in, as 127\.0\.0\.9 has as many open as one client may have; where that is a proxy of yours, set TRUST_PROXY=1$/);
  });
});

describe('pages that listen to events', () => {
  const from = (forwarded: string): string => `X-Forwarded-For: ${forwarded}\r\n`;

  test('are so many of one client and no more; others find a place, and so does he when one of his goes', async () => {
    const base = await serve();
    const his = await Promise.all(Array.from({ length: CLIENT_LISTENERS_MAX }, () => asking(base, '127.0.0.1', '/api/events')));
    const refused = await fetch(`${base}/api/events`);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '30']);
    assert.match(((await refused.json()) as { detail: string }).detail, /^20 pages of yours are told of new releases already: close some of them/);
    assert.equal(await counted(base, 'ulasan_event_listeners_refused_total', 'client'), 1);
    await asking(base, '127.0.0.9', '/api/events');
    his[0]?.socket.destroy();
    await until(async () => {
      const again = await fetch(`${base}/api/events`);
      await again.body?.cancel();
      return again.status === 200 ? true : undefined;
    }, 'a place');
    assert.equal(lines.length, 1);
  });

  test('are told apart by what a trusted proxy says of them', async () => {
    process.env.TRUST_PROXY = '1';
    const base = await serve({ hub: { clientListenersMax: 1 } });
    for (const address of ['203.0.113.1', '203.0.113.2', '2001:db8::1']) {
      const one = client(base);
      one.ask('/api/events', from(address));
      await answered(one);
    }
    const same = await fetch(`${base}/api/events`, { headers: { 'X-Forwarded-For': '2001:db8::2' } });
    assert.equal(same.status, 429, 'one household');
  });

  test('are not bounded for each client where requests are not', async () => {
    const base = await serve({ rate: 0 });
    await Promise.all(Array.from({ length: CLIENT_LISTENERS_MAX + 1 }, () => asking(base, '127.0.0.1', '/api/events')));
  });
});

describe('what happens often', () => {
  test('is told of at once, then now and then by its number, until it happens no more', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const told: (readonly [number, string])[] = [];
    const happens = nowAndThen<string>((count, last) => void told.push([count, last]), 1000);
    for (const what of ['a', 'b', 'c']) happens(what);
    assert.deepEqual(told, [[1, 'a']]);
    t.mock.timers.tick(1000);
    assert.deepEqual(told, [[1, 'a'], [2, 'c']]);
    t.mock.timers.tick(5000);
    happens('d');
    assert.deepEqual(told.slice(2), [[1, 'd']], 'after a quiet time at once again');
  });
});
