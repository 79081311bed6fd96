import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { assetsOf } from '../../site/assets.ts';
import { APP, Deployment, served, until } from '../services/rig.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip = existsSync(CHROMIUM) ? false : `there is no Chromium at ${CHROMIUM}`;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const NASTY = '<script>alert(1)</script> "quoted" =1+1 👩‍👩‍👧';

/** A page as the report has it: its bar, its list of the newest, and the script that makes it live. */
function page(run: string, newest: string, app = APP): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title><link rel="icon" href="data:,"><script defer src="assets/live.js?r=${run}"></script></head><body><main>
    <aside id="live" role="status" hidden data-root="" data-run="${run}" data-dataset="sample:${app}" data-until="${newest}" data-model="" data-age="Newest review: {age}" data-ready="A new report is ready" data-news="New reviews: {count}" data-load="Show it" data-lost="Connection lost" data-new="new" data-negative="negative" data-api="API"></aside>
    <ul class="reviews"><li>old</li></ul><textarea id="typing"></textarea></main></body></html>`;
}

describe('a page that the server serves', { skip }, () => {
  const deployment = new Deployment();
  let browser: Browser;
  let base = '';
  const wrong: string[] = [];
  const open = async (path: string): Promise<Page> => {
    const opened = await browser.newPage();
    opened.on('pageerror', (error) => void wrong.push(error.message));
    opened.on('console', (message) => void (message.type() === 'error' ? wrong.push(message.text()) : 0));
    await opened.goto(`${base}${path}`);
    return opened;
  };
  before(async () => {
    const assets = await assetsOf(null);
    const release = deployment.release.bind(deployment);
    deployment.release = (id, seed, reviews = []) => {
      deployment.write('site/dist/index.html', page(id, reviews.map(({ at }) => at).sort().at(-1) ?? '', deployment.app));
      const write = deployment.write.bind(deployment);
      // The real scripts in the place of the rig's.
      deployment.write = (file, text) => write(file, file.endsWith('/index.html') && !file.includes('/en/') ? page(id, reviews.map(({ at }) => at).sort().at(-1) ?? '', deployment.app) : file === 'site/dist/assets/live-served.js' ? (assets['assets/live-served.js'] ?? '') : text);
      release(id, seed, reviews);
      deployment.write = write;
    };
    deployment.release('r1', 1, [served('a', { at: '2026-01-01T00:00:00Z' })]);
    base = await deployment.serve();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  });
  after(async () => {
    await browser?.close();
    await deployment.remove();
  });

  test('says how old the data is; new reviews and a new report come without a reload under the reader\'s hands', async () => {
    const opened = await open('/');
    const bar = async (): Promise<string> => (await opened.textContent('#live')) ?? '';
    await until(async () => (/Newest review: .* ago/.test(await bar()) ? true : undefined), 'the age');
    await opened.fill('#typing', 'half a thought');
    deployment.release('r2', 2, [served('a', { at: '2026-01-01T00:00:00Z' }), served('b', { at: '2026-02-01T00:00:00Z', label: 'negative', text: NASTY })]);
    await until(async () => (/A new report is ready/.test(await bar()) ? true : undefined), 'the new report');
    assert.match(await bar(), /New reviews: 1/);
    assert.equal(await opened.inputValue('#typing'), 'half a thought', 'the page was not reloaded');
    const [first = '', second = ''] = await opened.locator('ul.reviews li').allTextContents();
    assert.ok(first.includes(NASTY) && second === 'old', 'the new review is on top, as the text it is');
    await opened.click('#live a:has-text("Show it")');
    await until(async () => ((await opened.inputValue('#typing').catch(() => 'x')) === '' ? true : undefined), 'the new page');
    assert.deepEqual(wrong, []);
    await opened.close();
  });

  test('whose events are refused for a moment asks again by itself, and tells of the next report', async () => {
    const crowded = await deployment.serve({ hub: { listenersMax: 1 } });
    const other = await fetch(`${crowded}/api/events`);
    const opened = await browser.newPage();
    const refusals: number[] = [];
    opened.on('response', (response) => void (response.url().endsWith('/api/events') && response.status() !== 200 ? refusals.push(response.status()) : 0));
    await opened.goto(`${crowded}/`);
    const bar = async (): Promise<string> => (await opened.textContent('#live')) ?? '';
    await until(() => (refusals.length >= 2 ? true : undefined), 'two refusals');
    await until(async () => (/Connection lost/.test(await bar()) ? true : undefined), 'the page to say so');
    await other.body?.cancel();
    await until(async () => (/^(?!.*Connection lost).*Newest review/.test(await bar()) ? true : undefined), 'the connection', 40_000);
    deployment.release('r3', 1, [served('a', { at: '2026-01-01T00:00:00Z' })]);
    await until(async () => (/A new report is ready/.test(await bar()) ? true : undefined), 'the new report');
    assert.deepEqual([...new Set(refusals)], [503]);
    await opened.close();
  });

  test('is not called lost by a server that ends its line now and then', async () => {
    const short = await deployment.serve({ hub: { beatMs: 100, lastsMs: 200 } });
    const opened = await browser.newPage();
    let lines = 0;
    opened.on('response', (response) => void (response.url().endsWith('/api/events') && response.status() === 200 ? lines++ : 0));
    await opened.goto(`${short}/`);
    const said: string[] = [];
    await until(async () => {
      said.push((await opened.textContent('#live')) ?? '');
      return lines >= 3 ? true : undefined;
    }, 'the third line', 30_000);
    assert.deepEqual(said.filter((text) => text.includes('Connection lost')), []);
    await opened.close();
  });

  test('shows twenty new reviews and says where there are more', async () => {
    const many = (count: number, day: string) => Array.from({ length: count }, (_, index) => served(`${day}-${index}`, { at: `${day}T00:00:${String(index).padStart(2, '0')}Z` }));
    deployment.release('r4', 1, many(1, '2026-03-01'));
    await until(async () => (/"r4"/.test(await (await fetch(`${base}/healthz`)).text()) ? true : undefined), 'r4');
    const opened = await open('/');
    const bar = async (): Promise<string> => (await opened.textContent('#live')) ?? '';
    await until(async () => (/Newest review/.test(await bar()) ? true : undefined), 'the age');
    deployment.release('r5', 1, [...many(1, '2026-03-01'), ...many(20, '2026-03-02')]);
    await until(async () => (/New reviews: 20(?!\+)/.test(await bar()) ? true : undefined), 'twenty');
    deployment.release('r6', 1, [...many(1, '2026-03-01'), ...many(20, '2026-03-02'), ...many(30, '2026-03-03')]);
    await until(async () => (/New reviews: 40\+/.test(await bar()) ? true : undefined), 'forty and more');
    assert.equal(await opened.locator('ul.reviews li.arrived').count(), 40);
    assert.deepEqual(wrong, []);
    await opened.close();
  });

  test('takes no reviews of another app for its own: it only says that a new report is ready', async () => {
    deployment.release('r7', 1, [served('a', { at: '2026-03-01T00:00:00Z' })]);
    await until(async () => (/"r7"/.test(await (await fetch(`${base}/healthz`)).text()) ? true : undefined), 'r7');
    const opened = await open('/');
    const bar = async (): Promise<string> => (await opened.textContent('#live')) ?? '';
    await until(async () => (/Newest review/.test(await bar()) ? true : undefined), 'the age');
    const asked: string[] = [];
    opened.on('request', (request) => void asked.push(request.url()));
    deployment.app = 'com.other.app';
    deployment.release('r8', null, [served('z', { app: 'com.other.app', at: '2026-04-01T00:00:00Z' })]);
    await until(async () => (/A new report is ready/.test(await bar()) ? true : undefined), 'the new report');
    assert.doesNotMatch(await bar(), /New reviews/);
    assert.equal(await opened.locator('ul.reviews li.arrived').count(), 0);
    assert.deepEqual(asked.filter((url) => url.includes('/api/reviews')), []);
    deployment.app = APP;
    deployment.release('r9', 1, [served('a', { at: '2026-03-01T00:00:00Z' }), served('b', { at: '2026-05-01T00:00:00Z' })]);
    await until(async () => (/New reviews: 1/.test(await bar()) ? true : undefined), 'the news of its own app');
    assert.ok(asked.some((url) => url.includes(`/api/reviews?app=${APP}&`)));
    assert.deepEqual(wrong, []);
    await opened.close();
  });

  test('the page of the API makes every call, in both languages, and axe finds nothing', async () => {
    const opened = await open('/api/');
    await opened.click('summary:has-text("/api/predict")');
    await opened.click('details[open] button');
    await until(async () => (/"label": "negative"/.test((await opened.textContent('details[open] output')) ?? '') ? true : undefined), 'the prediction');
    await opened.click('summary:has-text("/api/reviews")');
    const form = opened.locator('details:has(summary:has-text("/api/reviews"))');
    await form.locator('input[name=text]').fill('<img src=x onerror=alert(1)>');
    await form.locator('button').click();
    await until(async () => (/200 OK/.test((await form.locator('output').textContent()) ?? '') ? true : undefined), 'the reviews');
    assert.equal(await opened.locator('img').count(), 0);
    const summaries = (): Promise<readonly string[]> => opened.locator('#calls summary span').allTextContents();
    const english = await summaries();
    assert.ok(english.length > 10 && english.every((text) => text.length > 5), english.join());
    await opened.click('#language');
    assert.equal(await opened.locator('h1').textContent(), 'Coba API');
    const indonesian = await summaries();
    assert.deepEqual(indonesian.filter((text, index) => text.length <= 5 || text === english[index]), []);
    await opened.click('#language');
    assert.deepEqual(await summaries(), english);
    await opened.addScriptTag({ path: AXE }).catch(() => undefined);
    const found = await opened.evaluate(async () => ('axe' in globalThis ? ((await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }).axe.run()).violations.map(({ id }) => id)) : ['no axe']));
    // The strict policy lets no script of a test in: then the page is looked at without it.
    assert.ok(found.length === 0 || found[0] === 'no axe', found.join(', '));
    await opened.close();
    const free = await browser.newContext({ bypassCSP: true });
    const again = await free.newPage();
    await again.goto(`${base}/api/`);
    await again.waitForSelector('details');
    await again.addScriptTag({ path: AXE });
    assert.deepEqual(await again.evaluate(async () => (await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }).axe.run()).violations.map(({ id }) => id)), []);
    await free.close();
    assert.deepEqual(wrong.filter((text) => !text.includes('Content Security Policy')), []);
  });
});
