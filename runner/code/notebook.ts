/** The code of a notebook: its code cells, one after the other. Outputs, metadata, counts and prose are not code. */

export interface Cell {
  readonly id: string;
  readonly source: string;
  readonly tags: readonly string[];
}

interface RawCell {
  readonly cell_type?: string;
  readonly id?: string;
  readonly source?: string | readonly string[];
  readonly metadata?: { readonly tags?: readonly string[] };
}

/** The code cells of the text of an .ipynb, or why it has none. */
export function codeCells(text: string): { readonly ok: true; readonly cells: readonly Cell[] } | { readonly ok: false; readonly why: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
  const cells = (parsed as { readonly cells?: unknown } | null)?.cells;
  if (!Array.isArray(cells)) return { ok: false, why: 'it has no list of cells' };
  const code = (cells as readonly RawCell[])
    .filter((cell) => cell.cell_type === 'code')
    .map((cell, index): Cell => ({ id: cell.id ?? String(index), source: [cell.source ?? ''].flat().join(''), tags: cell.metadata?.tags ?? [] }));
  return { ok: true, cells: code };
}

/** All code cells as one module. */
export function notebookModule(cells: readonly Cell[]): string {
  return `${cells.map((cell) => cell.source).join('\n;\n')}\nexport {};\n`;
}
