import { escapeHtml } from '../charts/svg.ts';

/**
 * The part of Markdown that notebooks use, as HTML: headings, paragraphs, lists, tables, quotes, fenced code, emphasis, inline
 * code and links. Everything else stays text. HTML in the source is escaped, never passed on.
 */
export function markdownToHtml(source: string): string {
  const lines = source.replaceAll('\r\n', '\n').split('\n');
  const blocks: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const { html, next } = blockAt(lines, at);
    if (html !== '') blocks.push(html);
    at = next;
  }
  return blocks.join('\n');
}

interface Block {
  readonly html: string;
  readonly next: number;
}

const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^\s{0,3}(?:([-*+])|(\d{1,4})[.)])\s+(.*)$/;
const FENCE = /^\s{0,3}(`{3,}|~{3,})/;
const QUOTE = /^\s{0,3}>\s?/;
const RULE = /^\s{0,3}(?:-{3,}|\*{3,}|_{3,})\s*$/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

function blockAt(lines: readonly string[], at: number): Block {
  const line = lines[at] ?? '';
  if (line.trim() === '') return { html: '', next: at + 1 };
  const fence = FENCE.exec(line)?.[1];
  if (fence !== undefined) return fenced(lines, at, fence);
  const heading = HEADING.exec(line);
  if (heading !== null) {
    // The page itself has the first level.
    const level = Math.min(6, (heading[1] ?? '#').length + 1);
    return { html: `<h${level}>${inline(heading[2] ?? '')}</h${level}>`, next: at + 1 };
  }
  if (RULE.test(line)) return { html: '<hr>', next: at + 1 };
  if (line.includes('|') && DIVIDER.test(lines[at + 1] ?? '') && (lines[at + 1] ?? '').includes('-')) return table(lines, at);
  if (ITEM.test(line)) return list(lines, at);
  if (QUOTE.test(line)) {
    const end = endOf(lines, at, (other) => QUOTE.test(other));
    return { html: `<blockquote>${markdownToHtml(lines.slice(at, end).map((other) => other.replace(QUOTE, '')).join('\n'))}</blockquote>`, next: end };
  }
  const end = endOf(lines, at + 1, (other) => other.trim() !== '' && ![HEADING, ITEM, FENCE, QUOTE].some((start) => start.test(other)));
  return { html: `<p>${lines.slice(at, end).map((other) => inline(other.trim())).join('\n')}</p>`, next: end };
}

function endOf(lines: readonly string[], from: number, belongs: (line: string) => boolean): number {
  let end = from;
  while (end < lines.length && belongs(lines[end] ?? '')) end += 1;
  return end;
}

function fenced(lines: readonly string[], at: number, fence: string): Block {
  const end = endOf(lines, at + 1, (line) => !line.trim().startsWith(fence));
  return { html: `<pre><code>${escapeHtml(lines.slice(at + 1, end).join('\n'))}</code></pre>`, next: end + 1 };
}

function list(lines: readonly string[], at: number): Block {
  const tag = ITEM.exec(lines[at] ?? '')?.[2] === undefined ? 'ul' : 'ol';
  const end = endOf(lines, at, (line) => ITEM.test(line) || (line.trim() !== '' && /^\s{2,}/.test(line)));
  const items: string[] = [];
  for (const line of lines.slice(at, end)) {
    const item = ITEM.exec(line)?.[3];
    if (item !== undefined) items.push(item);
    else items.push(`${items.pop() ?? ''} ${line.trim()}`);
  }
  return { html: `<${tag}>${items.map((item) => `<li>${inline(item)}</li>`).join('')}</${tag}>`, next: end };
}

function cellsOf(line: string): readonly string[] {
  return line.trim().replace(/^\|/, '').replace(/\|$/, '').split('|').map((cell) => inline(cell.trim()));
}

function table(lines: readonly string[], at: number): Block {
  const end = endOf(lines, at + 2, (line) => line.includes('|'));
  const head = cellsOf(lines[at] ?? '').map((cell) => `<th scope="col">${cell}</th>`).join('');
  const body = lines.slice(at + 2, end).map((line) => `<tr>${cellsOf(line).map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('');
  return { html: `<div class="scroll" tabindex="0" role="group"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`, next: end };
}

const SAFE_LINK = /^(?:https?:\/\/|mailto:|#|\.{0,2}\/|[\w.-]+\.(?:html|md|csv|json)$)/i;

/** Inline code first, since nothing inside of it is marked up; the rest on text that is escaped already. */
function inline(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (part.length > 2 && part.startsWith('`') && part.endsWith('`') ? `<code>${escapeHtml(part.slice(1, -1))}</code>` : emphasised(escapeHtml(part))))
    .join('');
}

function emphasised(escaped: string): string {
  return escaped
    .replaceAll(/\[([^[\]]{1,500})\]\(([^()\s]{1,1000})\)/g, (whole, label: string, target: string) => (SAFE_LINK.test(target) ? `<a href="${target}" rel="noreferrer">${label}</a>` : whole))
    .replaceAll(/\*\*([^*]{1,2000})\*\*/g, '<strong>$1</strong>')
    .replaceAll(/(?<![\w*])\*([^*\s][^*]{0,2000})\*(?![\w*])/g, '<em>$1</em>')
    .replaceAll(/(?<![\w_])_([^_\s][^_]{0,2000})_(?![\w_])/g, '<em>$1</em>');
}
