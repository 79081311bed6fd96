import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const KEPT = 20;

const GUARD = ")]}'";
/** What the protocol itself says in the frames around the rows. Whatever else is a text there is masked: names and texts are short, too. */
const PROTOCOL: ReadonlySet<string> = new Set(['wrb.fr', 'UsvDTd', 'er', 'di', 'e', 'generic', 'af.httprm']);

const masked = (text: string): string => `<${text.length} characters>`;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A text that only looks like JSON.
    return undefined;
  }
}

/** Every text by its length, keys as well, since a new layout may have people's words for keys: enough to see how it is built. */
function redact(value: unknown): unknown {
  if (typeof value === 'string') return masked(value);
  if (Array.isArray(value)) return value.map(redact);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner], index) => [`${index}: ${masked(key)}`, redact(inner)]));
}

/** Only the cells of frames are words of the protocol, or rows as text; within rows every text is of people. */
function redactFrame(frame: unknown): unknown {
  if (!Array.isArray(frame)) return redact(frame);
  return frame.map((cell: unknown) => {
    if (typeof cell !== 'string' || PROTOCOL.has(cell)) return typeof cell === 'string' ? cell : redact(cell);
    const rows = /^[[{]/.test(cell) ? parse(cell) : undefined;
    return rows === undefined ? masked(cell) : { json: redact(rows) };
  });
}

/** Of the protocol, what is nobody's name. Quotes within rows have a backslash before them. */
const WORDS = '(?<!\\\\)"(?:wrb\\.fr|UsvDTd|generic|af\\.httprm)"';
/** By what elements a page of an error is known. */
const ELEMENTS = '(?i:</?(?:!doctype|html|head|title|meta|link|style|script|noscript|body|div|span|p|a|h1|h2|h3|br|hr|img|form|input|button|center|pre|table|tr|td|ul|li|iframe|svg)(?![\\w-]))';
const CHARACTER = '[^\\s!-/:-@[-`{-~]';
const PIECE = new RegExp(`${WORDS}|${ELEMENTS}|${CHARACTER}`, 'gu');

/** What is left of a text that is no JSON, a page of an error or a cut answer: elements, brackets, quotes and their like. */
export function structureOf(text: string): string {
  return text.replaceAll(PIECE, (piece) => (/^["<]/.test(piece) ? piece : 'x'));
}

/** An answer without what people wrote: names, texts, ids and addresses of pictures by their length only. Numbers stay. */
export function redactAnswer(body: string): string {
  const outer = body.startsWith(GUARD) ? parse(body.slice(GUARD.length)) : undefined;
  if (outer === undefined) return structureOf(body.slice(0, 100_000));
  return `${GUARD}\n\n${JSON.stringify(Array.isArray(outer) ? outer.map(redactFrame) : redact(outer), null, 1)}`;
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
