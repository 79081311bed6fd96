import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, test } from 'node:test';
import pino from 'pino';
import { Deployment, post, until } from './rig.ts';

const lines: { readonly request?: string; readonly status?: number }[] = [];
let deployment: Deployment;
let base = '';
beforeEach(async () => {
  lines.length = 0;
  deployment = new Deployment();
  deployment.release('r1', 1);
  base = await deployment.serve({ log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) }) });
});
afterEach(async () => {
  delete process.env.API_TOKEN;
  await deployment.remove();
});

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

function answerOf(text: string): Answer {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [first = '', ...fields] = head.split('\r\n');
  return { status: Number(first.split(' ')[1]), headers: new Map(fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()])), body };
}

/** All that is answered to some bytes, until the connection ends. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => (text += part)).on('close', () => resolve(text)).on('error', reject);
  });
}

const detailOf = ({ body }: Answer): string => (JSON.parse(body) as { detail: string }).detail;

describe('what is no request', () => {
  test('is answered with the headers of every other answer, and an id that stands in the log', async () => {
    const other = (await fetch(`${base}/nothing`)).headers;
    for (const bytes of ['BREW / HTTP/1.1\r\nHost: x\r\n\r\n', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`]) {
      const { status, headers, body } = answerOf(await raw(bytes));
      for (const name of other.keys()) if (!['connection', 'content-length', 'date', 'keep-alive', 'x-request-id'].includes(name)) assert.equal(headers.get(name), other.get(name), `${name} of ${bytes.slice(0, 20)}`);
      assert.deepEqual([headers.get('connection'), Number(headers.get('content-length')), (JSON.parse(body) as { status: number }).status], ['close', Buffer.byteLength(body), status]);
      assert.ok(Math.abs(Date.now() - Date.parse(headers.get('date') ?? '')) < 60_000);
      const id = headers.get('x-request-id') ?? '';
      assert.match(id, /^[0-9a-f-]{36}$/);
      assert.deepEqual(lines.filter(({ request }) => request === id).map((line) => line.status), [status]);
    }
    assert.match(await (await fetch(`${base}/metrics`)).text(), /^ulasan_http_requests_total\{route="unknown",method="other",status_class="4xx"\} 3$/m);
  });

  test('says what was seen and what to do', async () => {
    const said = async (bytes: string): Promise<readonly [number, string]> => {
      const answer = answerOf(await raw(bytes));
      return [answer.status, detailOf(answer)];
    };
    const METHODS = 'it must begin with GET, HEAD or POST, a path, and HTTP/1.1';
    assert.deepEqual(await said('BREW / HTTP/1.1\r\nHost: x\r\n\r\n'), [400, `The request is no HTTP that can be read, as there is no method "BREW": ${METHODS}`]);
    assert.deepEqual(await said('\u0016\u0003\u0001 hello\r\n\r\n'), [400, `The request is no HTTP that can be read: ${METHODS}`]);
    assert.deepEqual(await said('GET / HTTP/9.9\r\nHost: x\r\n\r\n'), [400, 'The request is no HTTP that can be read: Invalid HTTP version; send it by a library for HTTP/1.1']);
    assert.deepEqual(await said(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`), [431, 'The headers are longer than 16384 bytes: send fewer or shorter ones, and texts in the body']);
  });

  test('repeats no more of a method than a word', async () => {
    for (const bytes of [`${'X'.repeat(5000)} / HTTP/1.1\r\n\r\n`, '<script>alert(1)</script> / HTTP/1.1\r\n\r\n']) assert.doesNotMatch(await raw(bytes), /XXXX|script>/);
  });

  test('behind a request that is being answered leaves that answer whole, and is the end', async () => {
    const body = JSON.stringify({ texts: Array.from({ length: 300 }, () => 'gagal '.repeat(200)) });
    const text = await raw(`POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}BREW / HTTP/1.1\r\n\r\n`);
    const { status, headers, body: answer } = answerOf(text);
    assert.deepEqual([status, headers.get('connection'), (JSON.parse(answer) as { predictions: unknown[] }).predictions.length], [200, 'close', 300]);
  });

  test('in the middle of a stream ends it: nothing is written into it', async () => {
    const text = await new Promise<string>((resolve) => {
      let all = '';
      const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.write('GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n'));
      socket.setEncoding('utf8').on('data', (part: string) => {
        if (all === '' && part !== '') void until(() => (all.includes('event: release') ? true : undefined), 'an event').then(() => socket.write('BREW / HTTP/1.1\r\n\r\n'));
        all += part;
      }).on('error', () => undefined).on('close', () => resolve(all));
    });
    assert.equal(text.split('HTTP/1.1 ').length, 2, 'one answer');
    assert.doesNotMatch(text, /problem\+json/);
  });
});

describe('a body that comes too slowly', () => {
  test('is told so by the answer of its own request', async () => {
    base = await deployment.serve({ bounds: { requestMs: 300 } });
    const answer = answerOf(await raw('POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{'));
    assert.deepEqual([answer.status, answer.headers.get('content-type'), answer.headers.get('connection')], [408, 'application/problem+json; charset=utf-8', 'close']);
    assert.match(detailOf(answer), /^The request did not come in time: send it at once/);
    assert.match(answer.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  });
});

describe('a body that is packed', () => {
  const send = (body: string | Buffer<ArrayBuffer>, encoding: string): Promise<Response> => fetch(`${base}/api/predict`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Content-Encoding': encoding }, body });

  test('is a 415 that says which encoding is read, whatever it holds', async () => {
    for (const [body, encoding] of [[gzipSync('{"text":"bagus"}'), 'gzip'], ['{"text":"bagus"}', 'gzip'], ['{"text":"bagus"}', 'br'], ['{"text":"bagus"}', 'GZIP, identity']] as const) {
      const response = await send(body, encoding);
      assert.deepEqual([response.status, response.headers.get('accept-encoding'), response.headers.get('content-type')], [415, 'identity', 'application/problem+json; charset=utf-8'], encoding);
      assert.match(((await response.json()) as { detail: string }).detail, new RegExp(`^The body is packed \\(Content-Encoding: ${encoding.toLowerCase()}\\): send it as it is`));
    }
  });

  test('with nothing is a body like every other', async () => {
    for (const encoding of ['identity', 'Identity', '']) assert.equal((await send('{"text":"bagus"}', encoding)).status, 200, encoding);
  });
});

describe('a token', () => {
  test('is known whatever case its scheme is written in, and itself to the letter', async () => {
    process.env.API_TOKEN = 'Tok';
    base = await deployment.serve();
    const status = async (authorization: string): Promise<number> => (await post(`${base}/api/models/none/promote`, { reason: 'x' }, { Authorization: authorization })).status;
    for (const right of ['Bearer Tok', 'bearer Tok', 'BEARER Tok', 'Bearer  Tok']) assert.equal(await status(right), 404, right);
    for (const wrong of ['bearer tok', 'Basic Tok', 'BearerTok', 'Tok', 'bearer']) assert.equal(await status(wrong), 401, wrong);
  });
});
