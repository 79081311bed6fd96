import { z } from 'zod';
import { nearestName } from '../records/nearest.ts';
import { readColumns } from '../records/read-csv.ts';
import { writeJson } from '../records/json.ts';
import { AppId, Source, datasetOf } from '../schema/app.ts';
import { ValidateParams } from '../schema/params.ts';
import type { QualityCheck, QualityReport } from '../schema/quality.ts';
import type { StageRun } from './context.ts';
import { parseParams } from './params/parse.ts';
import { RULES } from './validate/rules.ts';
import { Judged, viewOf } from './validate/view.ts';
import type { View } from './validate/view.ts';
import { daily } from './validate/volume.ts';
import type { Finding } from './validate/volume.ts';
import { wording } from './wording-data.ts';

const Params = z.object({ collect: z.object({ source: Source, app: AppId }), validate: ValidateParams });
const EXAMPLES = 5;

function judge(view: View, params: z.infer<typeof ValidateParams>): readonly QualityCheck[] {
  return Object.entries(params.rules).flatMap(([rule, { severity, limit }]): readonly QualityCheck[] => {
    const said = RULES[rule]?.(view, params.languages);
    if (said === undefined) return [];
    const { failed, of, rows } = 'failed' in said ? said : found(said);
    const share = of === 0 ? 0 : failed / of;
    return [{ rule, severity, passed: share <= limit, rows: failed, share, limit, examples: rows.slice(0, EXAMPLES).map((row) => row + 1) }];
  });
}

function found(fails: readonly boolean[]): Finding {
  const rows: number[] = [];
  let failed = 0;
  for (let row = 0; row < fails.length; row++) {
    if (fails[row] !== true) continue;
    failed++;
    if (rows.length < EXAMPLES) rows.push(row);
  }
  return { failed, of: fails.length, rows };
}

const DAY_MS = 86_400_000;
/** What is told of the past: enough for the same weekday of eight weeks. */
const DAYS_TOLD = 63;

function volumeOf({ days }: View): QualityReport['volume'] {
  const { first, counts } = daily(days);
  const start = Math.max(0, counts.length - DAYS_TOLD);
  return counts.slice(start).map((rows, index) => ({ day: new Date((first + start + index) * DAY_MS).toISOString().slice(0, 10), rows }));
}

/** The oldest and the newest instant that can be, null where none has one. */
function endsOf(ats: View['ats']): readonly [string | null, string | null] {
  let oldest: string | null = null;
  let newest: string | null = null;
  for (const at of ats) {
    if (at === null) continue;
    if (oldest === null || at < oldest) oldest = at;
    if (newest === null || at > newest) newest = at;
  }
  return [oldest, newest];
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Judges the collected reviews, relative to their own newest row and never to the clock. What follows from it is said by `accept`. */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { collect, validate } = parsed.params;
  const unknown = Object.keys(validate.rules).find((rule) => !Object.hasOwn(RULES, rule));
  if (unknown !== undefined) return wording.unknownRule(unknown, nearestName([unknown], Object.keys(RULES)), Object.keys(RULES));
  const read = readColumns(context.path('data/collect/reviews.csv'), Judged, 'data/collect/reviews.csv');
  if (!read.ok) return wording.records(read.problem);
  const view = viewOf(read.rows, collect.app);
  const { rows } = view;
  const checks = judge(view, validate);
  const errors = checks.filter(({ passed, severity }) => !passed && severity === 'error');
  const [oldest, newest] = endsOf(view.ats.map((at, row) => (view.impossible[row] === true ? null : at)));
  const report: QualityReport = {
    app: collect.app, dataset: datasetOf(collect.source, collect.app), rows, oldest, newest,
    languages: countBy(view.languages), ratings: countBy(view.ratings.map((rating) => String(rating ?? 'missing'))),
    volume: volumeOf(view), checks: [...checks], passed: errors.length === 0,
  };
  writeJson(context.path('reports/quality.json'), report);
  return { kind: 'done', facts: { rows, errors: errors.length, warnings: checks.filter(({ passed }) => !passed).length - errors.length } };
};
