import type { Row } from './estimators/score.ts';
import type { LoadedModel } from './model.ts';
import { eachCharacterGram, eachWordGram } from './vectorize/ngrams.ts';
import type { Document } from './vectorize/ngrams.ts';
import { weigh } from './vectorize/tfidf.ts';

/** Words whose features are kept; then all are forgotten, so that texts made to be new each time cost no more memory than this. */
const WORDS_MAX = 20_000;
/** Longer ones are hardly met twice. */
const WORD_LENGTH_MAX = 40;

type Block = LoadedModel['blocks'][number];

/** Gives each feature that a document has to `use`, as often as it has it. */
type Finder = (document: Document, use: (feature: number) => void) => void;

function findWords(block: Block, range: readonly [number, number]): Finder {
  return (document, use) =>
    eachWordGram(document.tokens, range, (gram) => {
      const feature = block.index.get(gram);
      if (feature !== undefined) use(feature);
    });
}

/** Character n-grams lie inside of words, and words come again: what was found in one is kept. */
function findCharacters(block: Block, range: readonly [number, number]): Finder {
  const known = new Map<string, readonly number[]>();
  const find = (word: string): readonly number[] => {
    const found: number[] = [];
    eachCharacterGram(word, range, (gram) => {
      const feature = block.index.get(gram);
      if (feature !== undefined) found.push(feature);
    });
    if (word.length > WORD_LENGTH_MAX) return found;
    if (known.size >= WORDS_MAX) known.clear();
    known.set(word, found);
    return found;
  };
  return ({ text }, use) => {
    for (const word of text.split(' ')) {
      if (word === '') continue;
      const features = known.get(word) ?? find(word);
      for (let index = 0; index < features.length; index++) use(features[index] ?? 0);
    }
  };
}

/**
 * Makes the row of a document: its features ascending with their TF-IDF weights, one block after the other, each of unit length.
 * The counts lie in an array over all features that is cleared after use: there is no object a feature.
 */
export function createRows(loaded: LoadedModel): (document: Document) => Row {
  const { words, characters, sublinear } = loaded.artefact.features;
  const finders = loaded.blocks.map((block) => (block.kind === 'words' ? findWords(block, words) : characters === null ? undefined : findCharacters(block, characters)));
  const counts = loaded.blocks.map(({ index }) => new Float64Array(index.size));
  return (document) => {
    const parts = loaded.blocks.map((block, place) => {
      const counted = counts[place] ?? new Float64Array(0);
      const touched: number[] = [];
      finders[place]?.(document, (feature) => {
        const count = counted[feature] ?? 0;
        if (count === 0) touched.push(feature);
        counted[feature] = count + 1;
      });
      const indices = Int32Array.from(touched).sort();
      const values = new Float64Array(indices.length);
      for (let entry = 0; entry < indices.length; entry++) {
        const feature = indices[entry] ?? 0;
        values[entry] = counted[feature] ?? 0;
        counted[feature] = 0;
      }
      weigh(values, (entry) => block.idf[indices[entry] ?? 0] ?? 0, sublinear);
      for (let entry = 0; entry < indices.length; entry++) indices[entry] = (indices[entry] ?? 0) + block.shift;
      return { indices, values };
    });
    return joined(parts);
  };
}

function joined(parts: readonly Row[]): Row {
  const [first, second] = parts;
  if (first === undefined) return { indices: new Int32Array(0), values: new Float64Array(0) };
  if (second === undefined) return first;
  const indices = new Int32Array(first.indices.length + second.indices.length);
  const values = new Float64Array(indices.length);
  indices.set(first.indices);
  indices.set(second.indices, first.indices.length);
  values.set(first.values);
  values.set(second.values, first.values.length);
  return { indices, values };
}
