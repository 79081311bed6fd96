import type { ModelArtefact } from '../../ml/model.ts';
import { createPredictor } from '../../ml/predict.ts';
import type { CleanReview } from '../../schema/clean-review.ts';
import { countsOf, documentUnder, stemFor } from './documents.ts';
import { unknownShareOf } from './reference.ts';
import { score } from './scoring.ts';
import type { Current } from './watch.ts';

/** Rows that are newer than the champion's reference. Instants sort as text. */
export function newRowsOf(rows: readonly CleanReview[], until: string): readonly CleanReview[] {
  return rows.filter(({ at }) => at > until);
}

/**
 * New rows whose text the champion never learned from: it is on the test side, or no older row has it. Short praise comes
 * again and again, and would make any model look as good as before.
 */
export function unseenOf(rows: readonly CleanReview[], use: { readonly until: string; readonly testIds: ReadonlySet<string> }): readonly CleanReview[] {
  const old = new Set(rows.filter(({ at }) => at <= use.until).map(({ text }) => text));
  return newRowsOf(rows, use.until).filter(({ id, text }) => use.testIds.has(id) || !old.has(text));
}

/** Measures new rows as the champion's reference was measured: tokens made as the champion learned them. */
export function measure(artefact: ModelArtefact, rows: readonly CleanReview[], unseen: readonly CleanReview[]): Current {
  const stem = stemFor(artefact.text);
  const predictor = createPredictor(artefact, stem);
  const documents = rows.map((row) => documentUnder(row, artefact.text, stem));
  const judged = unseen.length === 0 ? null : score(predictor, unseen.map((row) => documentUnder(row, artefact.text, stem)), unseen);
  return {
    rows: rows.length,
    ratings: countsOf(rows.map(({ rating }) => rating)),
    labels: countsOf(rows.map(({ label }) => label)),
    languages: countsOf(rows.map(({ language }) => language)),
    lengths: documents.map(({ tokens }) => tokens.length),
    unknownShare: unknownShareOf(predictor, documents),
    performance: judged === null ? null : { rows: unseen.length, macroF1: judged.scores.macro.f1, interval: judged.interval },
  };
}
