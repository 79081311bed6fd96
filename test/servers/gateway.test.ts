import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import type { Socket as DatagramSocket } from 'node:dgram';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT_CONNECTIONS_MAX } from '../../services/http/listen.ts';
import { root } from '../pipeline/rig.ts';
import { Deployment, post, until } from '../services/rig.ts';
import { Program, freePort } from './services/process.ts';

const CONFIG = path.join(root, 'services/gateway/haproxy.cfg');
const skip = spawnSync('haproxy', ['-v']).status === 0 ? false : 'there is no haproxy';

/** The engine's DNS: every name is all of the addresses. */
class Names {
  addresses: readonly string[] = [];
  readonly #socket: DatagramSocket = createSocket('udp4');

  async start(): Promise<number> {
    this.#socket.on('message', (question, { port, address }) => this.#socket.send(this.#answer(question), port, address));
    await new Promise<void>((resolve) => this.#socket.bind(0, '127.0.0.1', resolve));
    return this.#socket.address().port;
  }

  /** The question as it came, and an answer of each address (RFC 1035) where it asks for addresses of IPv4. */
  #answer(question: Buffer): Buffer {
    const nameEnd = question.indexOf(0, 12) + 1;
    const addresses = question.readUInt16BE(nameEnd) === 1 ? this.addresses : [];
    const head = Buffer.from(question.subarray(0, nameEnd + 4));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(addresses.length, 6);
    head.writeUInt32BE(0, 8);
    return Buffer.concat([head, ...addresses.map((address) => Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]))]);
  }

  stop(): void {
    this.#socket.close();
  }
}

describe('the gateway before the servers', { skip }, () => {
  const deployment = new Deployment();
  const names = new Names();
  const programs: Program[] = [];
  let gateway: Program;
  let port = 0;
  let base = '';

  before(async () => {
    deployment.release('r1', 1);
    port = await freePort();
    const own = await freePort();
    gateway = new Program('haproxy', ['-db', '-f', CONFIG], { GATEWAY_PORT: String(own), GATEWAY_UPSTREAM: `server:${port}`, GATEWAY_NAMESERVER: `127.0.0.1:${await names.start()}` });
    base = `http://127.0.0.1:${own}`;
  });
  afterEach(() => Promise.all(programs.splice(0).map((program) => program.stop('SIGKILL'))));
  after(async () => {
    await gateway.stop('SIGKILL');
    names.stop();
    await deployment.remove();
  });

  async function serve(host: string, ...flags: readonly string[]): Promise<Program> {
    const program = Program.service('serve', ['--workspace', deployment.workspace, '--port', String(port), '--host', host, ...(flags.length > 0 ? flags : ['--rate', '0'])], { TRUST_PROXY: '1' });
    programs.push(program);
    await program.answers(`http://${host}:${port}/readyz`);
    return program;
  }

  /** Requests of 10 readers while `work` goes on; how many were answered, and what failed. */
  async function load(send: () => Promise<Response>, work: () => Promise<void>): Promise<{ readonly answered: number; readonly failed: readonly string[] }> {
    const failed: string[] = [];
    let answered = 0;
    const state = { done: false };
    const ask = async (): Promise<string | undefined> => {
      try {
        const response = await send();
        await response.arrayBuffer();
        return response.status === 200 ? undefined : `status ${response.status}`;
      } catch (error) {
        return error instanceof Error ? `${error.message}: ${String(error.cause)}` : String(error);
      }
    };
    const reader = async (): Promise<void> => {
      while (!state.done) {
        const why = await ask();
        if (why === undefined) answered++;
        else failed.push(why);
      }
    };
    const reading = Promise.all(Array.from({ length: 10 }, reader));
    await work().finally(() => (state.done = true));
    await reading;
    return { answered, failed };
  }

  const predict = (): Promise<Response> => post(`${base}/api/predict`, { text: 'gagal terus', terms: false });

  test('shares requests between servers; one after the other is replaced without a failed request', async () => {
    names.addresses = ['127.0.0.1', '127.0.0.2'];
    let [first, second] = [await serve('127.0.0.1'), await serve('127.0.0.2')];
    await gateway.answers(`${base}/readyz`);
    const { answered, failed } = await load(predict, async () => {
      for (let round = 0; round < 2; round++) {
        assert.equal(await first.stop(), 0);
        first = await serve('127.0.0.1');
        assert.equal(await second.stop(), 0);
        second = await serve('127.0.0.2');
      }
    });
    assert.deepEqual(failed, [], gateway.output.slice(-1000));
    assert.ok(answered > 500, String(answered));
    const counts = await Promise.all(['127.0.0.1', '127.0.0.2'].map(async (host) => (await (await fetch(`http://${host}:${port}/metrics`)).text()).includes('ulasan_predictions_total{label="negative"')));
    assert.deepEqual(counts, [true, true], 'both were asked');
  });

  test('waits for the only server while it is replaced: readers see a pause, not an error', async () => {
    names.addresses = ['127.0.0.1'];
    let only = await serve('127.0.0.1');
    await gateway.answers(`${base}/readyz`);
    // The name may lead nowhere meanwhile, or to where nobody answers yet.
    for (const [send, meanwhile] of [[() => fetch(`${base}/index.html`), []], [predict, ['127.0.0.1']]] as const) {
      const { answered, failed } = await load(send, async () => {
        await sleep(300);
        assert.equal(await only.stop(), 0);
        names.addresses = meanwhile;
        await sleep(2500);
        only = await serve('127.0.0.1');
        names.addresses = ['127.0.0.1'];
        await sleep(3000);
      });
      assert.deepEqual(failed, [], gateway.output.slice(-1000));
      assert.ok(answered > 100, String(answered));
    }
  });

  test('tells the server who asks: nobody gets round the rate limit by saying he is somebody else', async () => {
    names.addresses = ['127.0.0.1'];
    await serve('127.0.0.1', '--rate', '1');
    await gateway.answers(`${base}/readyz`);
    const statuses: number[] = [];
    for (let round = 0; round < 8; round++) {
      const response = await post(`${base}/api/predict`, { text: 'x' }, { 'X-Forwarded-For': `10.0.0.${round}` });
      statuses.push(response.status);
      await response.arrayBuffer();
    }
    assert.equal(statuses.filter((status) => status === 429).length >= 3, true, statuses.join());
  });

  test('lets events through as they come', async () => {
    names.addresses = ['127.0.0.1'];
    await serve('127.0.0.1');
    await gateway.answers(`${base}/readyz`);
    const stop = new AbortController();
    const response = await fetch(`${base}/api/events`, { signal: stop.signal });
    let said = '';
    const reading = (async () => {
      for await (const part of response.body ?? []) said += Buffer.from(part).toString('utf8');
    })().catch(() => undefined);
    await until(() => (said.includes('"release":"r1"') ? true : undefined), 'the first event', 3000);
    deployment.release('r2', 2);
    await until(() => (said.includes('"release":"r2"') ? true : undefined), 'the second event', 5000);
    stop.abort();
    await reading;
  });

  /** The status of a request from an address of one's own; null where the connection was not let in. */
  const statusFor = (localAddress: string): Promise<number | null> =>
    new Promise((resolve) => {
      get(`${base}/livez`, { localAddress, agent: new Agent({ keepAlive: false }) }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).on('error', () => resolve(null));
    });

  test('lets one client hold a tenth of its connections, and everybody else in', async () => {
    names.addresses = ['127.0.0.1'];
    await serve('127.0.0.1');
    await gateway.answers(`${base}/readyz`);
    const sockets = Array.from({ length: CLIENT_CONNECTIONS_MAX }, () => connect({ port: Number(new URL(base).port), host: '127.0.0.1', localAddress: '127.0.0.9' }));
    await Promise.all(sockets.map(async (socket) => {
      socket.on('error', () => undefined).write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(socket, 'data');
    }));
    assert.deepEqual([await statusFor('127.0.0.9'), await statusFor('127.0.0.10')], [null, 200]);
    for (const socket of sockets) socket.destroy();
    await until(async () => ((await statusFor('127.0.0.9')) === 200 ? true : undefined), 'room');
  });
});

describe('the settings of the gateway', { skip }, () => {
  const checked = (env: Readonly<Record<string, string>>): { readonly status: number | null; readonly said: string } => {
    const { status, stdout, stderr } = spawnSync('haproxy', ['-c', '-f', CONFIG], { encoding: 'utf8', env: { ...process.env, ...env } });
    return { status, said: `${stdout}${stderr}` };
  };

  test('are whole, with and without limits of clients', () => {
    for (const env of [{}, { RATE: '50' }, { RATE: '0' }, { GATEWAY_NAMESERVER: '127.0.0.1:53' }]) {
      const { status, said } = checked(env);
      assert.equal(status, 0, said);
      assert.doesNotMatch(said, /WARNING|ALERT/);
    }
  });

  test('with RATE=0 bound no client: a proxy that stands before it is one, and all of them', async (t) => {
    const port = await freePort();
    const gateway = new Program('haproxy', ['-db', '-f', CONFIG], { GATEWAY_PORT: String(port), GATEWAY_UPSTREAM: 'server:1', GATEWAY_NAMESERVER: '127.0.0.1:1', RATE: '0' });
    t.after(() => gateway.stop('SIGKILL'));
    const talk = (): Promise<Socket | undefined> =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => resolve(socket)).on('error', () => resolve(undefined));
      });
    await until(talk, 'the gateway');
    const sockets = await Promise.all(Array.from({ length: CLIENT_CONNECTIONS_MAX + 1 }, talk));
    // No server is needed to be told that this is no HTTP.
    const answers = await Promise.all(sockets.map((socket) => new Promise((resolve) => {
      socket?.setEncoding('latin1').once('data', (text: string) => resolve(/^HTTP\/1\.[01] (\d+)/.exec(text)?.[1])).once('close', () => resolve('none'));
      socket?.write('BAD\r\n\r\n');
    })));
    assert.deepEqual([...new Set(answers)], ['400']);
  });
});
