import { writeFileSync } from 'node:fs';

/** A value as JSON for people and for diffs: two spaces, a newline at the end, keys in the order they have. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function writeJson(file: string, value: unknown): void {
  writeFileSync(file, toJson(value));
}
