import { z } from 'zod';

/** The id of an app on Google Play, `com.valar.pintu`. Strict, since it ends up in URLs, paths and SQL. */
export const AppId = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+$/, 'must be an app id such as com.valar.pintu')
  .max(200);
export type AppId = z.infer<typeof AppId>;

export const Source = z.enum(['sample', 'file', 'play']);
export type Source = z.infer<typeof Source>;

/** Documents, tables, registry and models are keyed by it: a champion of another dataset is never a reference. */
export const Dataset = z.string().regex(/^(sample|file|play):[A-Za-z0-9_.]+$/);
export type Dataset = z.infer<typeof Dataset>;

export function datasetOf(source: Source, app: AppId): Dataset {
  return `${source}:${app}`;
}

/** In the order in which every table, matrix and chart shows them. */
export const LABELS = ['negative', 'neutral', 'positive'] as const;
export const Label = z.enum(LABELS);
export type Label = z.infer<typeof Label>;

export const Language = z.enum(['id', 'en', 'mixed', 'other']);
export type Language = z.infer<typeof Language>;

/** An instant, ISO 8601 in UTC with whole seconds: `2026-01-31T07:00:00Z`. */
export const Instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/, 'must be an instant such as 2026-01-31T07:00:00Z');

export const ESTIMATORS = ['multinomial-nb', 'logistic-regression', 'random-forest'] as const;
export const EstimatorName = z.enum(ESTIMATORS);
export type EstimatorName = z.infer<typeof EstimatorName>;
