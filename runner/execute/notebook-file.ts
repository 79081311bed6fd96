import type { Message } from './kernel-wire.ts';

/** A notebook as nbformat 4.5 has it: only what is used here is named. */
export interface NotebookCell {
  readonly cell_type: 'code' | 'markdown' | 'raw';
  readonly id: string;
  readonly metadata: { readonly tags?: readonly string[] };
  readonly source: readonly string[];
  execution_count?: number | null;
  outputs?: readonly Output[];
}

export interface Notebook {
  readonly cells: readonly NotebookCell[];
  readonly metadata: unknown;
  readonly nbformat: 4;
  readonly nbformat_minor: 5;
}

export type Output =
  | { readonly output_type: 'stream'; readonly name: string; readonly text: readonly string[] }
  | { readonly output_type: 'display_data'; readonly data: unknown; readonly metadata: unknown }
  | { readonly output_type: 'execute_result'; readonly data: unknown; readonly metadata: unknown; readonly execution_count: number };

export const linesOf = (text: string): readonly string[] => text.split(/(?<=\n)/).filter((line) => line !== '');

interface RawCell {
  readonly cell_type?: string;
  readonly id?: string;
  readonly metadata?: { readonly tags?: readonly string[] };
  readonly source?: string | readonly string[];
}

/** Reads the cells of a notebook; outputs, counts and what editors leave in the metadata are dropped. Ids missing in older files are counted. */
export function parseNotebook(text: string): Notebook {
  const raw = JSON.parse(text) as { readonly cells: readonly RawCell[] };
  const cells = raw.cells.map((cell, index): NotebookCell => {
    const tags = cell.metadata?.tags;
    return {
      cell_type: cell.cell_type === 'code' ? 'code' : cell.cell_type === 'raw' ? 'raw' : 'markdown', id: cell.id ?? `cell-${index + 1}`,
      metadata: tags === undefined ? {} : { tags }, source: linesOf([cell.source ?? ''].flat().join('')),
    };
  });
  const metadata = { kernelspec: { display_name: 'ulasan (TypeScript)', language: 'typescript', name: 'ulasan' }, language_info: { name: 'typescript', file_extension: '.ts', mimetype: 'text/x.typescript' } };
  return { cells, metadata, nbformat: 4, nbformat_minor: 5 };
}

/** Messages of a cell as outputs; text of one stream that came in pieces is put together. */
export function outputsOf(messages: readonly Message[], count: number): readonly Output[] {
  const outputs: Output[] = [];
  for (const { type, content } of messages) {
    const last = outputs.at(-1);
    if (type === 'stream') {
      const name = String(content.name);
      const text = String(content.text);
      if (last?.output_type === 'stream' && last.name === name) outputs[outputs.length - 1] = { ...last, text: linesOf(last.text.join('') + text) };
      else outputs.push({ output_type: 'stream', name, text: linesOf(text) });
    } else if (type === 'display_data') outputs.push({ output_type: type, data: content.data, metadata: content.metadata ?? {} });
    else if (type === 'execute_result') outputs.push({ output_type: type, data: content.data, metadata: content.metadata ?? {}, execution_count: count });
  }
  return outputs;
}
