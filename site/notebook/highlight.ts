import { escapeHtml } from '../charts/svg.ts';

const PARTS =
  /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\b(import|from|export|const|let|for|of|in|if|else|return|await|async|function|new|type|interface|as|null|undefined|true|false|while|switch|case|default|throw)\b|\b(\d[\d_.]*)\b/g;
const CLASSES = ['comment', 'string', 'keyword', 'number'] as const;

/** TypeScript as HTML with comments, strings, keywords and numbers marked: enough to read by, without a grammar to ship. */
export function highlight(code: string): string {
  let at = 0;
  let html = '';
  for (const match of code.matchAll(PARTS)) {
    const kind = CLASSES[match.slice(1).findIndex((group) => group !== undefined)] ?? 'string';
    html += `${escapeHtml(code.slice(at, match.index))}<span class="code-${kind}">${escapeHtml(match[0])}</span>`;
    at = match.index + match[0].length;
  }
  return html + escapeHtml(code.slice(at));
}
