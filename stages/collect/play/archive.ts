import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const KEPT = 20;

/** Texts of an answer by their length: enough to see how a layout changed, and nobody is named. Ids of calls and the like are short and stay. */
function redact(value: unknown): unknown {
  if (typeof value === 'string') {
    const inner = /^[[{]/.test(value) ? parse(value) : undefined;
    if (inner !== undefined) return { json: redact(inner) };
    return value.length <= 8 && /^[\w.]*$/.test(value) ? value : `<${value.length} characters>`;
  }
  if (Array.isArray(value)) return value.map(redact);
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redact(inner)]));
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A text that only looks like JSON.
    return undefined;
  }
}

export function redactAnswer(body: string): string {
  const start = body.indexOf('\n') + 1;
  const outer = body.startsWith(")]}'") ? parse(body.slice(start)) : undefined;
  // What cannot be parsed may be a page of an error or a cut answer with texts in it: letters and digits go, the rest shows what it was.
  return outer === undefined ? body.slice(0, 200) + body.slice(200, 100_000).replaceAll(/[\p{L}\p{N}]/gu, 'x') : `${body.slice(0, start)}${JSON.stringify(redact(outer), null, 1)}`;
}

export interface Archive {
  readonly folder: string;
  readonly how: 'redacted' | 'whole';
  /** `20261123T210000Z-com.valar.pintu-id-2` */
  readonly name: string;
}

/** Keeps an answer that could not be understood, for the post-mortem; the newest twenty stay. The name of its file. */
export function archiveAnswer(body: string, { folder, how, name }: Archive): string {
  mkdirSync(folder, { recursive: true });
  const file = `${name.replaceAll(/[^\w.-]/g, '_')}.txt.gz`;
  writeFileSync(path.join(folder, file), gzipSync(how === 'whole' ? body : redactAnswer(body)), { mode: 0o600 });
  for (const old of readdirSync(folder).sort().slice(0, -KEPT)) rmSync(path.join(folder, old), { force: true });
  return file;
}
