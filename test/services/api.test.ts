import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { createPredictor } from '../../ml/predict.ts';
import type { ModelArtefact } from '../../ml/model.ts';
import { ServedReview } from '../../schema/served-review.ts';
import { UsageError, originsOf } from '../../services/settings.ts';
import { Deployment, modelOf, post, served } from './rig.ts';

const NASTY = '=HYPERLINK("http://x","y"),\n<script>alert(1)</script> 👩‍👩‍👧 \u202e\'"; drop table review; --';
const REVIEWS: readonly ServedReview[] = [
  served('a', { at: '2026-01-01T00:00:00Z', label: 'negative', rating: 1, text: 'Gagal 100% terus' }),
  served('b', { at: '2026-02-01T00:00:00Z', label: 'neutral', rating: 3, language: 'en', text: 'so so' }),
  served('c', { at: '2026-02-01T00:00:00Z', text: NASTY }),
  ...Array.from({ length: 120 }, (_, index) => served(`m${String(index).padStart(3, '0')}`, { at: `2026-03-01T00:${String(index % 60).padStart(2, '0')}:00Z` })),
];

interface Page {
  readonly reviews: readonly ServedReview[];
  readonly next: string | null;
}

describe('the API', () => {
  const deployment = new Deployment();
  let base = '';
  before(async () => {
    deployment.champion(1);
    deployment.release('r1', 1, REVIEWS);
    base = await deployment.serve();
  });
  after(() => deployment.remove());
  const get = async <T>(path: string): Promise<T> => (await fetch(`${base}${path}`)).json() as Promise<T>;

  test('predicts one text with the very bits of the model, and names the terms that decided', async () => {
    const { model, manifest } = modelOf(1);
    const predictor = createPredictor(JSON.parse(model) as ModelArtefact);
    const answer = await (await post(`${base}/api/predict`, { text: 'gagal terus' })).json();
    assert.deepEqual(answer, { model: manifest.version, release: 'r1', ...predictor.predict('gagal terus'), terms: predictor.explain('gagal terus', 8) });
  });

  test('predicts a thousand texts in their order, and not one more', async () => {
    const texts = Array.from({ length: 1000 }, (_, index) => (index % 2 === 0 ? 'gagal' : 'bagus'));
    const { predictions } = (await (await post(`${base}/api/predict`, { texts })).json()) as { predictions: { label: string; terms?: unknown }[] };
    assert.deepEqual(predictions.slice(0, 3).map(({ label }) => label), ['negative', 'positive', 'negative']);
    assert.equal(predictions.length, 1000);
    assert.equal(predictions[0]?.terms, undefined);
    assert.equal((await post(`${base}/api/predict`, { texts: [...texts, 'x'] })).status, 422);
    assert.equal((await post(`${base}/api/predict`, { texts: Array.from({ length: 10_000 }, () => 'x') })).status, 422);
  });

  test('gives reviews newest first, page by page, each once', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Page = await get<Page>(`/api/reviews?limit=7${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.reviews.map(({ at, id }) => `${at} ${id}`));
      cursor = page.next;
    } while (cursor !== null);
    assert.deepEqual(seen, REVIEWS.map(({ at, id }) => `${at} ${id}`).sort().toReversed());
  });

  test('filters by label, stars, language, time and text, all at once too', async () => {
    const ids = async (query: string): Promise<readonly string[]> => (await get<Page>(`/api/reviews?${query}`)).reviews.map(({ id }) => id);
    assert.deepEqual(await ids('label=negative'), ['a']);
    assert.deepEqual(await ids('stars=3'), ['b']);
    assert.deepEqual(await ids('language=en'), ['b']);
    assert.deepEqual(await ids('until=2026-02-01'), ['a']);
    assert.deepEqual(await ids('since=2026-02-01&until=2026-02-01T00:00:01Z'), ['c', 'b']);
    assert.deepEqual(await ids(`text=${encodeURIComponent('GAGAL 100%')}`), ['a'], 'a percent sign is no wildcard, and case does not matter');
    assert.deepEqual(await ids(`text=${encodeURIComponent("'; drop table review; --")}`), []);
    assert.deepEqual(await ids('label=positive&stars=1'), []);
    assert.equal((await ids('limit=500')).length, REVIEWS.length);
  });

  test('holds every filter, whichever filter the cursor comes from', async () => {
    const page = async (query: string, cursor: string | null): Promise<Page> => get<Page>(`/api/reviews?${query}${cursor === null ? '' : `&cursor=${cursor}`}`);
    const newest = (await page('limit=1', null)).next;
    const middle = (await page('limit=120', null)).next;
    const last = (await page('until=2026-02-01T00:00:01Z&limit=2', null)).next;
    const ids = async (query: string, cursor: string | null): Promise<readonly string[]> => (await page(query, cursor)).reviews.map(({ id }) => id);
    // What a filter gives from a place on is what it gives at all, as far as it is older than that place.
    for (const filter of ['until=2026-02-01', 'until=2026-02-01T00:00:01Z', 'until=2026-01-01', 'since=2026-02-01', 'since=2026-02-01&until=2026-02-02', 'since=2026-04-01', 'label=negative', 'stars=3', 'language=en', 'text=gagal', 'app=com.example.app', 'app=com.other.app']) {
      const all = await ids(`${filter}&limit=500`, null);
      for (const cursor of [newest, middle, last]) {
        const older = new Set(await ids('limit=500', cursor));
        assert.deepEqual(await ids(`${filter}&limit=500`, cursor), all.filter((id) => older.has(id)), filter);
      }
    }
    assert.deepEqual([await ids('until=2026-01-02&limit=3', newest), await ids('since=2026-02-01&limit=3', last)], [['a'], []]);
  });

  test('says of a date that there is none what was seen and how it is written', async () => {
    const said = async (query: string): Promise<string | undefined> => (await get<{ errors?: { message: string }[] }>(`/api/reviews?${query}`)).errors?.[0]?.message;
    const WRITE = 'is no date or instant that there is: write 2026-06-30 or 2026-06-30T07:00:00%2B07:00';
    for (const [typed, seen] of [['2026-06-31', '2026-06-31'], ['yesterday', 'yesterday'], ['', ''], ['2026-06-30T07:00:00', '2026-06-30T07:00:00'], ['x'.repeat(500), 'x'.repeat(40)]]) {
      for (const key of ['since', 'until']) assert.equal(await said(`${key}=${typed}`), `"${seen}" ${WRITE}`);
    }
    assert.equal(await said('since=2026-06-30T07:00:00+07:00'), `"2026-06-30T07:00:00 07:00" ${WRITE}, where %2B stands for +`);
    assert.equal(await said('since=2026-06-30T07:00:00%2B07:00'), undefined);
  });

  test('takes instants of every zone, up to the ends of time', async () => {
    const count = async (query: string): Promise<number> => (await get<Page>(`/api/reviews?limit=500&${query}`)).reviews.length;
    assert.equal(await count('until=9999-12-31T23:59:59-14:00'), REVIEWS.length);
    assert.equal(await count('since=0000-01-01T00:00:00%2B14:00'), REVIEWS.length);
    assert.equal(await count('since=9999-12-31T23:59:59-14:00'), 0);
    assert.equal(await count('until=2026-02-01T02:00:00%2B02:00'), 1);
    // Reviews have whole seconds.
    assert.equal(await count('until=2026-01-01T00:00:00.5Z'), 1);
    assert.equal(await count('since=2026-01-01T00:00:00.5Z'), REVIEWS.length - 1);
  });

  test('gives the head of whatever can be read', async () => {
    for (const path of ['/', '/livez', '/healthz', '/metrics', '/api/', '/api/summary', '/api/reviews', '/api/reviews?format=csv', '/api/events', '/api/openapi.json']) {
      const head = await fetch(`${base}${path}`, { method: 'HEAD' });
      assert.deepEqual([head.status, await head.text()], [200, ''], path);
    }
    assert.equal((await fetch(`${base}/api/runs/nothing`, { method: 'HEAD' })).status, 404);
  });

  test('downloads everything as CSV, JSON and lines of JSON; hostile texts come whole, and run nowhere', async () => {
    const csv = Buffer.from(await (await fetch(`${base}/api/reviews?format=csv`)).arrayBuffer());
    assert.deepEqual([...csv.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'spreadsheets know UTF-8 by its mark');
    const rows = parse(csv, { bom: true, columns: true }) as { id: string; text: string }[];
    assert.equal(rows.length, REVIEWS.length);
    assert.equal(rows.find(({ id }) => id === 'c')?.text, `'${NASTY}`);
    const json = await get<unknown[]>('/api/reviews?format=json');
    assert.deepEqual(json.map((row) => ServedReview.parse(row)).sort((a, b) => (a.id < b.id ? -1 : 1)), REVIEWS.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    const lines = (await (await fetch(`${base}/api/reviews?format=ndjson&label=neutral`)).text()).trimEnd().split('\n');
    assert.deepEqual(lines.map((line) => (JSON.parse(line) as ServedReview).id), ['b']);
    assert.equal(await (await fetch(`${base}/api/reviews?format=json&label=neutral&stars=1`)).text(), '[\n]\n');
  });

  test('sums up what is served, and how old it is', async () => {
    const summary = await get<Record<string, unknown>>('/api/summary');
    assert.deepEqual([summary.release, summary.reviews, summary.newest, summary.labels], ['r1', 123, '2026-03-01T00:59:00Z', { negative: 1, neutral: 1, positive: 121 }]);
    assert.ok(Number(summary.ageSeconds) > 0);
  });

  test('lists models and runs; a run that is not there is a 404', async () => {
    const { models, log } = await get<{ models: { alias: string; whole: boolean }[]; log: unknown[] }>('/api/models');
    assert.deepEqual([models.map(({ alias, whole }) => [alias, whole]), log.length], [[['champion', true]], 2]);
    assert.deepEqual(await get('/api/runs'), { runs: [], next: null });
    assert.equal((await fetch(`${base}/api/runs/${encodeURIComponent('../../models/registry')}`)).status, 404);
  });

  test('describes itself in OpenAPI: every endpoint, with the shapes that are checked', async () => {
    const { openapi, paths } = await get<{ openapi: string; paths: Record<string, Record<string, { requestBody?: unknown; security?: unknown }>> }>('/api/openapi.json');
    assert.equal(openapi, '3.1.0');
    assert.deepEqual(Object.keys(paths).sort(), ['/api/events', '/api/models', '/api/models/rollback', '/api/models/{version}/promote', '/api/openapi.json', '/api/predict', '/api/reviews', '/api/runs', '/api/runs/{id}', '/api/summary', '/healthz', '/livez', '/metrics', '/readyz']);
    assert.match(JSON.stringify(paths['/api/predict']?.post?.requestBody), /"maxItems":1000/);
    assert.ok(paths['/api/runs']?.post?.security !== undefined);
  });

  test('serves the page to try it with, and its script without types', async () => {
    const [page, script] = await Promise.all([fetch(`${base}/api/`), fetch(`${base}/api/page.js`)]);
    assert.match(await page.text(), /page\.js/);
    assert.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.doesNotMatch(await script.text(), /interface |: readonly/);
    assert.equal((await fetch(`${base}/api`, { redirect: 'manual' })).headers.get('location'), 'api/');
  });

  test('sends packed what is asked for packed, and never to a client that refuses it', async () => {
    const encodings = { 'gzip, deflate, br': 'gzip', 'br;q=1, gzip;q=0.5': 'gzip', 'GZIP': 'gzip', 'gzip;q=0': null, 'gzip; q=0.000, br': null, 'br, gzip ;q=0': null, 'identity': null, 'gzipped': null } as const;
    for (const [accepted, sent] of Object.entries(encodings)) assert.equal((await fetch(`${base}/`, { headers: { 'Accept-Encoding': accepted } })).headers.get('content-encoding'), sent, accepted);
  });

  test('is alive, ready and whole', async () => {
    for (const path of ['/livez', '/healthz', '/readyz']) assert.equal((await fetch(`${base}${path}`)).status, 200, path);
  });

  test('says which code and which model it serves, and not where they lie', async () => {
    const live = (await (await fetch(`${base}/livez`)).json()) as { code: string };
    assert.match(live.code, /^[0-9a-f]{12}$/);
    assert.ok(!JSON.stringify(live).includes('/'));
    const { model } = (await (await fetch(`${base}/healthz`)).json()) as { model: string };
    assert.match(model, /^[0-9a-f]{12}$/);
  });

  test('measures itself by routes, never by paths', async () => {
    await fetch(`${base}/api/runs/20260101T000000000Z-aaaa`);
    await fetch(`${base}/some/odd/path`);
    const text = await (await fetch(`${base}/metrics`)).text();
    assert.match(text, /ulasan_http_requests_total\{route="\/api\/runs\/\{id\}",method="GET",status_class="4xx"\} \d/);
    assert.match(text, /ulasan_predictions_total\{label="negative",version="[0-9a-f]{12}"\} \d+/);
    assert.doesNotMatch(text, /some\/odd/);
  });
});

describe('pages of other sites', () => {
  const deployment = new Deployment();
  const OTHER = 'https://dashboard.example.com';
  const ask = (url: string, origin: string): Promise<Response> => fetch(url, { headers: { Origin: origin } });
  /** What a browser asks before it posts from such a page. */
  const preflight = (url: string, origin: string): Promise<Response> => fetch(url, { method: 'OPTIONS', headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' } });
  const allowed = (response: Response): string | null => response.headers.get('access-control-allow-origin');
  before(() => deployment.release('r1', 1));
  after(() => deployment.remove());

  test('may not ask where nothing is said', async () => {
    const base = await deployment.serve();
    const asked = await ask(`${base}/api/summary`, OTHER);
    assert.deepEqual([allowed(asked), asked.headers.get('vary')], [null, null]);
    assert.equal((await preflight(`${base}/api/predict`, OTHER)).status, 405);
  });

  test('may call the API where their origin is named, and read what it says of a failure', async () => {
    const base = await deployment.serve({ origins: [OTHER, 'http://localhost:3000'] });
    const asked = await ask(`${base}/api/summary`, OTHER);
    assert.deepEqual([allowed(asked), asked.headers.get('vary')], [OTHER, 'Origin']);
    const refused = await ask(`${base}/api/reviews?stars=9`, 'http://localhost:3000');
    assert.deepEqual([refused.status, allowed(refused)], [422, 'http://localhost:3000']);
    const before = await preflight(`${base}/api/predict`, OTHER);
    const { headers } = before;
    assert.deepEqual([before.status, allowed(before), headers.get('access-control-allow-methods'), headers.get('access-control-allow-headers'), headers.get('access-control-allow-credentials')], [204, OTHER, 'POST', 'Authorization, Content-Type', null]);
  });

  test('may not where theirs is another one, and never read the report', async () => {
    const base = await deployment.serve({ origins: [OTHER] });
    for (const origin of ['https://evil.example', 'https://dashboard.example.com.evil.example', 'null', OTHER.toUpperCase()]) {
      assert.equal(allowed(await ask(`${base}/api/summary`, origin)), null, origin);
      assert.equal((await preflight(`${base}/api/predict`, origin)).status, 405, origin);
    }
    assert.equal(allowed(await ask(`${base}/`, OTHER)), null);
    assert.equal((await preflight(`${base}/api/nothing`, OTHER)).status, 405);
  });

  test('may read what is wrong with a URL, too; the report is for no other site', async () => {
    const base = await deployment.serve({ origins: [OTHER] });
    for (const target of ['/api/reviews?text=%ff', '/api/%ff', '/api/reviews?limit=0']) {
      const { status, headers } = await fetch(`${base}${target}`, { headers: { Origin: OTHER } });
      assert.ok(status === 400 || status === 422, target);
      assert.equal(headers.get('access-control-allow-origin'), OTHER, target);
    }
    assert.equal((await fetch(`${base}/?r=%ff`, { headers: { Origin: OTHER } })).headers.get('access-control-allow-origin'), null);
  });

  test('are named by their origins, or the setting is refused', () => {
    assert.deepEqual(originsOf(' https://a.example ,http://b.example:8080/, '), ['https://a.example', 'http://b.example:8080']);
    assert.deepEqual([originsOf(undefined), originsOf('')], [[], []]);
    for (const wrong of ['*', 'a.example', 'https://a.example/path', 'ftp://a.example', 'null', 'https://user@a.example', 'https://a.example:443']) assert.throws(() => originsOf(wrong), (error) => error instanceof UsageError && error.message.includes(`"${wrong}"`), wrong);
  });
});

describe('a server without a release', () => {
  test('answers, says what to do, and is not ready', async (t) => {
    const deployment = new Deployment();
    t.after(() => deployment.remove());
    const base = await deployment.serve();
    for (const path of ['/', '/api/summary', '/api/reviews', '/healthz', '/readyz']) assert.equal((await fetch(`${base}${path}`)).status, 503, path);
    assert.equal((await fetch(`${base}/livez`)).status, 200);
    assert.match(((await (await post(`${base}/api/predict`, { text: 'x' })).json()) as { detail: string }).detail, /pnpm repro/);
  });

  test('serves a report before there is a model', async (t) => {
    const deployment = new Deployment();
    t.after(() => deployment.remove());
    deployment.release('r1', null);
    const base = await deployment.serve();
    assert.equal((await fetch(`${base}/`)).status, 200);
    assert.equal((await post(`${base}/api/predict`, { text: 'x' })).status, 503);
  });
});
