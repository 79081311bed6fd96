import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { highlight } from '../../site/notebook/highlight.ts';
import { readNotebook } from '../../site/notebook/ipynb.ts';
import { markdownToHtml } from '../../site/notebook/markdown.ts';
import { renderNotebook } from '../../site/notebook/render.ts';
import { sanitizeHtml } from '../../site/notebook/sanitize.ts';
import { formatOf } from '../../site/wording/format.ts';
import { wordings } from '../../site/wording/wordings.ts';

const at = { locale: 'en', speech: { wording: wordings.en, format: formatOf('en') } } as const;

describe('HTML of a notebook', () => {
  test('keeps tables and plain marks, with the few attributes that tables need', () => {
    assert.equal(sanitizeHtml('<table border="1"><tr><th scope="col" class="x">a</th><td colspan=2>b &amp; c</td></tr></table>'), '<table><tr><th scope="col">a</th><td colspan="2">b &amp; c</td></tr></table>');
  });

  test('loses everything that could run, load, overlay or submit', () => {
    const hostile = [
      ['<script>alert(1)</script>x', 'x'], ['<SCRIPT SRC=//evil></SCRIPT>', ''], ['<img src=x onerror=alert(1)>', ''], ['<svg onload=alert(1)><circle/></svg>', ''],
      ['<a href="javascript:alert(1)">x</a>', 'x'], ['<iframe src="//evil">y</iframe>z', 'z'], ['<div style="position:fixed" onclick="x()">a</div>', '<div>a</div>'], ['<form action=//evil><input></form>', ''],
      ['<style>*{display:none}</style>b', 'b'], ['<!-- <script>alert(1)</script> -->c', 'c'], ['<td colspan="2&quot; onmouseover=&quot;x">d</td>', '<td>d</td>'], ['<b<script>alert(1)</script>', ''],
      ['<math><mtext></mtext></math>', ''], ['<base href="//evil">e', 'e'], ['<meta http-equiv=refresh content="0;url=//evil">', ''],
    ] as const;
    for (const [html, safe] of hostile) {
      const result = sanitizeHtml(html);
      assert.doesNotMatch(result, /<(?!\/?(?:div|td|b)\b)/, html);
      assert.doesNotMatch(result, /\son\w+=|style=|href=|src=/, html);
      if (safe !== '') assert.equal(result, safe, html);
    }
  });

  test('is closed in order, whatever was left open', () => {
    assert.equal(sanitizeHtml('<table><tr><td>a</table></div>b'), '<table><tr><td>a</td></tr></table>b');
    assert.equal(sanitizeHtml('a < b && c > d'), 'a &lt; b &amp;&amp; c &gt; d');
  });

  test('of a million characters is read in no time', () => {
    const started = process.hrtime.bigint();
    sanitizeHtml('<'.repeat(200_000) + '<a '.repeat(100_000) + '"'.repeat(100_000));
    assert.ok(process.hrtime.bigint() - started < 5_000_000_000n);
  });
});

describe('Markdown of a notebook', () => {
  test('has headings one level down, lists, tables, quotes, code and emphasis', () => {
    assert.equal(markdownToHtml('# A\n\n- b *c*\n- `d`\n\n1. e\n\n> f'), '<h2>A</h2>\n<ul><li>b <em>c</em></li><li><code>d</code></li></ul>\n<ol><li>e</li></ol>\n<blockquote><p>f</p></blockquote>');
    assert.match(markdownToHtml('|a|b|\n|--|--|\n|1|**2**|'), /<th scope="col">a<\/th>.*<td><strong>2<\/strong><\/td>/);
    assert.equal(markdownToHtml('```ts\n<x>\n```\nafter'), '<pre><code>&lt;x&gt;</code></pre>\n<p>after</p>');
  });

  test('escapes HTML and refuses links that run', () => {
    assert.equal(markdownToHtml('<b>x</b> [a](javascript:alert(1)) [b](https://x.org/?a=1&b=2)'), '<p>&lt;b&gt;x&lt;/b&gt; [a](javascript:alert(1)) <a href="https://x.org/?a=1&amp;b=2" rel="noreferrer">b</a></p>');
    assert.doesNotMatch(markdownToHtml('[a](data:text/html,x) [b](vbscript:x) ["><script>](https://x.org/"onclick=x)'), /<script|onclick="|href="(data|vbscript)/);
  });
});

describe('a notebook', () => {
  test('marks strings, comments, keywords and numbers of its code, and escapes it', () => {
    assert.equal(highlight('const a = "<b>"; // 1'), '<span class="code-keyword">const</span> a = <span class="code-string">&quot;&lt;b&gt;&quot;</span>; <span class="code-comment">// 1</span>');
  });

  test('that is no notebook is null, never an error', async () => {
    for (const text of ['', '{', '[]', '{"cells": [{"cell_type": "poem"}]}']) {
      assert.equal(readNotebook(text), null);
      assert.equal(await renderNotebook('x', text, at), null);
    }
  });

  test('shows what failed and cuts what is endless', async () => {
    const cell = { cell_type: 'code', source: 'x', outputs: [{ output_type: 'error', ename: 'TypeError', evalue: '<x>', traceback: [] }, { output_type: 'stream', name: 'stdout', text: 'y'.repeat(50_000) }] };
    const html = await renderNotebook('x', JSON.stringify({ cells: [cell] }), at);
    assert.match(html ?? '', /TypeError: &lt;x&gt;/);
    assert.ok((html ?? '').length < 8000);
  });
});
