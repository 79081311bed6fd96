import type { LoadedBlock, LoadedModel } from './model.ts';
import { createBytes } from './text/bytes.ts';
import { HASH_SEED, Memo, hashByte } from './text/memo.ts';
import type { Span } from './text/memo.ts';
import type { Document } from './vectorize/ngrams.ts';
import { FeatureTally } from './vectorize/tally.ts';

type Range = readonly [number, number];

/** Counts the features that a document has. */
type Counter = (document: Document, tally: FeatureTally) => void;

const SPACE = 32;
/** The symbol of a word that no term has. */
const UNKNOWN = -1;

/** As `eachWordGram`, by the numbers of the words. */
function countWords({ trie, numbers }: LoadedBlock, [from, to]: Range): Counter {
  const symbols: number[] = [];
  return ({ tokens }, tally) => {
    for (let at = 0; at < tokens.length; at++) symbols[at] = numbers.get(tokens[at] as string) ?? UNKNOWN;
    for (let start = 0; start < tokens.length; start++) {
      let node = 0;
      for (let n = 1; n <= to && start + n <= tokens.length; n++) {
        const symbol = symbols[start + n - 1] as number;
        node = symbol === UNKNOWN ? -1 : trie.step(node, symbol);
        if (node === -1) break;
        const feature = trie.features[node] as number;
        if (n >= from && feature !== -1) tally.add(feature);
      }
    }
  };
}

/** The features of the character n-grams of one word, each as often as it is there: as `eachCharacterGram`. */
function featuresOf(word: string, { trie }: LoadedBlock, [from, to]: Range): Int32Array {
  const points = Array.from(` ${word} `, (character) => character.codePointAt(0) ?? 0);
  // A word that is shorter than the shortest n-gram gives itself.
  const least = Math.min(from, points.length);
  const found: number[] = [];
  for (let start = 0; start < points.length; start++) {
    let node = 0;
    for (let n = 1; n <= to && start + n <= points.length; n++) {
      node = trie.step(node, points[start + n - 1] ?? 0);
      if (node === -1) break;
      const feature = trie.features[node] as number;
      if (n >= least && feature !== -1) found.push(feature);
    }
  }
  return Int32Array.from(found);
}

/** Character n-grams lie inside of words, and words come again: what was found in one is kept. */
function countCharacters(block: LoadedBlock, range: Range): Counter {
  const memo = new Memo<Int32Array>();
  const loaded = createBytes();
  const { bytes } = loaded;
  const find = (word: string): Int32Array => featuresOf(word, block, range);
  const addAll = (features: Int32Array, tally: FeatureTally): void => {
    for (let index = 0; index < features.length; index++) tally.add(features[index] as number);
  };
  const span: Span = { from: 0, end: 0, hash: HASH_SEED };
  let here = '';
  const make = (): Int32Array => find(here.slice(span.from, span.end));
  return ({ text }, tally) => {
    if (loaded.load(text) !== text.length) {
      for (const word of text.split(' ')) if (word !== '') addAll(memo.findText(word, find), tally);
      return;
    }
    here = text;
    span.from = 0;
    span.hash = HASH_SEED;
    for (let at = 0; at <= text.length; at++) {
      const byte = at === text.length ? SPACE : (bytes[at] as number);
      if (byte !== SPACE) {
        span.hash = hashByte(span.hash, byte);
        continue;
      }
      span.end = at;
      if (at > span.from) addAll(memo.find(bytes, span, make), tally);
      span.from = at + 1;
      span.hash = HASH_SEED;
    }
  };
}

/** A block of the model, and what of it one document has. */
export interface Counted {
  readonly block: LoadedBlock;
  readonly tally: FeatureTally;
}

/** Counts the features of documents, block by block. The tallies are the same ones each time, cleared first: no object is made for a text. */
export function createCounter({ features, blocks }: LoadedModel): (document: Document) => readonly Counted[] {
  const { words, characters } = features;
  const parts = blocks.flatMap((block) => {
    const count = block.kind === 'words' ? countWords(block, words) : characters === null ? undefined : countCharacters(block, characters);
    return count === undefined ? [] : [{ block, count, tally: new FeatureTally(block.idf.length) }];
  });
  return (document) => {
    for (const { count, tally } of parts) {
      tally.clear();
      count(document, tally);
    }
    return parts;
  };
}
