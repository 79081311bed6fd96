import type { CleanReview } from '../../schema/clean-review.ts';
import type { Prediction } from '../../schema/prediction.ts';
import type { ModelManifest } from '../../schema/registry.ts';
import type { Publication } from '../../storage/publication.ts';

const app = 'com.example.app';

export function cleanReview(id: string, raw = 'bagus'): CleanReview {
  return { app, id, at: '2026-01-01T00:00:00Z', rating: 5, label: 'positive', labelSource: 'stars', language: 'id', version: null, raw, text: raw, tokens: raw };
}

export function prediction(id: string, changes: Partial<Prediction> = {}): Prediction {
  return { app, id, version: '0123456789ab', label: 'positive', negative: 0.1, neutral: 1 / 3, positive: 0.2 + 0.1, ...changes };
}

export const MANIFEST: ModelManifest = {
  app, dataset: `file:${app}`, version: '0123456789ab', model: '0'.repeat(64), estimator: 'multinomial-nb', trainedRows: 1, features: 1,
  crossValidated: { mean: 0.5, deviation: 0.1 }, testMacroF1: 0.5,
  reference: { until: '2026-01-01T00:00:00Z', rows: 1, ratings: {}, labels: {}, languages: {}, lengths: [], unknownShare: 0, macroF1: 0.5, interval: [0.4, 0.6] },
};

/** A publication of reviews by id, each predicted as positive, with changes on top. */
export function publication(ids: readonly string[], changes: Partial<Publication> = {}): Publication {
  return { dataset: `file:${app}`, app, source: 'file', at: '2026-07-01T07:00:00.000Z', reviews: ids.map((id) => cleanReview(id)), predictions: ids.map((id) => prediction(id)), manifest: MANIFEST, reports: { quality: { rows: ids.length } }, ...changes };
}
