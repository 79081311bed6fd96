import type { EstimatorName, Label } from '../schema/app.ts';
import type { FeatureParams, TextParams } from '../schema/params.ts';
import { decodeFloats, decodeInts, encodeFloats, encodeInts } from './base64.ts';
import type { FittedModel } from './estimators/estimator.ts';
import type { Block } from './vectorize/tfidf.ts';

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

/** A model ready to predict: terms looked up by text, numbers as arrays. */
export interface LoadedModel {
  readonly artefact: ModelArtefact;
  readonly blocks: readonly { readonly kind: Block['kind']; readonly index: ReadonlyMap<string, number>; readonly idf: Float32Array; readonly shift: number }[];
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

export function importModel(artefact: ModelArtefact): LoadedModel {
  let shift = 0;
  const blocks = artefact.blocks.map(({ kind, terms, idf }) => {
    const block = { kind, index: new Map(terms.map((term, index): [string, number] => [term, index])), idf: decodeFloats(idf), shift };
    shift += terms.length;
    return block;
  });
  return { artefact, blocks, model: importFitted(artefact.model, artefact.labels.length), featureCount: shift };
}
