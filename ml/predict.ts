import type { Label } from '../schema/app.ts';
import { probabilities } from './estimators/score.ts';
import type { Row } from './estimators/score.ts';
import { argmax } from './math.ts';
import { importModel } from './model.ts';
import type { LoadedModel, ModelArtefact } from './model.ts';
import { normalize } from './text/normalize.ts';
import { tokenize } from './text/tokenize.ts';
import type { Stem } from './text/tokenize.ts';
import { eachCharacterGram, eachWordGram } from './vectorize/ngrams.ts';
import type { Document } from './vectorize/ngrams.ts';
import { weigh } from './vectorize/tfidf.ts';

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
  /** The words that decided, strongest first. Only linear models can say. */
  explain(raw: string, limit: number): readonly TermWeight[];
  /** Share of the single words of a document that the model does not know, and how many there are. */
  unknownWords(document: Document): { readonly unknown: number; readonly words: number };
}

/** The features of a document, ascending. */
function featuresOf(loaded: LoadedModel, document: Document): Row {
  const { words, characters, sublinear } = loaded.artefact.features;
  const parts = loaded.blocks.map((block) => {
    const counts = new Map<number, number>();
    const count = (gram: string): void => {
      const feature = block.index.get(gram);
      if (feature !== undefined) counts.set(feature, (counts.get(feature) ?? 0) + 1);
    };
    if (block.kind === 'words') eachWordGram(document.tokens, words, count);
    else if (characters !== null) eachCharacterGram(document.text, characters, count);
    const indices = Int32Array.from(counts.keys()).sort();
    const values = Float64Array.from(indices, (feature) => counts.get(feature) ?? 0);
    weigh(values, (entry) => block.idf[indices[entry] ?? 0] ?? 0, sublinear);
    return { indices: indices.map((feature) => feature + block.shift), values };
  });
  const [first, second] = parts;
  if (first === undefined) return { indices: new Int32Array(0), values: new Float64Array(0) };
  if (second === undefined) return first;
  return { indices: Int32Array.from([...first.indices, ...second.indices]), values: Float64Array.from([...first.values, ...second.values]) };
}

function explainLinear(loaded: LoadedModel, document: Document, limit: number): readonly TermWeight[] {
  const { model, blocks, artefact } = loaded;
  if (model.kind !== 'linear') return [];
  const row = featuresOf(loaded, document);
  const label = argmax(probabilities(model, row));
  const terms = artefact.blocks.find(({ kind }) => kind === 'words')?.terms ?? [];
  const shift = blocks.find(({ kind }) => kind === 'words')?.shift ?? 0;
  const found: TermWeight[] = [];
  for (let entry = 0; entry < row.indices.length; entry++) {
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
  if (artefact.text.stem !== 'none' && stem === undefined) throw new RangeError(`Cannot predict with stem "${artefact.text.stem}" as no stemmer was given: train with clean.text.stem none for the browser`);
  const loaded = importModel(artefact);
  const documentOf = (raw: string): Document => {
    const text = normalize(raw);
    return { text, tokens: tokenize(text, artefact.text, stem) };
  };
  const predictDocument = (document: Document): Predicted => {
    const shares = probabilities(loaded.model, featuresOf(loaded, document));
    const byLabel = Object.fromEntries(artefact.labels.map((label, k): [Label, number] => [label, shares[k] ?? 0])) as Record<Label, number>;
    return { label: artefact.labels[argmax(shares)] ?? 'neutral', probabilities: byLabel };
  };
  const known = loaded.blocks.find(({ kind }) => kind === 'words')?.index;
  return {
    predictDocument,
    predict: (raw) => predictDocument(documentOf(raw)),
    explain: (raw, limit) => explainLinear(loaded, documentOf(raw), limit),
    unknownWords: ({ tokens }) => ({ unknown: tokens.filter((token) => known?.has(token) !== true).length, words: tokens.length }),
  };
}
