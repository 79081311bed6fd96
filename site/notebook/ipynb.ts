import { z } from 'zod';

/** Texts in notebooks are strings or lists of lines. */
const Text = z.union([z.string(), z.array(z.string())]).transform((text) => (typeof text === 'string' ? text : text.join('')));
const Bundle = z.record(z.string(), z.unknown());

const Output = z.discriminatedUnion('output_type', [
  z.object({ output_type: z.literal('stream'), name: z.string().default('stdout'), text: Text }),
  z.object({ output_type: z.literal('display_data'), data: Bundle }),
  z.object({ output_type: z.literal('execute_result'), data: Bundle }),
  z.object({ output_type: z.literal('error'), ename: z.string(), evalue: z.string() }),
]);
export type Output = z.infer<typeof Output>;

const Metadata = z.object({ tags: z.array(z.string()).optional() }).loose().optional();
const Cell = z.discriminatedUnion('cell_type', [
  z.object({ cell_type: z.literal('markdown'), source: Text, metadata: Metadata }),
  z.object({ cell_type: z.literal('raw'), source: Text, metadata: Metadata }),
  z.object({ cell_type: z.literal('code'), source: Text, metadata: Metadata, outputs: z.array(Output).default([]) }),
]);
export type Cell = z.infer<typeof Cell>;

const Notebook = z.object({ cells: z.array(Cell), metadata: z.object({ language_info: z.object({ name: z.string() }).loose().optional() }).loose().optional() });

/** The cells of a notebook in nbformat 4; null where the text is none. */
export function readNotebook(text: string): readonly Cell[] | null {
  try {
    const read = Notebook.safeParse(JSON.parse(text));
    return read.success ? read.data.cells : null;
  } catch {
    // Not JSON, so no notebook: the page says that it could not be read.
    return null;
  }
}

/** A value of a mime bundle as text, whichever of the two forms it has. */
export function bundleText(value: unknown): string | null {
  const read = Text.safeParse(value);
  return read.success ? read.data : null;
}
