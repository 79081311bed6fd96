import { z } from 'zod';
import { createPredictor } from '../ml/predict.ts';
import { themes } from '../ml/text/themes.ts';
import { writeRows } from '../records/csv.ts';
import { readRows } from '../records/read-csv.ts';
import { sentence } from '../records/wording.ts';
import { AppId } from '../schema/app.ts';
import { CleanReview } from '../schema/clean-review.ts';
import { Prediction, TrendRow } from '../schema/prediction.ts';
import { Champion } from '../schema/registry.ts';
import type { StageRun } from './context.ts';
import { stemFor } from './learning/documents.ts';
import { readJson, readModel } from './learning/json-files.ts';
import { trendOf } from './learning/trend.ts';
import { parseParams } from './params/parse.ts';
import { wording } from './wording-learning.ts';

const CLEAN = 'data/clean/reviews.csv';
const Params = z.object({ collect: z.object({ app: AppId }) });

/**
 * Labels every review, from what its author typed: the very way in which the API and the browser predict, so that all give
 * the same bits.
 */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { collect } = parsed.params;
  const read = readRows(context.path(CLEAN), CleanReview, CLEAN);
  if (!read.ok) return { kind: 'failed', ...sentence(read.problem) };
  const { version } = readJson(context.path('data/champion/champion.json'), Champion);
  const { artefact } = readModel(context.path('data/champion/model.json'));
  const predictor = createPredictor(artefact, stemFor(artefact.text));
  const predictions = read.rows.map(({ id, raw }): Prediction => {
    const { label, probabilities } = predictor.predict(raw);
    // A label that the training rows never had has no probability of its own: it is 0.
    const { negative = 0, neutral = 0, positive = 0 }: Partial<typeof probabilities> = probabilities;
    return { app: collect.app, id, version, label, negative, neutral, positive };
  });
  writeRows(context.path('data/predict/predictions.csv'), Prediction, predictions);
  writeRows(context.path('data/predict/trend.csv'), TrendRow, trendOf(collect.app, read.rows, predictions));
  const tokensOf = (wanted: (label: string) => boolean): string[] => read.rows.flatMap(({ tokens }, row) => (wanted(predictions[row]?.label ?? '') ? [tokens] : []));
  const negative = tokensOf((label) => label === 'negative');
  const [theme] = themes(negative, tokensOf((label) => label !== 'negative'), 1);
  return { kind: 'done', facts: { rows: predictions.length, negative: negative.length, version }, headline: wording.predicted(negative.length, theme?.word) };
};
