import { escapeHtml } from '../charts/svg.ts';

/** What may stay of HTML that a notebook put out. Everything else is dropped; the text inside of dropped tags stays, escaped. */
const TAGS = new Set('table thead tbody tfoot tr th td caption p br b i em strong code pre ul ol li span div h2 h3 h4 h5 h6 sub sup'.split(' '));
const VOID = new Set(['br']);
const ATTRIBUTES: Readonly<Record<string, RegExp>> = { colspan: /^\d{1,3}$/, rowspan: /^\d{1,3}$/, scope: /^(?:col|row|colgroup|rowgroup)$/ };
/** Tags whose content is no text for people. */
const SILENT = new Set(['script', 'style', 'template', 'noscript', 'iframe', 'object', 'svg', 'math', 'title', 'textarea', 'select']);

/** Attributes are bounded and end at the next angle bracket, quoted or not: the search stays linear in hostile text. */
const TOKEN = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-zA-Z][a-zA-Z0-9-]{0,30})([^<>]{0,2000})>|<|[^<]+/g;
const ATTRIBUTE = /([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g;
const ENTITY = /&(?:amp|lt|gt|quot|nbsp|#\d{1,6}|#x[0-9a-f]{1,5});/gi;

/** Text stays text, and its entities stay what they are. */
function escapeText(text: string): string {
  let at = 0;
  let safe = '';
  for (const match of text.matchAll(ENTITY)) {
    safe += escapeHtml(text.slice(at, match.index)) + match[0];
    at = match.index + match[0].length;
  }
  return safe + escapeHtml(text.slice(at));
}

function attributesOf(source: string): string {
  let kept = '';
  for (const [, name = '', double, single, bare] of source.matchAll(ATTRIBUTE)) {
    const value = double ?? single ?? bare ?? '';
    if (ATTRIBUTES[name.toLowerCase()]?.test(value) === true) kept += ` ${name.toLowerCase()}="${value}"`;
  }
  return kept;
}

/** Closes what stays open, up to and including `tag`. */
function closeTo(open: string[], tag: string): string {
  if (!open.includes(tag)) return '';
  let closed = '';
  for (let last = open.pop(); last !== undefined; last = open.pop()) {
    closed += `</${last}>`;
    if (last === tag) break;
  }
  return closed;
}

/**
 * HTML with nothing in it but the tags and attributes of the lists above, every tag closed in order. By allowlist: what is not
 * known is not let through, so a new trick of a browser finds nothing to work with.
 */
export function sanitizeHtml(html: string): string {
  const open: string[] = [];
  let safe = '';
  let silent: string | undefined;
  for (const [token, slash, name, rest = ''] of html.matchAll(TOKEN)) {
    const tag = name?.toLowerCase();
    if (silent !== undefined) {
      if (slash === '/' && tag === silent) silent = undefined;
      continue;
    }
    if (tag === undefined) {
      if (!token.startsWith('<!--')) safe += escapeText(token);
    } else if (SILENT.has(tag)) {
      if (slash === '' && !rest.endsWith('/')) silent = tag;
    } else if (TAGS.has(tag)) {
      if (slash === '/') safe += closeTo(open, tag);
      else {
        safe += `<${tag}${attributesOf(rest)}>`;
        if (!VOID.has(tag)) open.push(tag);
      }
    }
  }
  return safe + open.toReversed().map((tag) => `</${tag}>`).join('');
}
