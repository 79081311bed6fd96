import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { BODY_MAX } from '../../services/http/body.ts';
import { Deployment, post } from './rig.ts';

describe('bad requests', () => {
  const deployment = new Deployment();
  let base = '';
  before(async () => {
    deployment.champion(1);
    deployment.release('r1', 1);
    deployment.write('secret.txt', 'secret');
    base = await deployment.serve();
  });
  after(() => deployment.remove());

  /** Sends bytes as they are: fetch would mend them. */
  function raw(bytes: string | Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.write(bytes));
      let text = '';
      socket.setEncoding('latin1').on('data', (part: string) => (text += part)).on('close', () => resolve(text)).on('error', reject);
      socket.setTimeout(5000, () => socket.destroy());
    });
  }
  const get = (target: string): Promise<string> => raw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);

  async function problem(response: Response): Promise<{ readonly status: number; readonly detail: string; readonly errors?: readonly { at: string; message: string }[] }> {
    assert.equal(response.headers.get('content-type'), 'application/problem+json; charset=utf-8');
    const body = (await response.json()) as { status: number; detail: string; errors?: { at: string; message: string }[] };
    assert.equal(body.status, response.status);
    return body;
  }

  test('no path leaves the release', async () => {
    for (const target of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2f..%2fsecret.txt', '//etc/passwd', '/%00', '/..%5csecret.txt', '/manifest.json', '/../manifest.json', '/../model/model.json', '/../data/reviews.sqlite', '/__proto__', '/constructor', '/assets/report.css/..', `/${'a'.repeat(8000)}`]) {
      const answer = await get(target);
      assert.match(answer, /^HTTP\/1\.1 404 /, target);
      assert.doesNotMatch(answer, /secret\n|root:/, target);
    }
  });

  test('a path or a query that is no UTF-8 is a 400', async () => {
    for (const target of ['/%E0%A4%A', '/%', '/%zz', '/%ff', '/api/reviews?text=%ff%00', '/api/reviews?text=100%', '/api/reviews?text=%E0%A4%A&limit=1', '/?r=%ff', '/healthz?x=%c3']) assert.match(await get(target), /^HTTP\/1\.1 400 /, target);
    const { detail } = await problem(await fetch(`${base}/api/reviews?text=%ff`));
    assert.match(detail, /^The query is no valid URL/);
  });

  test('a target that is no path is a 400; a whole URL, as proxies send it, is its path', async () => {
    for (const target of ['*', 'ftp://x/', 'http:///']) assert.match(await get(target), /^HTTP\/1\.1 400 /, target);
    for (const target of ['http://other.example/livez', 'HTTPS://x:1/api/reviews?limit=1', 'http://x', 'http://x?r=r1']) assert.match(await get(target), /^HTTP\/1\.1 200 /, target);
    assert.match(await get('http://x/nothing'), /^HTTP\/1\.1 404 /);
  });

  test('a query begins at the first question mark, and what follows is all of it', async () => {
    const { reviews } = (await (await fetch(`${base}/api/reviews?text=a?b&limit=1`)).json()) as { reviews: unknown[] };
    assert.deepEqual(reviews, [], 'bagus holds an a, and no a?b');
    const { errors } = await problem(await fetch(`${base}/api/reviews?text=a?b&limit=0`));
    assert.deepEqual(errors?.map(({ at }) => at), ['limit']);
  });

  test('no answer repeats much of what was sent', async () => {
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`unknown-key-${index}`, 1])));
    const long = JSON.stringify({ texts: ['x'], ['k'.repeat(100_000)]: 1 });
    for (const body of [many, long]) assert.ok((await (await post(`${base}/api/predict`, body)).text()).length < 6000);
    assert.ok((await get(`/api/runs/${'x'.repeat(12_000)}`)).length < 4000);
    assert.ok((await raw(`POST /api/predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${'x'.repeat(12_000)}\r\nContent-Length: 0\r\n\r\n`)).length < 4000);
  });

  test('a body that is too large, no JSON, no UTF-8, of another type or shape says what is wrong', async () => {
    const url = `${base}/api/predict`;
    assert.equal((await problem(await post(url, `{"text":"${'x'.repeat(BODY_MAX)}"}`))).status, 413);
    assert.match((await problem(await post(url, '{"text":'))).detail, /no JSON/);
    assert.match((await problem(await post(url, ''))).detail, /no JSON/);
    assert.equal((await problem(await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }))).detail, 'The body is no valid UTF-8');
    assert.equal((await problem(await fetch(url, { method: 'POST', body: '{}' }))).status, 415);
    assert.deepEqual((await problem(await post(url, { text: 7 }))).errors?.map(({ at }) => at), ['text']);
    assert.deepEqual((await problem(await post(url, { texts: ['ok', null] }))).errors?.map(({ at }) => at), ['texts.1']);
    for (const body of ['null', '[]', '"x"', '{}', '{"text":"x","__proto__":{"admin":true},"more":1}', { text: 'x'.repeat(10_001) }, { texts: [] }]) assert.equal((await post(url, body)).status, 422, JSON.stringify(body).slice(0, 50));
  });

  test('a complaint about JSON never repeats the body', async () => {
    assert.doesNotMatch(await (await post(`${base}/api/predict`, 'password=hunter2')).text(), /hunter2/);
  });

  test('lone surrogates, NUL and long words are predicted, not refused', async () => {
    for (const text of ['\ud800', '\u0000\u0001', 'a'.repeat(10_000), '', '\u202egnp.exe']) assert.equal((await post(`${base}/api/predict`, { text })).status, 200, JSON.stringify(text).slice(0, 20));
  });

  test('odd queries are a 422 or a 400 with the name of the key', async () => {
    for (const query of ['stars=9', 'stars=x', 'limit=0', 'limit=501', 'limit=1e3', 'label=angry', 'since=yesterday', 'unknown=1', 'app=../x', `text=${'x'.repeat(201)}`, 'format=exe']) {
      const { errors } = await problem(await fetch(`${base}/api/reviews?${query}`));
      assert.equal(errors?.length, 1, query);
    }
    for (const cursor of ['x', '%00', 'W10', 'eyJhIjoxfQ', Buffer.from('["a"]').toString('base64url'), 'A'.repeat(400)]) assert.equal((await fetch(`${base}/api/reviews?cursor=${cursor}`)).status, 400, cursor);
    assert.equal((await fetch(`${base}/api/reviews?cursor=${'A'.repeat(501)}`)).status, 422);
    const injected = Buffer.from(JSON.stringify(["' or 1=1 --", "'); drop table review; --"])).toString('base64url');
    assert.equal((await fetch(`${base}/api/reviews?cursor=${injected}`)).status, 200);
    assert.equal(((await (await fetch(`${base}/api/reviews`)).json()) as { reviews: unknown[] }).reviews.length, 1);
  });

  test('a key that is given twice is a 422 that names it: neither value is the one that is meant', async () => {
    const { status, errors } = await problem(await fetch(`${base}/api/reviews?label=negative&label=positive&stars=1`));
    assert.deepEqual([status, errors], [422, [{ at: 'label', message: 'This is given more than once: give it once' }]]);
    assert.equal((await fetch(`${base}/api/runs?limit=1&limit=1`)).status, 422, 'not even the same value twice');
    const many = Array.from({ length: 200 }, (_, index) => `k${index}${'x'.repeat(20)}=`).join('&');
    assert.ok((await get(`/api/reviews?${many}&${many}`)).length < 4000);
  });

  test('a request without a host, or with an expectation that cannot be met, is told what is wrong', async () => {
    const said = async (bytes: string): Promise<{ readonly status: number; readonly detail: string }> => {
      const [head = '', body = ''] = (await raw(bytes)).split('\r\n\r\n');
      assert.match(head, /content-type: application\/problem\+json/i);
      assert.match(head, /connection: close/i);
      assert.match(head, /content-security-policy: /i);
      return JSON.parse(body) as { status: number; detail: string };
    };
    const hostless = await said('GET / HTTP/1.1\r\n\r\n');
    assert.deepEqual([hostless.status, hostless.detail], [400, 'The request names no host: HTTP/1.1 demands the header Host']);
    const expecting = await said('POST /api/predict HTTP/1.1\r\nHost: x\r\nExpect: foo\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"text":"bagus"}');
    assert.equal(expecting.status, 417);
    assert.match(expecting.detail, /^The expectation "foo" cannot be met/);
    assert.match(await raw('GET /livez HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 /, 'HTTP/1.0 has no such header');
    const body = '{"text":"bagus"}';
    assert.match(await raw(`POST /api/predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });

  test('another method is a 405 that names the right one', async () => {
    for (const [method, path, allow] of [['DELETE', '/', 'GET, HEAD'], ['GET', '/api/predict', 'POST'], ['PUT', '/api/runs', 'GET, HEAD, POST'], ['HEAD', '/api/predict', 'POST']] as const) {
      const response = await fetch(`${base}${path}`, { method });
      assert.deepEqual([response.status, response.headers.get('allow')], [405, allow], path);
    }
    assert.equal((await fetch(`${base}/api/predict`, { method: 'OPTIONS' })).headers.get('access-control-allow-origin'), null, 'no other site may ask');
  });

  test('a download is everything, and says so where only a part is wanted', async () => {
    for (const [query, at] of [['limit=1', 'limit'], ['cursor=forged', 'cursor'], [`cursor=${Buffer.from('["2026-01-01","a"]').toString('base64url')}`, 'cursor']] as const) {
      const { errors } = await problem(await fetch(`${base}/api/reviews?format=csv&${query}`));
      assert.deepEqual(errors?.map((one) => one.at), [at], query);
    }
  });

  test('a flood of headers, bytes that are no HTTP, and a request that is smuggled in are refused', async () => {
    assert.match(await raw(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 Header fields too large\r\n/);
    assert.match(await raw('\u0016\u0003\u0001 hello\r\n\r\n'), /^HTTP\/1\.1 400 /);
    assert.match(await raw('POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'), /^HTTP\/1\.1 400 /);
    assert.equal((await fetch(`${base}/livez`)).status, 200);
  });

  test('what changes something needs a token, and is off without one', async (t) => {
    const guarded = [['/api/runs', {}], ['/api/models/rollback', { reason: 'x' }], ['/api/models/abc/promote', { reason: 'x' }]] as const;
    for (const [path, body] of guarded) assert.equal((await post(`${base}${path}`, body)).status, 403, path);
    const other = new Deployment();
    t.after(() => other.remove());
    process.env.API_TOKEN = 'right-token';
    other.champion(1);
    other.release('r1', 1);
    const open = await other.serve();
    delete process.env.API_TOKEN;
    for (const [path, body] of guarded) {
      assert.equal((await post(`${open}${path}`, body)).status, 401, path);
      assert.equal((await post(`${open}${path}`, body, { Authorization: 'Bearer wrong' })).status, 401, path);
    }
    const right = { Authorization: 'Bearer right-token' };
    assert.equal((await post(`${open}/api/runs`, {}, right)).status, 503, 'there is no scheduler that would take it');
    assert.equal((await post(`${open}/api/models/rollback`, { reason: 'x' }, right)).status, 409, 'there is no earlier champion');
    assert.equal((await post(`${open}/api/models/abc/promote`, { reason: 'x' }, right)).status, 404);
    assert.equal((await post(`${open}/api/models/abc/promote`, { reason: ' ' }, right)).status, 422, 'a reason has to be given');
  });

  test('each client may ask so often and no more; health is never refused', async (t) => {
    const other = new Deployment();
    t.after(() => other.remove());
    other.release('r1', null);
    const limited = await other.serve({ rate: 1 });
    const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await fetch(`${limited}/api/summary`)).status));
    assert.deepEqual([statuses.filter((status) => status === 200).length, statuses.filter((status) => status === 429).length], [4, 4]);
    assert.equal((await fetch(`${limited}/api/summary`)).headers.get('retry-after'), '1');
    assert.equal((await fetch(`${limited}/healthz`)).status, 200);
  });

  test('every answer carries the strict policy', async () => {
    for (const path of ['/', '/api/summary', '/nothing', '/api/']) {
      const { headers } = await fetch(`${base}${path}`);
      assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none'; script-src 'self'; style-src 'self'/, path);
      assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe/);
      assert.deepEqual([headers.get('x-content-type-options'), headers.get('referrer-policy'), headers.get('x-powered-by')], ['nosniff', 'no-referrer', null]);
    }
  });
});
