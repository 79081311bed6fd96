import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../pipeline/rig.ts';
import { Deployment, post, until } from '../services/rig.ts';
import { Program, freePort } from './services/process.ts';

const CONFIG = path.join(root, 'services/gateway/haproxy.cfg');
const skip = spawnSync('haproxy', ['-v']).status === 0 ? false : 'there is no haproxy';

/** The engine's DNS: every name is all of the addresses. */
class Names {
  addresses: readonly string[] = [];
  readonly #socket: Socket = createSocket('udp4');

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
});
