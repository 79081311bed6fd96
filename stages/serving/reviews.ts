import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { readRows } from '../../records/read-csv.ts';
import { CleanReview } from '../../schema/clean-review.ts';
import { Prediction } from '../../schema/prediction.ts';
import { RunRecord, standsBehind } from '../../schema/run-record.ts';
import type { ServedReview } from '../../schema/served-review.ts';

interface Files {
  readonly clean: string;
  readonly predictions: string;
  readonly metrics: string;
  /** Of the run that the release is made by. */
  readonly record: string;
  readonly app: string;
  readonly dataset: string;
}

const Named = z.object({ dataset: z.string() });

/** Null where there is no such file, or none that can be read. */
function jsonOf<T>(file: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // The report says what is wrong with it; here it vouches for nothing.
    return null;
  }
}

/** A file that is missing or cut costs a failed run's release its rows, never the release. */
function rowsOf<S extends typeof CleanReview | typeof Prediction>(file: string, schema: S): readonly (S extends typeof CleanReview ? CleanReview : Prediction)[] {
  if (!existsSync(file)) return [];
  const read = readRows(file, schema);
  return read.ok ? (read.rows as readonly (S extends typeof CleanReview ? CleanReview : Prediction)[]) : [];
}

/** The clean reviews of the app with what the champion said of each; none that are left over from another dataset. */
export function servedReviews({ clean, predictions, metrics, record, app, dataset }: Files): readonly ServedReview[] {
  const [run, hasMetrics] = [jsonOf(record, RunRecord), jsonOf(metrics, Named)?.dataset === dataset];
  if (!standsBehind(run, 'clean', hasMetrics)) return [];
  const said = new Map((standsBehind(run, 'predict', hasMetrics) ? rowsOf(predictions, Prediction) : []).map((prediction) => [prediction.id, prediction]));
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
