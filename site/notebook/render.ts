import type { TopLevelSpec } from 'vega-lite';
import { drawSpec } from '../charts/render.ts';
import { escapeHtml, tidySvg } from '../charts/svg.ts';
import type { Speech } from '../charts/overview.ts';
import type { Locale } from '../wording/format.ts';
import { highlight } from './highlight.ts';
import { bundleText, readNotebook } from './ipynb.ts';
import type { Cell, Output } from './ipynb.ts';
import { markdownToHtml } from './markdown.ts';
import { sanitizeHtml } from './sanitize.ts';

/** Longer outputs are cut: a page is for reading, the notebook itself has everything. */
const OUTPUT_MAX = 6000;
const BASE64 = /^[A-Za-z0-9+/=\s]{1,400000}$/;
const ANSI = /\u001b\[[0-9;]*[A-Za-z]/g;

interface Place {
  readonly notebook: string;
  readonly cell: number;
  readonly locale: Locale;
  readonly speech: Speech;
}

function pre(text: string, kind: string): string {
  const plain = text.replaceAll(ANSI, '').trimEnd();
  const shown = plain.length > OUTPUT_MAX ? `${plain.slice(0, OUTPUT_MAX)}\n…` : plain;
  return shown === '' ? '' : `<pre class="output ${kind}" tabindex="0">${escapeHtml(shown)}</pre>`;
}

function specOf(value: unknown): TopLevelSpec | null {
  const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  return typeof parsed === 'object' && parsed !== null ? (parsed as TopLevelSpec) : null;
}

/** A chart that cannot be drawn costs its place, not the page: the reason stands where it would be. */
async function chart(value: unknown, { notebook, cell, locale, speech }: Place): Promise<string> {
  try {
    const spec = specOf(value);
    if (spec === null) return '';
    const title = 'title' in spec && typeof spec.title === 'string' ? spec.title : speech.wording.notebooks.chartAlt(speech.format.count(cell));
    const svg = tidySvg(await drawSpec(withoutData(spec), locale), { alt: title, id: `${notebook}-${cell}` });
    return `<figure class="chart-free" tabindex="0">${svg}</figure>`;
  } catch (error) {
    return pre(error instanceof Error ? error.message : String(error), 'error');
  }
}

/** Charts are drawn from the values they carry; one that would fetch something is refused. */
function withoutData(spec: TopLevelSpec): TopLevelSpec {
  if (/"url"\s*:/.test(JSON.stringify(spec))) throw new RangeError('Cannot draw the chart as it loads data from a url: put the values into the spec');
  return spec;
}

async function bundle(data: Readonly<Record<string, unknown>>, place: Place): Promise<string> {
  const chartType = Object.keys(data).find((type) => /^application\/vnd\.vegalite\.v\d+(?:\.\d+)*\+json$/.test(type));
  if (chartType !== undefined) return chart(data[chartType], place);
  const png = bundleText(data['image/png']);
  if (png !== null && BASE64.test(png)) return `<img alt="${escapeHtml(place.speech.wording.notebooks.imageAlt(place.speech.format.count(place.cell)))}" src="data:image/png;base64,${png.replaceAll(/\s/g, '')}">`;
  const html = bundleText(data['text/html']);
  if (html !== null) return `<div class="output scroll" tabindex="0" role="group">${sanitizeHtml(html)}</div>`;
  const markdown = bundleText(data['text/markdown']);
  if (markdown !== null) return markdownToHtml(markdown);
  return pre(bundleText(data['text/plain']) ?? '', 'plain');
}

async function output(one: Output, place: Place): Promise<string> {
  switch (one.output_type) {
    case 'stream':
      return pre(one.text, one.name === 'stderr' ? 'error' : 'plain');
    case 'error':
      return pre(`${one.ename}: ${one.evalue}`, 'error');
    case 'display_data':
    case 'execute_result':
      return bundle(one.data, place);
    default: {
      const never: never = one;
      return never;
    }
  }
}

async function cellHtml(cell: Cell, place: Place): Promise<string> {
  if (cell.cell_type === 'markdown') return markdownToHtml(cell.source);
  if (cell.cell_type === 'raw' || cell.metadata?.tags?.includes('remove-cell') === true) return '';
  const outputs: string[] = [];
  for (const one of cell.outputs) outputs.push(await output(one, place));
  const code = cell.source.trim();
  if (code === '') return outputs.join('\n');
  return `<details class="code"><summary lang="${place.locale}">${escapeHtml(place.speech.wording.notebooks.code)}</summary><pre tabindex="0"><code>${highlight(code)}</code></pre></details>\n${outputs.join('\n')}`;
}

/** An executed notebook as HTML; null where the text is no notebook. Nothing in it can run or load anything. */
export async function renderNotebook(name: string, text: string, at: { readonly locale: Locale; readonly speech: Speech }): Promise<string | null> {
  const cells = readNotebook(text);
  if (cells === null) return null;
  const parts: string[] = [];
  for (const [index, cell] of cells.entries()) parts.push(await cellHtml(cell, { notebook: name, cell: index + 1, ...at }));
  return parts.filter((part) => part !== '').join('\n');
}
