import type { Label } from '../schema/app.ts';
import type { Row } from './estimators/score.ts';
import { createCounter } from './features.ts';
import { argmax } from './math.ts';
import { importModel } from './model.ts';
import type { LoadedModel, ModelArtefact } from './model.ts';
import { createShares, rowOf } from './shares.ts';
import { normalize } from './text/normalize.ts';
import { tokenize } from './text/tokenize.ts';
import type { Stem } from './text/tokenize.ts';
import type { Document } from './vectorize/ngrams.ts';

export interface TermWeight {
  readonly term: string;
  /** How much the term adds to the score of the label beyond its mean over all labels. */
  readonly weight: number;
}

export interface Predicted {
  readonly label: Label;
  readonly probabilities: Readonly<Record<Label, number>>;
}

export interface Predictor {
  /** From what a person typed. */
  predict(raw: string): Predicted;
  /** From a text that is normalised and tokenised already: the same bits. */
  predictDocument(document: Document): Predicted;
  /** Both at once, for half of the work. */
  explained(raw: string, limit: number): Predicted & { readonly terms: readonly TermWeight[] };
  /** The words that decided, strongest first. Only linear models can say. */
  explain(raw: string, limit: number): readonly TermWeight[];
  /** Share of the single words of a document that the model does not know, and how many there are. */
  unknownWords(document: Document): { readonly unknown: number; readonly words: number };
}

function explainLinear(loaded: LoadedModel, row: Row, { label, limit }: { readonly label: number; readonly limit: number }): readonly TermWeight[] {
  const { model, blocks, terms } = loaded;
  if (model.kind !== 'linear') return [];
  const shift = blocks.find(({ kind }) => kind === 'words')?.shift ?? 0;
  const found: TermWeight[] = [];
  for (let entry = 0; entry < row.size; entry++) {
    const feature = row.indices[entry] ?? 0;
    const term = terms[feature - shift];
    if (term === undefined) continue;
    const at = (k: number): number => model.weights[feature * model.classes + k] ?? 0;
    let sum = 0;
    for (let k = 0; k < model.classes; k++) sum += at(k);
    found.push({ term, weight: (row.values[entry] ?? 0) * (at(label) - sum / model.classes) });
  }
  return found.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || (a.term < b.term ? -1 : 1)).slice(0, limit);
}

/** Prediction from an exported model. Runs in stages, in the API and in the browser alike. */
export function createPredictor(artefact: ModelArtefact, stem?: Stem): Predictor {
  const loaded = importModel(artefact);
  const { labels, text: params } = loaded;
  if (params.stem !== 'none' && stem === undefined) throw new RangeError(`Cannot predict with stem "${params.stem}" as no stemmer was given: train with clean.text.stem none for the browser`);
  const documentOf = (raw: string): Document => {
    const text = normalize(raw);
    return { text, tokens: tokenize(text, params, stem) };
  };
  const count = createCounter(loaded);
  const sharesOf = createShares(loaded);
  const named = (shares: Float64Array): Predicted => {
    const byLabel = { negative: 0, neutral: 0, positive: 0 };
    for (let k = 0; k < labels.length; k++) byLabel[labels[k] ?? 'neutral'] = shares[k] ?? 0;
    return { label: labels[argmax(shares)] ?? 'neutral', probabilities: byLabel };
  };
  const predictDocument = (document: Document): Predicted => named(sharesOf(count(document)));
  const explained = (raw: string, limit: number): Predicted & { readonly terms: readonly TermWeight[] } => {
    const counted = count(documentOf(raw));
    const shares = sharesOf(counted);
    return { ...named(shares), terms: explainLinear(loaded, rowOf(counted, loaded.features.sublinear), { label: argmax(shares), limit }) };
  };
  const words = loaded.blocks.find(({ kind }) => kind === 'words');
  const isKnown = (token: string): boolean => {
    const node = words?.trie.step(0, words.numbers.get(token) ?? -1) ?? -1;
    return node !== -1 && words?.trie.features[node] !== -1;
  };
  return {
    predictDocument,
    predict: (raw) => predictDocument(documentOf(raw)),
    explained,
    explain: (raw, limit) => explained(raw, limit).terms,
    unknownWords: ({ tokens }) => ({ unknown: tokens.filter((token) => !isKnown(token)).length, words: tokens.length }),
  };
}
