import { readFileSync } from 'node:fs';
import path from 'node:path';
import { normalize } from '../../ml/text/normalize.ts';
import { tokenize } from '../../ml/text/tokenize.ts';
import type { Review } from '../../schema/review.ts';
import { filesBeneath } from './traces.ts';

const TEXT = { stopwords: 'none', slang: true, punctuation: true } as const;

/** Words of a text, and each two in a row: what a model's vocabulary is made of. */
function termsOf(text: string): readonly string[] {
  const tokens = tokenize(normalize(text), TEXT);
  return [...tokens, ...tokens.slice(1).map((token, index) => `${tokens[index] ?? ''} ${token}`)];
}

/** Terms of the erased texts that no remaining review has. */
export function ownTerms(erased: readonly Review[], remaining: readonly Review[]): ReadonlySet<string> {
  const own = new Set(erased.flatMap(({ text }) => termsOf(text)));
  for (const { text } of remaining) {
    if (own.size === 0) break;
    for (const term of termsOf(text)) own.delete(term);
  }
  return own;
}

/** Files of models whose vocabulary holds one of the terms, and which. */
export function modelsWith(workspace: string, terms: ReadonlySet<string>): readonly { readonly file: string; readonly terms: readonly string[] }[] {
  if (terms.size === 0) return [];
  const files = ['models', 'data/train', 'data/champion', 'data/select', 'releases'].flatMap((folder) => filesBeneath(path.join(workspace, folder))).filter((file) => path.basename(file) === 'model.json');
  return files.flatMap((file) => {
    const content = readFileSync(file, 'utf8');
    const found = [...terms].filter((term) => content.includes(JSON.stringify(term)));
    return found.length === 0 ? [] : [{ file, terms: found }];
  });
}
