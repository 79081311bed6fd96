import path from 'node:path';
import { z } from 'zod';
import { datasetOf } from '../../schema/app.ts';
import type { Source } from '../../schema/app.ts';
import { CleanReview } from '../../schema/clean-review.ts';
import { DriftReport } from '../../schema/drift.ts';
import { MetricsReport } from '../../schema/metrics.ts';
import { Prediction, TrendRow } from '../../schema/prediction.ts';
import { QualityMoment, QualityReport } from '../../schema/quality.ts';
import { Champion, Decision, Registry } from '../../schema/registry.ts';
import type { DatasetRegistry } from '../../schema/registry.ts';
import { standsBehind } from '../../schema/run-record.ts';
import type { RunRecord } from '../../schema/run-record.ts';
import type { SiteContext } from './context.ts';
import { createReader } from './files.ts';
import type { Reader, Trouble } from './files.ts';
import { readRuns } from './runs.ts';

const RUNS_SHOWN = 40;
const MOMENTS_SHOWN = 60;
const NOTEBOOKS = ['explore', 'errors'] as const;
export type NotebookName = (typeof NOTEBOOKS)[number];

/** Everything the report is made from. What is null or empty was not there, or was of another dataset. */
export interface Inputs {
  readonly app: string;
  readonly source: Source;
  readonly dataset: string;
  readonly newestShown: number;
  readonly wordsShown: number;
  readonly reviews: readonly CleanReview[];
  /** By the id of the review. */
  readonly predictions: ReadonlyMap<string, Prediction>;
  readonly trend: readonly TrendRow[];
  readonly quality: QualityReport | null;
  /** How the data stood before, newest last. */
  readonly moments: readonly QualityMoment[];
  readonly metrics: MetricsReport | null;
  readonly drift: DriftReport | null;
  readonly decision: Decision | null;
  readonly champion: Champion | null;
  /** Text of the champion's model.json. */
  readonly model: string | null;
  readonly registry: DatasetRegistry | null;
  readonly notebooks: readonly { readonly name: NotebookName; readonly text: string }[];
  readonly current: RunRecord | null;
  readonly runs: readonly RunRecord[];
  readonly troubles: readonly Trouble[];
}

/** Reports of small results name their dataset; one of another dataset is left over from before a switch. */
function ofDataset<T extends { readonly dataset: string }>(value: T | null, at: { path: string; dataset: string; troubles: Trouble[] }): T | null {
  if (value === null || value.dataset === at.dataset) return value;
  at.troubles.push({ path: at.path, kind: 'other-dataset', detail: value.dataset });
  return null;
}

/** Lines that are cut or of another dataset tell nothing. */
function readMoments(text: string | null, dataset: string): readonly QualityMoment[] {
  const moments = (text ?? '').split('\n').flatMap((line) => {
    try {
      return QualityMoment.safeParse(JSON.parse(line)).data ?? [];
    } catch {
      // Not JSON: the end of the file, or a line that was cut.
      return [];
    }
  });
  return moments.filter((moment) => moment.dataset === dataset).slice(-MOMENTS_SHOWN);
}

function readModel(context: SiteContext, reader: Reader, dataset: string): Pick<Inputs, 'champion' | 'model'> {
  const folder = context.pathOf('data/champion');
  const named = 'data/champion/champion.json';
  const champion = ofDataset(reader.json(named, path.join(folder, 'champion.json'), Champion), { path: named, dataset, troubles: reader.troubles });
  return { champion, model: champion === null ? null : reader.text('data/champion/model.json', path.join(folder, 'model.json')) };
}

export function readInputs(context: SiteContext): Inputs {
  const { collect, report } = context.params;
  const dataset = datasetOf(collect.source, collect.app);
  const reader = createReader();
  const json = <T extends { readonly dataset: string }>(declared: string, schema: z.ZodType<T>): T | null =>
    ofDataset(reader.json(declared, context.pathOf(declared), schema), { path: declared, dataset, troubles: reader.troubles });
  const rows = <T>(declared: string, schema: z.ZodType<T>): readonly T[] => reader.rows(declared, context.pathOf(declared), schema) ?? [];

  const { current, runs } = readRuns(context.runRecord, RUNS_SHOWN);
  const metrics = json('reports/metrics.json', MetricsReport);
  const { champion, model } = readModel(context, reader, dataset);
  const isOurs = (stage: string): boolean => standsBehind(current, stage, metrics !== null);
  const reviews = isOurs('clean') ? rows('data/clean/reviews.csv', CleanReview).filter(({ app }) => app === collect.app) : [];
  const known = new Set(reviews.map(({ id }) => id));
  const predictions = isOurs('predict') ? rows('data/predict/predictions.csv', Prediction).filter(({ id, app }) => app === collect.app && known.has(id)) : [];
  const notebooks = NOTEBOOKS.filter(isOurs).flatMap((name) => {
    const declared = `reports/notebooks/${name}.ipynb`;
    const text = reader.text(declared, context.pathOf(declared));
    return text === null ? [] : [{ name, text }];
  });
  return {
    app: collect.app, source: collect.source, dataset, ...report, reviews, metrics, champion, model, notebooks, current, runs,
    predictions: new Map(predictions.map((prediction) => [prediction.id, prediction])),
    trend: predictions.length === 0 ? [] : rows('data/predict/trend.csv', TrendRow).filter(({ app }) => app === collect.app),
    quality: json('reports/quality.json', QualityReport),
    moments: readMoments(reader.text('data/watch/history.jsonl', context.pathOf('data/watch/history.jsonl')), dataset),
    drift: json('data/drift/drift.json', DriftReport),
    decision: json('data/promote/decision.json', Decision),
    registry: reader.json('models/registry.json', context.pathOf('models/registry.json'), Registry)?.datasets[dataset] ?? null,
    troubles: reader.troubles,
  };
}
