import { createStem } from '../../ml/text/stem.ts';
import { tokenize } from '../../ml/text/tokenize.ts';
import type { Stem } from '../../ml/text/tokenize.ts';
import type { Document } from '../../ml/vectorize/ngrams.ts';
import { LABELS } from '../../schema/app.ts';
import type { Label } from '../../schema/app.ts';
import type { TextParams } from '../../schema/params.ts';

interface Row {
  readonly text: string;
  readonly tokens: string;
}

/** A row as `clean` left it: its tokens were made under the text params of this run. */
export function documentOf({ text, tokens }: Row): Document {
  return { text, tokens: tokens === '' ? [] : tokens.split(' ') };
}

/** The stemmer, only for models that were trained with it. */
export function stemFor(params: TextParams): Stem | undefined {
  return params.stem === 'none' ? undefined : createStem();
}

/** A row as a model made under other text params would see it: tokens anew from the normalised text. */
export function documentUnder(row: Row, params: TextParams, stem: Stem | undefined): Document {
  return { text: row.text, tokens: tokenize(row.text, params, stem) };
}

/** Labels that occur, in the order of all labels. A model learns these and no others: nothing is known of the rest. */
export function labelsIn(rows: readonly { readonly label: Label }[]): readonly Label[] {
  const found = new Set(rows.map(({ label }) => label));
  return LABELS.filter((label) => found.has(label));
}

/** Labels as indices into `labels`. */
export function targetOf(rows: readonly { readonly label: Label }[], labels: readonly Label[]): Uint8Array {
  return Uint8Array.from(rows, ({ label }) => labels.indexOf(label));
}

/** How often each value occurs, keys sorted by code unit. */
export function countsOf(values: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of values.map(String).sort()) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}
