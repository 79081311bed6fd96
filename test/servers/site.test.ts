import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { createPredictor } from '../../ml/predict.ts';
import { NASTY, NEGATIVE, NEUTRAL, POSITIVE } from '../fixtures/site/texts.ts';
import { Workspace } from '../fixtures/site/workspace.ts';

process.env.ASTRO_TELEMETRY_DISABLED = '1';
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const skip = existsSync(CHROMIUM) ? false : `there is no Chromium at ${CHROMIUM}: install it, or name it in CHROMIUM`;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const NAMES = ['index', 'model', 'quality', 'notebooks', 'notebook-explore', 'runs', 'try'];
const PAGES = NAMES.flatMap((name) => [`${name}.html`, `en/${name}.html`]);
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript; charset=utf-8' };
/** A path of its own, as behind a proxy or on a project's page. */
const PREFIX = '/laporan/terbaru/';

/** A static server that knows nothing but files beneath a prefix. */
async function serve(folder: string): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = path.join(folder, name.slice(PREFIX.length));
    const found = name.startsWith(PREFIX) && existsSync(file);
    response.writeHead(found ? 200 : 404, { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream' });
    response.end(found ? readFileSync(file) : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { server, url: `http://127.0.0.1:${address.port}${PREFIX}` };
}

/** Everything that went wrong on a page: messages of the console, errors, requests that failed or left the report. */
function watch(page: Page, base: string): string[] {
  const wrong: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' || message.type() === 'warning' ? wrong.push(message.text()) : 0));
  page.on('pageerror', (error) => void wrong.push(error.message));
  page.on('requestfailed', (request) => void wrong.push(`failed: ${request.url()}`));
  page.on('request', (request) => void (request.url().startsWith(base) || request.url().startsWith('data:') ? 0 : wrong.push(`left: ${request.url()}`)));
  page.on('response', (response) => void (response.status() >= 400 ? wrong.push(`${response.status()}: ${response.url()}`) : 0));
  return wrong;
}

// A suite that is skipped counts nothing; this line is counted, so that nobody takes a missing browser for a pass.
test('there is a Chromium to open the report in', { skip }, () => assert.ok(existsSync(CHROMIUM)));

describe('the report in Chromium', { skip }, () => {
  let browser: Browser;
  let served: { server: Server; url: string };
  let workspace: Workspace;
  let folder: string;
  before(async () => {
    workspace = new Workspace();
    await workspace.build();
    folder = `${pathToFileURL(workspace.dist).href}/`;
    served = await serve(workspace.dist);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
  });
  after(async () => {
    await browser.close();
    served.server.close();
    workspace.remove();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing on any page, in ${colorScheme}`, async () => {
      // Injected past the page's own policy, which lets in no script but the report's.
      const context = await browser.newContext({ colorScheme, bypassCSP: true });
      const page = await context.newPage();
      const found: string[] = [];
      for (const name of PAGES) {
        await page.goto(`${folder}${name}`);
        await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
        await page.addScriptTag({ path: AXE });
        const violations = await page.evaluate(async () => {
          const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> } };
          return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary ?? ''}`).slice(0, 3).join(' | ')}`);
        });
        found.push(...violations.map((violation) => `${name}: ${violation}`));
      }
      await context.close();
      assert.deepEqual(found, []);
    });
  }

  for (const width of [360, 768, 1400]) {
    test(`no page is wider than a window of ${width} pixels`, async () => {
      const page = await browser.newPage({ viewport: { width, height: 800 } });
      const wide: string[] = [];
      for (const name of PAGES) {
        await page.goto(`${folder}${name}`);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (over > 0) wide.push(`${name}: ${over} px`);
      }
      await page.close();
      assert.deepEqual(wide, []);
    });
  }

  test('on a phone the reasons in the log of the model have room, and no word of them is broken', async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    for (const name of ['model.html', 'en/model.html']) {
      await page.goto(`${folder}${name}`);
      const seen = await page.evaluate(() => [...document.querySelectorAll('td.why')].map((cell) => {
        const text = cell.firstChild;
        const words = [...(text?.textContent ?? '').matchAll(/\S+/g)];
        const broken = words.filter(({ 0: word, index }) => {
          const range = document.createRange();
          range.setStart(text ?? cell, index);
          range.setEnd(text ?? cell, index + word.length);
          return new Set([...range.getClientRects()].map(({ top }) => top)).size > 1;
        });
        return { words: words.length, broken: broken.map(([word]) => word), isRoomy: cell.getBoundingClientRect().width >= 9 * 16 };
      }));
      assert.ok(seen.length > 0 && seen.every(({ words }) => words > 3), name);
      assert.deepEqual(seen.map(({ broken, isRoomy }) => ({ broken, isRoomy })), seen.map(() => ({ broken: [], isRoomy: true })), name);
    }
    await page.close();
  });

  for (const [from, base] of [['a folder', () => folder], ['a sub-path of a server', () => served.url]] as const) {
    test(`opened from ${from}, every page is styled, links on, asks for nothing outside and logs nothing`, async () => {
      const page = await browser.newPage();
      const wrong = watch(page, base());
      for (const name of PAGES) {
        await page.goto(`${base()}${name}`);
        assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('.top .bar') ?? document.body).display), 'flex', `${name} has no styles`);
      }
      await page.goto(`${base()}index.html`);
      await page.click('nav a[href="model.html"]');
      await page.click('a.switch');
      assert.ok(page.url().endsWith('en/model.html'), page.url());
      await page.click('a.switch');
      assert.ok(page.url().endsWith('model.html') && !page.url().endsWith('en/model.html'), page.url());
      await page.close();
      assert.deepEqual(wrong, []);
    });

    test(`opened from ${from}, the model in the page gives the pipeline's probabilities to the last bit`, async () => {
      const page = await browser.newPage();
      const wrong = watch(page, base());
      await page.goto(`${base()}try.html`);
      const scripts = await page.evaluate(() => [...document.scripts].map(({ src }) => new URL(src).pathname.split('/').at(-1)));
      assert.deepEqual(scripts, ['try.js', 'live.js'], 'the model is not loaded before somebody turns to it');
      await page.focus('#try-input');
      await page.waitForFunction(() => globalThis.ulasan?.predictor !== undefined);
      const texts = [...NASTY, ...NEGATIVE, ...NEUTRAL, ...POSITIVE, '', 'é\u0301 ﬁ ſ İ', 'x'.repeat(200_000)];
      const seen = await page.evaluate((raws) => raws.map((raw) => globalThis.ulasan?.predictor?.predict(raw)), texts);
      const predictor = createPredictor(workspace.model);
      assert.deepEqual(seen, texts.map((text) => predictor.predict(text)));
      await page.close();
      assert.deepEqual(wrong, []);
    });
  }

  test('typing shows label, probabilities and the words that decided, in the language of the page', async () => {
    const page = await browser.newPage();
    await page.goto(`${folder}try.html`);
    await page.fill('#try-input', 'verifikasi gagal terus');
    await page.waitForSelector('#try-result:not([hidden])');
    assert.equal(await page.textContent('#try-label'), 'negatif');
    assert.match((await page.textContent('#try-negative-share')) ?? '', /^\d+,\d%$/);
    assert.match((await page.textContent('#try-terms')) ?? '', /gagal/);
    await page.fill('#try-input', '<img src=x onerror=alert(1)> bagus');
    await page.waitForFunction(() => document.querySelector('#try-terms')?.textContent?.includes('bagus'));
    assert.equal(await page.locator('#try-result img').count(), 0);
    await page.fill('#try-input', '  ');
    await page.waitForSelector('#try-result', { state: 'hidden' });
    await page.close();
  });

  test('the keyboard reaches content and box: the skip link comes first', async () => {
    const page = await browser.newPage();
    await page.goto(`${folder}index.html`);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.className), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
    await page.close();
  });

  test('on paper there is no navigation, and wide charts are drawn wide', async () => {
    const page = await browser.newPage();
    await page.goto(`${folder}index.html`);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('nav').isVisible(), false);
    assert.equal(await page.locator('.chart .wide').first().isVisible(), true);
    await page.close();
  });
});
