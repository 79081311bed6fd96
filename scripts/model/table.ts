/** Reasons come through the API too: what would move the cursor of a terminal is no part of a cell. */
const plain = (cell: string): string => cell.replaceAll(/\p{Cc}+/gu, ' ');

/** Columns as wide as their widest cell; the last one is cut where a narrow terminal ends. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], columns = process.stdout.columns ?? Infinity): string {
  const all = [head, ...rows.map((row) => row.map(plain))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd())
    .map((line) => (line.length > columns ? `${line.slice(0, Math.max(1, columns - 1))}…` : line))
    .join('\n');
}
