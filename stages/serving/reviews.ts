import { existsSync } from 'node:fs';
import { readRows } from '../../records/read-csv.ts';
import { CleanReview } from '../../schema/clean-review.ts';
import { Prediction } from '../../schema/prediction.ts';
import type { ServedReview } from '../../schema/served-review.ts';

interface Files {
  readonly clean: string;
  readonly predictions: string;
  readonly app: string;
}

/** A file that is missing or cut costs a failed run's release its rows, never the release. */
function rowsOf<S extends typeof CleanReview | typeof Prediction>(file: string, schema: S): readonly (S extends typeof CleanReview ? CleanReview : Prediction)[] {
  if (!existsSync(file)) return [];
  const read = readRows(file, schema);
  return read.ok ? (read.rows as readonly (S extends typeof CleanReview ? CleanReview : Prediction)[]) : [];
}

/** The clean reviews of the app with what the champion said of each. */
export function servedReviews({ clean, predictions, app }: Files): readonly ServedReview[] {
  const said = new Map(rowsOf(predictions, Prediction).map((prediction) => [prediction.id, prediction]));
  return rowsOf(clean, CleanReview)
    .filter((review) => review.app === app)
    .map(({ id, at, rating, label, language, version, raw }): ServedReview => {
      const found = said.get(id);
      return {
        app, id, at, rating, label: found?.label ?? label, negative: found?.negative ?? null, neutral: found?.neutral ?? null, positive: found?.positive ?? null,
        model: found?.version ?? null, starsLabel: label, language, version, text: raw,
      };
    });
}
