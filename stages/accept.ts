import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeJson } from '../records/json.ts';
import { QualityReport } from '../schema/quality.ts';
import { ValidateParams } from '../schema/params.ts';
import type { StageRun } from './context.ts';
import { parseParams } from './params/parse.ts';
import { wording } from './wording-data.ts';

/** Of the section only this is declared. */
const Params = z.object({ validate: z.object({ rowsMin: ValidateParams.shape.rowsMin }) });

/**
 * Stops the run where the data has an error, before anything is learned from it. A stage of its own, since what a failed stage
 * wrote counts as nothing: the report of validate, with the rule that failed, is there for readers, metrics and history.
 */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { rows, dataset, checks } = QualityReport.parse(JSON.parse(readFileSync(context.path('reports/quality.json'), 'utf8')));
  const { rowsMin } = parsed.params.validate;
  if (rows < rowsMin) return wording.tooFew(rows, rowsMin);
  const errors = checks.filter(({ passed, severity }) => !passed && severity === 'error');
  for (const { rule, rows: failed, share, limit } of errors) context.emit('quality-error', { rule, rows: failed, share, limit });
  if (errors.length > 0) return wording.quality(errors);
  writeJson(context.path('data/accept/accepted.json'), { dataset, rows });
  return { kind: 'done', facts: { rows, warnings: checks.filter(({ passed }) => !passed).length } };
};
