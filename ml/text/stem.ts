import { createRequire } from 'node:module';
import type { Stem } from './tokenize.ts';

/**
 * The Indonesian stemmer of the package natural (a port of Sastrawi). It keeps its state in the module and is slow, so each
 * distinct token is stemmed once. Reached by its own file: the package's root loads database drivers and reads ./.env.
 * Only stages use it; the browser refuses models made with it.
 */
export function createStem(): Stem {
  const load = createRequire(import.meta.url);
  const stemmer = load('natural/lib/natural/stemmers/indonesian/stemmer_id.js') as { stem(token: string): string };
  const known = new Map<string, string>();
  return (token) => {
    const stemmed = known.get(token) ?? (/^[a-z-]+$/.test(token) ? stemmer.stem(token) : token);
    known.set(token, stemmed);
    return stemmed;
  };
}
