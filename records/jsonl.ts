import { writeBlocks } from './blocks.ts';
import type { Target } from './blocks.ts';
import type { Read } from './problem.ts';
import { readText } from './text-file.ts';

/** One JSON value a line. */
export function writeJsonl(target: Target, rows: readonly unknown[]): void {
  function* lines(): Generator<string> {
    for (const row of rows) yield `${JSON.stringify(row)}\n`;
  }
  writeBlocks(target, lines());
}

/** Why a text is no JSON. Where the engine would show a piece of it, which may be what somebody wrote, it is left out. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.endsWith('is not valid JSON') ? 'it holds a character where JSON has none' : message;
}

/** More digits in a row than a number holds exactly. */
const LONG_NUMBER = /\d{16}/;

/** JSON in which a whole number that is too large to be one is the text of its digits: an id, which rounded would be that of others. */
export function parseExactly(json: string): unknown {
  if (!LONG_NUMBER.test(json)) return JSON.parse(json);
  const exact = (_: string, value: unknown, { source = '' }: { readonly source?: string } = {}): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? source : value;
  return JSON.parse(json, exact as (key: string, value: unknown) => unknown);
}

interface JsonlVisitor {
  onValue(value: unknown, line: number): void;
  /** How a line is read; as JSON where nothing else is asked for. */
  readonly parse?: (json: string) => unknown;
}

/** Hands over each value and its line. Blank lines are passed over; the first line that is no JSON ends it. */
export function visitJsonl(text: string, shown: string, { onValue, parse = JSON.parse }: JsonlVisitor): Read<null> {
  let line = 0;
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf('\n', at);
    const end = next === -1 ? text.length : next;
    const json = text.slice(at, end);
    at = end + 1;
    line++;
    if (!/\S/.test(json)) continue;
    let value: unknown;
    try {
      value = parse(json);
    } catch (error) {
      return { ok: false, problem: { kind: 'malformed', file: shown, line, why: reasonOf(error) } };
    }
    onValue(value, line);
  }
  return { ok: true, rows: null };
}

export function readJsonl(file: string, shown = file): Read<readonly { readonly line: number; readonly value: unknown }[]> {
  const text = readText(file, shown);
  if (!text.ok) return text;
  const rows: { line: number; value: unknown }[] = [];
  const read = visitJsonl(text.rows, shown, { onValue: (value, line) => void rows.push({ line, value }) });
  return read.ok ? { ok: true, rows } : read;
}
