import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { Workspace } from '../fixtures/site/workspace.ts';

process.env.ASTRO_TELEMETRY_DISABLED = '1';
const PAGE_BYTES_MAX = 25 * 1024;
const SCRIPT_BYTES_MAX = 2 * 1024;
const NAMES = ['index', 'model', 'quality', 'notebooks', 'notebook-explore', 'notebook-errors', 'runs', 'try'];

describe('the built report', () => {
  const workspace = new Workspace();
  before(() => workspace.build());
  after(() => workspace.remove());
  const read = (file: string): string => readFileSync(path.join(workspace.dist, file), 'utf8');
  const pages = (): readonly string[] => globSync('**/*.html', { cwd: workspace.dist }).sort();

  test('has every page in both languages, under the same name', () => {
    assert.deepEqual(pages(), [...NAMES.map((name) => `en/${name}.html`), ...NAMES.map((name) => `${name}.html`)].sort());
  });

  test('every page is at most 25 KB in brotli, with at most 2 KB of script before somebody acts', () => {
    for (const page of pages()) {
      const html = read(page);
      assert.ok(brotliCompressSync(html).length <= PAGE_BYTES_MAX, page);
      const scripts = [...html.matchAll(/<script[^>]*src="([^"]+)"/g)].map(([, src]) => path.join(path.dirname(page), (src ?? '').split('?')[0] ?? ''));
      const bytes = scripts.reduce((sum, script) => sum + brotliCompressSync(read(script)).length, 0);
      assert.ok(bytes <= SCRIPT_BYTES_MAX, `${page}: ${bytes}`);
      assert.deepEqual(scripts.map((script) => path.basename(script)), page.endsWith('try.html') ? ['try.js', 'live.js'] : ['live.js'], page);
    }
  });

  test('every link is relative and leads somewhere', () => {
    for (const page of pages()) {
      for (const [, target = ''] of read(page).matchAll(/(?:href|src)="([^"]*)"/g)) {
        if (/^(data:|#)/.test(target) || target === 'https://example.org') continue;
        assert.doesNotMatch(target, /^(\/|[a-z]+:)/, `${page}: ${target}`);
        assert.ok(existsSync(path.join(workspace.dist, path.dirname(page), target.split('?')[0] ?? '')), `${page}: ${target}`);
      }
    }
  });

  test('no page has an inline script, an inline style, a handler or a module', () => {
    for (const page of pages()) {
      const html = read(page);
      assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)/, page);
      assert.doesNotMatch(html, /<style|<[^>]*\sstyle=|type="module"/, page);
      assert.doesNotMatch(html.replaceAll(/&[a-z#0-9]+;/g, ''), /<[a-z][^>]*\son[a-z]+=/i, page);
      assert.match(html, /http-equiv="Content-Security-Policy"/, page);
    }
  });

  test('texts of users are escaped, kept apart by direction, and cut where they would fill the page', () => {
    const html = read('index.html');
    assert.match(html, /&lt;script&gt;alert\(/);
    assert.match(html, /<p class="text" dir="auto"><bdi>/);
    assert.ok(!html.includes('a'.repeat(700)));
    assert.ok(html.includes('…</bdi>'));
  });

  test('every page says that the sample is synthetic, until when its data goes, and which run and model made it', () => {
    for (const page of pages()) {
      const html = read(page);
      assert.match(html, page.startsWith('en/') ? /Synthetic data/ : /Data sintetis/, page);
      assert.match(html, page.startsWith('en/') ? /Data until 2\d Jun 2026/ : /Data sampai 2\d Jun 2026/, page);
      assert.match(html, /20260628T000000000Z-test/, page);
      assert.match(html, /id="live"[^>]* data-dataset="sample:com\.valar\.pintu"/, `${page}: what the server tells is compared with it`);
    }
  });

  test('numbers and dates are written as the language of the page does', () => {
    assert.match(read('quality.html'), /baris 3; 9; 1\.204/);
    assert.match(read('en/quality.html'), /row 3; 9; 1,204/);
    assert.match(read('model.html'), /0,702/);
    assert.match(read('en/model.html'), /0\.702/);
    assert.match(read('notebook-explore.html'), />4\.000<\/text>/);
    assert.match(read('en/notebook-explore.html'), />4,000<\/text>/);
  });

  test('the switch of language stays on the same page', () => {
    for (const name of NAMES) {
      assert.match(read(`${name}.html`), new RegExp(`class="switch" href="en/${name}\\.html"`));
      assert.match(read(`en/${name}.html`), new RegExp(`class="switch" href="\\.\\./${name}\\.html"`));
    }
  });

  test('a notebook shows markdown, code, texts, tables and charts, and nothing of it can run or load anything', () => {
    const html = read('notebook-explore.html');
    assert.match(html, /<h2>Judul<\/h2>/);
    assert.match(html, /<strong>tebal<\/strong>/);
    assert.match(html, /<th scope="col">a<\/th>/);
    assert.match(html, /&lt;i&gt;mentah/);
    assert.match(html, /<td colspan="2">1<\/td>/);
    assert.match(html, /<figure class="chart-free"[^>]*><svg /);
    assert.match(html, /Cannot draw the chart as it loads data from a url/);
    assert.doesNotMatch(html, /<script>|<img|href="javascript/);
  });

  test('a second build of the same inputs gives the same bytes', async () => {
    const again = path.join(workspace.root, 'again');
    await workspace.build(again);
    const files = globSync('**/*.*', { cwd: workspace.dist }).sort();
    assert.deepEqual(globSync('**/*.*', { cwd: again }).sort(), files);
    for (const file of files) assert.ok(readFileSync(path.join(again, file)).equals(readFileSync(path.join(workspace.dist, file))), file);
  });

  test('the files to download hold every review, and no cell that a spreadsheet would run', () => {
    const csv = read('downloads/reviews.csv');
    const rows: { text: string }[] = JSON.parse(read('downloads/reviews.json'));
    assert.equal(rows.length, workspace.reviews.length);
    assert.match(csv, /"'=HYPERLINK/);
    assert.match(csv, /,'@SUM/);
    assert.match(csv, /,'-2\+3/);
    assert.ok(rows.some(({ text }) => text.startsWith('=HYPERLINK')), 'JSON keeps the text as it is');
    assert.equal(JSON.parse(read('downloads/metrics.json')).selected, 'multinomial-nb');
  });
});

describe('a report without results', () => {
  test('after a first run that failed, every page is there and tells what failed', async () => {
    const workspace = new Workspace({ results: false, failedAt: 'clean' });
    try {
      const { report } = await workspace.build();
      const read = (file: string): string => readFileSync(path.join(workspace.dist, file), 'utf8');
      assert.equal(report.overall.reviews, 0);
      assert.match(read('index.html'), /Proses gagal pada tahap “clean”, dan belum ada hasil/);
      assert.match(read('en/runs.html'), /Cannot read &lt;b&gt;reviews\.csv/);
      assert.match(read('en/runs.html'), /add it to collect\.columns/);
      assert.match(read('en/try.html'), /nothing to try/);
      assert.ok(!existsSync(path.join(workspace.dist, 'assets/model.js')));
    } finally {
      workspace.remove();
    }
  });

  test('results of another dataset are not shown as those of this one', async () => {
    const workspace = new Workspace({ source: 'file', failedAt: 'validate' });
    try {
      const { report } = await workspace.build();
      assert.deepEqual([report.overall.reviews, report.metrics, report.champion, report.model], [0, null, null, null]);
      assert.deepEqual(globSync('**/notebook-*.html', { cwd: workspace.dist }), [], 'its notebooks are not either');
      assert.doesNotMatch(readFileSync(path.join(workspace.dist, 'index.html'), 'utf8'), /Data sintetis/);
    } finally {
      workspace.remove();
    }
  });

  test('a damaged file costs its part of the report, which says so', async () => {
    const workspace = new Workspace();
    try {
      workspace.write('reports/metrics.json', '{"app":');
      const { report } = await workspace.build();
      assert.equal(report.metrics, null);
      assert.ok(report.overall.reviews > 0);
      assert.match(readFileSync(path.join(workspace.dist, 'en/index.html'), 'utf8'), /reports\/metrics\.json could not be read/);
    } finally {
      workspace.remove();
    }
  });
});
