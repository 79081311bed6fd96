import { z } from 'zod';
import { readRows } from '../records/csv.ts';
import { writeJson } from '../records/json.ts';
import { AppId, Source, datasetOf } from '../schema/app.ts';
import { ValidateParams } from '../schema/params.ts';
import type { QualityCheck, QualityReport } from '../schema/quality.ts';
import { Review } from '../schema/review.ts';
import type { StageRun } from './context.ts';
import { RULES, languagesOf } from './validate/rules.ts';
import { wording } from './wording-data.ts';

const Params = z.object({ collect: z.object({ source: Source, app: AppId }), validate: ValidateParams });
const EXAMPLES = 5;

function judge(reviews: readonly Review[], app: string, params: z.infer<typeof ValidateParams>): readonly QualityCheck[] {
  return Object.entries(params.rules).flatMap(([rule, { severity, limit }]): readonly QualityCheck[] => {
    const fails = RULES[rule]?.(reviews, app);
    if (fails === undefined) return [];
    const rows = fails.filter(Boolean).length;
    const share = reviews.length === 0 ? 0 : rows / reviews.length;
    const examples = fails.flatMap((failed, index) => (failed ? [index + 1] : [])).slice(0, EXAMPLES);
    return [{ rule, severity, passed: share <= limit, rows, share, limit, examples }];
  });
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Judges the collected reviews, relative to their own newest row and never to the clock. An error stops the run here. */
export const run: StageRun = async (context) => {
  const parsed = Params.safeParse(context.params);
  if (!parsed.success) return wording.badParams(parsed.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('; '));
  const { collect, validate } = parsed.data;
  const unknown = Object.keys(validate.rules).find((rule) => !Object.hasOwn(RULES, rule));
  if (unknown !== undefined) return wording.badParams(`validate.rules.${unknown} is no rule; there are ${Object.keys(RULES).join(', ')}`);
  const read = readRows(context.path('data/collect/reviews.csv'), Review, 'data/collect/reviews.csv');
  if (!read.ok) return wording.records(read.problem);
  const reviews = read.rows;
  const checks = judge(reviews, collect.app, validate);
  const errors = checks.filter(({ passed, severity }) => !passed && severity === 'error');
  const times = reviews.flatMap(({ at }) => (at === null ? [] : [at])).sort();
  const report: QualityReport = {
    app: collect.app, dataset: datasetOf(collect.source, collect.app), rows: reviews.length, oldest: times[0] ?? null, newest: times.at(-1) ?? null,
    languages: countBy(languagesOf(reviews)), ratings: countBy(reviews.map(({ rating }) => String(rating ?? 'missing'))),
    checks: [...checks], passed: errors.length === 0,
  };
  const file = context.path('reports/quality.json');
  writeJson(file, report);
  if (reviews.length < validate.rowsMin) return wording.tooFew(reviews.length, validate.rowsMin);
  for (const { rule, rows, share, limit } of errors) context.emit('quality-error', { rule, rows, share, limit });
  if (errors.length > 0) return wording.quality(errors);
  const warnings = checks.filter(({ passed }) => !passed).length;
  return { kind: 'done', facts: { rows: reviews.length, warnings } };
};
