import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { readJson } from '../../../runner/disk.ts';
import type { Erasing } from '../../../storage/erasing.ts';
import { CODE } from '../place.ts';
import { filesBeneath } from '../traces.ts';
import { formsReader, waysOfText } from './forms.ts';
import { heldByFiles, heldByStores } from './held.ts';
import type { Held } from './held.ts';

/** Parts of the program whose own words stand in what a run leaves: pages with examples of reviews, logs, code that was made ready for notebooks. */
const OWN = ['site', 'stages', 'runner', 'ml', 'notebooks'];
/** Not what was made there of reviews, where the workspace is the folder of the code, nor the phrases of the sample, which are reviews. */
const MADE: ReadonlySet<string> = new Set(['dist', '.astro', 'node_modules', 'sample']);

/** Of a notebook what its cells say, not what came out when somebody ran it. */
function cellsOf(notebook: string): string {
  const parsed = z.object({ cells: z.array(z.object({ source: z.union([z.string(), z.array(z.string())]) })) }).safeParse(readJson(notebook));
  return parsed.success ? parsed.data.cells.map(({ source }) => [source].flat().join('')).join('\n') : '';
}

function* ownWords(): Generator<string> {
  for (const file of OWN.flatMap((part) => filesBeneath(path.join(CODE, part), MADE))) {
    if (file.endsWith('.ipynb')) yield cellsOf(file);
    else if (/\.(?:ts|js|astro|css)$/.test(file)) yield readFileSync(file, 'utf8');
  }
}

/** Strikes pieces out that stand in a text. */
function strike(pieces: Set<string>, text: string): void {
  if (pieces.size === 0) return;
  const small = text.toLowerCase();
  for (const piece of pieces) if (small.includes(piece)) pieces.delete(piece);
}

interface Saying {
  readonly erasing: readonly Erasing[];
  readonly held: readonly Held[];
  readonly terms: Iterable<string>;
}

/** Of all pieces those that give somebody away. */
function ownPieces(workspace: string, { erasing, held, terms }: Saying): ReadonlySet<string> {
  const pieces = new Set(erasing.flatMap(({ traces }) => traces.flatMap((trace) => trace.pieces)));
  for (const term of terms) strike(pieces, term);
  for (const words of ownWords()) strike(pieces, words);
  const going = new Map(erasing.map(({ dataset, traces }) => [dataset, new Set(traces.map(({ id }) => id))]));
  const formsOf = formsReader(waysOfText(workspace));
  for (const { dataset, review } of held) {
    if (pieces.size === 0) break;
    if (going.get(dataset)?.has(review.id) === true) continue;
    for (const form of formsOf(review)) strike(pieces, form);
  }
  return pieces;
}

/**
 * What is still to be erased without the pieces that others say too, in whatever form a file holds what they said: these give nobody
 * away, and stay for ever. Asked each time before files are looked at, since others write meanwhile, and a run may make tokens in
 * another way. Nor is looked for what stands in `terms`, of models that are named and go on serving. Where a raw store cannot be
 * reached, files are looked at for more than they would have to be.
 */
export async function unshared(workspace: string, erasing: readonly Erasing[], terms: Iterable<string> = []): Promise<readonly Erasing[]> {
  if (erasing.every(({ traces }) => traces.every(({ pieces }) => pieces.length === 0))) return erasing;
  const stored = await heldByStores(workspace);
  const files = heldByFiles(workspace);
  const own = ownPieces(workspace, { erasing, held: [...(stored.ok ? stored.value : []), ...files.now, ...files.before], terms });
  return erasing.map((one) => ({ ...one, traces: one.traces.map((trace) => ({ ...trace, pieces: trace.pieces.filter((piece) => own.has(piece)) })) }));
}
