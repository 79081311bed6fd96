import { writeFileSync } from 'node:fs';
import type { Read } from './problem.ts';
import { readText } from './text-file.ts';

/** One JSON value a line. */
export function writeJsonl(file: string, rows: readonly unknown[]): void {
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

export function readJsonl(file: string, shown = file): Read<readonly { readonly line: number; readonly value: unknown }[]> {
  const text = readText(file, shown);
  if (!text.ok) return text;
  const rows: { line: number; value: unknown }[] = [];
  for (const [index, line] of text.rows.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      rows.push({ line: index + 1, value: JSON.parse(line) });
    } catch (error) {
      return { ok: false, problem: { kind: 'malformed', file: shown, line: index + 1, why: error instanceof Error ? error.message : String(error) } };
    }
  }
  return { ok: true, rows };
}
