import type { EstimatorName, Label } from '../schema/app.ts';
import type { FeatureParams, TextParams } from '../schema/params.ts';
import { decodeFloats, decodeInts, encodeFloats, encodeInts } from './base64.ts';
import type { FittedModel } from './estimators/estimator.ts';
import type { Block } from './vectorize/tfidf.ts';
import { GramTrie } from './vectorize/trie.ts';

/**
 * A model as a file (model.json): everything that prediction needs, from the raw text on. Numbers are Float32 or Int32,
 * little-endian, in base64. Whoever predicts, predicts from this: batch, API and browser therefore agree to the last bit.
 */
export interface ModelArtefact {
  readonly format: 1;
  readonly estimator: EstimatorName;
  readonly labels: readonly Label[];
  readonly text: TextParams;
  readonly features: FeatureParams;
  readonly blocks: readonly { readonly kind: Block['kind']; readonly terms: readonly string[]; readonly idf: string }[];
  readonly model:
    | { readonly kind: 'linear'; readonly weights: string; readonly bias: string }
    | { readonly kind: 'forest'; readonly roots: string; readonly nodes: string; readonly children: string; readonly thresholds: string; readonly shares: string };
}

/** A block of features ready to be found in texts. */
export interface LoadedBlock {
  readonly kind: Block['kind'];
  readonly trie: GramTrie;
  /** The symbol of each word in the trie; nothing where characters are the symbols. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly idf: Float32Array;
  /** Where its features begin among all. */
  readonly shift: number;
}

/** A model ready to predict: n-grams as paths of numbers, numbers as arrays. */
export interface LoadedModel {
  readonly labels: readonly Label[];
  readonly text: TextParams;
  readonly features: FeatureParams;
  readonly blocks: readonly LoadedBlock[];
  /** Of the words, for those who want to read them. */
  readonly terms: readonly string[];
  readonly model: FittedModel;
  readonly featureCount: number;
}

export interface ModelParts {
  readonly estimator: EstimatorName;
  readonly labels: readonly Label[];
  readonly text: TextParams;
  readonly features: FeatureParams;
  readonly blocks: readonly Block[];
  readonly model: FittedModel;
}

function exportFitted(model: FittedModel): ModelArtefact['model'] {
  if (model.kind === 'linear') return { kind: 'linear', weights: encodeFloats(model.weights), bias: encodeFloats(model.bias) };
  return {
    kind: 'forest', roots: encodeInts(model.roots), nodes: encodeInts(model.features), children: encodeInts(model.children),
    thresholds: encodeFloats(model.thresholds), shares: encodeFloats(model.shares),
  };
}

export function exportModel(parts: ModelParts): ModelArtefact {
  const { estimator, labels, text, features, blocks, model } = parts;
  return {
    format: 1, estimator, labels, text, features,
    blocks: blocks.map(({ kind, terms, idf }) => ({ kind, terms, idf: encodeFloats(idf) })),
    model: exportFitted(model),
  };
}

function importFitted(model: ModelArtefact['model'], classes: number): FittedModel {
  if (model.kind === 'linear') return { kind: 'linear', classes, weights: decodeFloats(model.weights), bias: decodeFloats(model.bias) };
  return {
    kind: 'forest', classes, roots: decodeInts(model.roots), features: decodeInts(model.nodes), children: decodeInts(model.children),
    thresholds: decodeFloats(model.thresholds), shares: decodeFloats(model.shares),
  };
}

function importWords(terms: readonly string[]): Pick<LoadedBlock, 'trie' | 'numbers'> {
  const numbers = new Map<string, number>();
  const numberOf = (word: string): number => {
    const known = numbers.get(word);
    if (known !== undefined) return known;
    numbers.set(word, numbers.size);
    return numbers.size - 1;
  };
  return { trie: new GramTrie(terms.map((term) => term.split(' ').map(numberOf))), numbers };
}

function importCharacters(terms: readonly string[]): Pick<LoadedBlock, 'trie' | 'numbers'> {
  return { trie: new GramTrie(terms.map((term) => Array.from(term, (character) => character.codePointAt(0) ?? 0))), numbers: new Map() };
}

export function importModel({ labels, text, features, blocks: exported, model }: ModelArtefact): LoadedModel {
  let shift = 0;
  const blocks = exported.map(({ kind, terms, idf }): LoadedBlock => {
    const block = { kind, ...(kind === 'words' ? importWords(terms) : importCharacters(terms)), idf: decodeFloats(idf), shift };
    shift += terms.length;
    return block;
  });
  return { labels, text, features, blocks, terms: exported.find(({ kind }) => kind === 'words')?.terms ?? [], model: importFitted(model, labels.length), featureCount: shift };
}
