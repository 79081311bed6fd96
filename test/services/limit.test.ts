import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import { clientOf, createLimiter } from '../../services/http/limit.ts';
import { Deployment } from './rig.ts';

const asked = (remoteAddress: string, forwarded?: string): IncomingMessage => ({ socket: { remoteAddress }, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;
const behindProxy = (forwarded: string): string => clientOf(asked('10.0.0.1', forwarded), true);

describe('who asks', () => {
  test('is one client for all addresses of its half of IPv6, however they are written', () => {
    const one = ['2001:db8::1', '2001:db8::2', '2001:0db8:0000:0000:0000:0000:0000:0012', '2001:DB8:0:0:ffff::', '[2001:db8::7]', '[2001:db8::7]:4711', '2001:db8::10.1.2.3'];
    assert.deepEqual([...new Set(one.map(behindProxy))], ['2001:db8:0:0']);
    assert.deepEqual(['2001:db8:0:1::1', '2001:db9::1', '::1', '1::', 'fe80::1%eth0', '64:ff9b::192.0.2.1'].map(behindProxy), ['2001:db8:0:1', '2001:db9:0:0', '0:0:0:0', '1:0:0:0', 'fe80:0:0:0', '64:ff9b:0:0']);
  });

  test('is one client for an address of IPv4, with a port, or as IPv6 has it', () => {
    const one = ['203.0.113.9', '203.0.113.9:4711', '::ffff:203.0.113.9', '::FFFF:cb00:7109', '0:0:0:0:0:ffff:203.0.113.9', '[::ffff:203.0.113.9]:80'];
    assert.deepEqual([...new Set(one.map(behindProxy))], ['203.0.113.9']);
    assert.equal(clientOf(asked('::ffff:127.0.0.1'), false), '127.0.0.1');
  });

  test('is whom the proxy saw, and nobody whom a client makes up', () => {
    assert.equal(behindProxy('1.1.1.1, 2.2.2.2 , 3.3.3.3'), '3.3.3.3');
    for (const odd of ['', 'unknown', '1.1.1.1, <script>', '999.1.1.1', ':', '[', 'x'.repeat(10_000)]) assert.equal(behindProxy(odd), '10.0.0.1', odd.slice(0, 20));
    assert.equal(clientOf(asked('10.0.0.1', '3.3.3.3'), false), '10.0.0.1', 'without a proxy the header counts for nothing');
  });
});

describe('the limit', () => {
  test('gives back with time, and never more than at once', () => {
    let now = 0;
    const limiter = createLimiter(2, 4, () => now);
    assert.deepEqual([1, 2, 3, 4, 5].map(() => limiter.take('a')), [0, 0, 0, 0, 1]);
    assert.equal(limiter.take('b'), 0, 'each client has its own');
    now = 1000;
    assert.deepEqual([1, 2, 3].map(() => limiter.take('a')), [0, 0, 1]);
    now = 1_000_000;
    assert.deepEqual([1, 2, 3, 4, 5].map(() => limiter.take('a')), [0, 0, 0, 0, 1]);
  });

  test('does not shut anybody out when the clock of the machine is set back', (t) => {
    let now = Date.now();
    t.mock.method(Date, 'now', () => now);
    const limiter = createLimiter(1);
    limiter.take('a');
    now -= 3_600_000;
    assert.deepEqual([1, 2, 3, 4].map(() => limiter.take('a')), [0, 0, 0, 1]);
  });

  test('holds for everything but health and metrics: for pages, and for what is not there', async (t) => {
    const deployment = new Deployment();
    t.after(() => deployment.remove());
    deployment.release('r1', null);
    for (const path of ['/', '/nothing', '/api/nothing', '/api/', '/api/summary']) {
      const base = await deployment.serve({ rate: 1 });
      const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await fetch(`${base}${path}`)).status));
      assert.equal(statuses.filter((status) => status === 429).length, 4, path);
      for (const free of ['/livez', '/healthz', '/readyz', '/metrics']) assert.equal((await fetch(`${base}${free}`)).status, 200, free);
    }
  });

  test('is one limit for a household that asks by many addresses through a proxy', async (t) => {
    const deployment = new Deployment();
    t.after(() => deployment.remove());
    deployment.release('r1', null);
    process.env.TRUST_PROXY = '1';
    const base = await deployment.serve({ rate: 1 });
    delete process.env.TRUST_PROXY;
    const ask = async (forwarded: string): Promise<number> => (await fetch(`${base}/api/summary`, { headers: { 'X-Forwarded-For': forwarded } })).status;
    const statuses = await Promise.all(Array.from({ length: 12 }, (_, index) => ask(`2001:db8::${index + 1}`)));
    assert.deepEqual([statuses.filter((status) => status === 200).length, statuses.filter((status) => status === 429).length], [4, 8]);
    assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map((port) => ask(`203.0.113.9:${port}`))), [200, 200, 200, 200, 429]);
  });
});
