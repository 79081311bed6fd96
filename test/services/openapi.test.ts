import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Deployment, post, served } from './rig.ts';

interface Described {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: { readonly default?: unknown } }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>> };
  readonly responses: Readonly<Record<string, Described>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
const TOKEN = { Authorization: 'Bearer token' };

describe('what the document says', () => {
  const deployment = new Deployment();
  const bare = new Deployment();
  let [base, empty] = ['', ''];
  let document: Document;
  const called = new Set<string>();

  before(async () => {
    process.env.API_TOKEN = 'token';
    deployment.champion(1);
    deployment.champion(2);
    deployment.release('r1', 2, [served('a', { version: '1.0', negative: null, model: null }), served('b')]);
    const record = { version: 1, id: '20260101T000000000Z-aaaa', startedAt: 'x', finishedAt: null, command: [], overrides: [], outcome: 'done', seconds: 1, secondsSaved: 0, asOf: 'x', stages: [] };
    deployment.write(`.repro/runs/${record.id}.json`, JSON.stringify(record));
    [base, empty] = [await deployment.serve(), await bare.serve()];
    delete process.env.API_TOKEN;
    document = (await (await fetch(`${base}/api/openapi.json`)).json()) as Document;
  });
  after(async () => {
    await deployment.remove();
    await bare.remove();
  });

  /** An answer is one that the document has: its status or the default, its type, and the shape of its JSON. */
  async function fits(operation: string, response: Response): Promise<void> {
    called.add(operation);
    const [method = '', path = ''] = operation.split(' ');
    const { responses } = document.paths[path]?.[method.toLowerCase()] ?? { responses: {} };
    const described = responses[String(response.status)] ?? responses.default;
    const type = response.headers.get('content-type')?.split(';', 1)[0] ?? '';
    const what = `${operation}: ${response.status} ${type}`;
    const schema = described?.content?.[type]?.schema;
    assert.ok(schema !== undefined, `${what} is not in the document`);
    if (!/[/+]json$/.test(type)) return void (await response.body?.cancel());
    const body: unknown = await response.json();
    assert.ok(ajv.validate(schema, body), `${what}: ${ajv.errorsText()}\n${JSON.stringify(body).slice(0, 500)}`);
  }

  test('is what is answered when all is well', async () => {
    const gets: readonly (readonly [string, string])[] = [
      ['/api/reviews', '?limit=1'], ['/api/reviews', '?format=json'], ['/api/reviews', '?format=csv'], ['/api/reviews', '?format=ndjson'], ['/api/summary', ''], ['/api/models', ''], ['/api/runs', ''],
      ['/livez', ''], ['/healthz', ''], ['/readyz', ''], ['/metrics', ''], ['/api/events', ''], ['/api/openapi.json', ''],
    ];
    for (const [path, query] of gets) await fits(`GET ${path}`, await fetch(`${base}${path}${query}`));
    await fits('GET /api/runs/{id}', await fetch(`${base}/api/runs/20260101T000000000Z-aaaa`));
    await fits('POST /api/predict', await post(`${base}/api/predict`, { text: 'gagal' }));
    await fits('POST /api/predict', await post(`${base}/api/predict`, { texts: ['gagal', 'bagus'] }));
    await fits('POST /api/models/rollback', await post(`${base}/api/models/rollback`, { reason: 'x' }, TOKEN));
  });

  test('is what is answered when it is not', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const response = await fetch(`${empty}${path}`);
      assert.equal(response.status, 503);
      await fits(`GET ${path}`, response);
    }
    for (const path of ['/api/reviews', '/api/summary', '/api/models']) await fits(`GET ${path}`, await fetch(`${empty}${path}`));
    await fits('GET /api/reviews', await fetch(`${base}/api/reviews?stars=9`));
    await fits('GET /api/runs/{id}', await fetch(`${base}/api/runs/nothing`));
    await fits('POST /api/predict', await post(`${base}/api/predict`, { text: 7 }));
    await fits('POST /api/runs', await post(`${base}/api/runs`, {}, TOKEN));
    await fits('POST /api/models/rollback', await post(`${base}/api/models/rollback`, {}, TOKEN));
    await fits('POST /api/models/{version}/promote', await post(`${base}/api/models/nothing/promote`, { reason: 'x' }, TOKEN));
    await fits('POST /api/models/{version}/promote', await post(`${base}/api/models/nothing/promote`, { reason: 'x' }));
  });

  test('was seen in an answer of every call', () => {
    const all = Object.entries(document.paths).flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`));
    assert.deepEqual([...called].sort(), all.sort());
  });

  test('is told in Indonesian by the page that lists its calls; a stream of events is none of them', async () => {
    const script = await (await fetch(`${base}/api/page.js`)).text();
    const listed = [...called].filter((operation) => operation !== 'GET /api/events');
    assert.deepEqual(listed.filter((operation) => !script.includes(`"${operation}":"`)), []);
  });

  test('is what requests may be: its examples are, and what it refuses is refused', async () => {
    const bodies = Object.values(document.paths).flatMap((operations) => Object.values(operations).flatMap(({ requestBody }) => Object.values(requestBody?.content ?? {})));
    assert.equal(bodies.length, 4);
    for (const { schema, example } of bodies) assert.ok(ajv.validate(schema, example), ajv.errorsText());
    const predict = document.paths['/api/predict']?.post?.requestBody?.content['application/json']?.schema ?? {};
    for (const body of [{}, { text: 7 }, { texts: [] }, { text: 'x', more: 1 }, { text: 'x'.repeat(10_001) }, { text: 'x', terms: false }, { texts: ['x'] }]) {
      assert.equal((await post(`${base}/api/predict`, body)).status === 200, ajv.validate(predict, body), JSON.stringify(body).slice(0, 60));
    }
    const limit = document.paths['/api/reviews']?.get?.parameters?.find(({ name }) => name === 'limit');
    assert.equal(limit?.schema.default, 50);
  });
});
