// Writes reviews to one file for people and other programs: pnpm data export clean --to reviews.parquet
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { writeRows } from '../../records/csv.ts';
import { readRows } from '../../records/read-csv.ts';
import { writeJsonl } from '../../records/jsonl.ts';
import { writeParquet } from '../../records/parquet.ts';
import type { RecordsProblem } from '../../records/problem.ts';
import { Instant, Label, Language } from '../../schema/app.ts';
import { CleanReview } from '../../schema/clean-review.ts';
import { Prediction } from '../../schema/prediction.ts';
import { Review } from '../../schema/review.ts';
import { workspaceThere } from './place.ts';
import { isOutput, putTo } from './target.ts';
import { wording } from './wording.ts';

export const STAGES = ['collect', 'clean', 'predictions'] as const;
export const FORMATS = ['csv', 'jsonl', 'parquet'] as const;
export type ExportStage = (typeof STAGES)[number];
export type ExportFormat = (typeof FORMATS)[number];

const USAGE = `Usage: pnpm data export <${STAGES.join(' | ')}> --to FILE [--format ${FORMATS.join(' | ')}] [--workspace DIR]

  collect       reviews as they were collected
  clean         cleaned reviews with their labels and tokens
  predictions   cleaned reviews beside what the model says of them

The format is that of FILE's ending unless --format names one. A file of that name is replaced when the new one is complete; a device
or a pipe is written to (--to /dev/stdout --format csv). In CSV, texts that a spreadsheet would run as a formula
begin with an apostrophe.`;

/** A cleaned review beside what the model says of it, in columns for people. */
export const PredictedReview = z.object({
  app: z.string(), id: z.string(), at: Instant, rating: z.number().int(), label: Label, predicted: Label, negative: z.number(), neutral: z.number(), positive: z.number(),
  language: Language, version: z.string().nullable(), text: z.string(), model: z.string(),
});

type Rows = { readonly ok: true; readonly schema: z.ZodObject; readonly rows: readonly unknown[] } | { readonly ok: false; readonly problem: RecordsProblem };

function predicted(workspace: string): Rows {
  const clean = readRows(path.join(workspace, 'data/clean/reviews.csv'), CleanReview, 'data/clean/reviews.csv');
  if (!clean.ok) return clean;
  const predictions = readRows(path.join(workspace, 'data/predict/predictions.csv'), Prediction, 'data/predict/predictions.csv');
  if (!predictions.ok) return predictions;
  const byId = new Map(predictions.rows.map((prediction) => [prediction.id, prediction]));
  const rows = clean.rows.flatMap(({ app, id, at, rating, label, language, version, raw }): readonly z.infer<typeof PredictedReview>[] => {
    const prediction = byId.get(id);
    if (prediction === undefined) return [];
    const { label: said, negative, neutral, positive, version: model } = prediction;
    return [{ app, id, at, rating, label, predicted: said, negative, neutral, positive, language, version, text: raw, model }];
  });
  return { ok: true, schema: PredictedReview, rows };
}

function rowsOf(workspace: string, from: ExportStage): Rows {
  if (from === 'predictions') return predicted(workspace);
  const [file, schema] = from === 'collect' ? (['data/collect/reviews.csv', Review] as const) : (['data/clean/reviews.csv', CleanReview] as const);
  const read = readRows<z.ZodObject>(path.join(workspace, file), schema, file);
  return read.ok ? { ok: true, schema, rows: read.rows } : read;
}

function write(file: string, format: ExportFormat, { schema, rows }: { readonly schema: z.ZodObject; readonly rows: readonly unknown[] }): void {
  const typed = rows as readonly Record<string, unknown>[];
  switch (format) {
    case 'csv':
      return writeRows(file, schema, typed);
    case 'jsonl':
      return writeJsonl(file, typed);
    case 'parquet':
      return writeParquet(file, schema, typed);
    default: {
      const never: never = format;
      return never;
    }
  }
}

export interface ExportOptions {
  readonly workspace: string;
  readonly from: ExportStage;
  readonly format: ExportFormat;
  /** Path of the file; its folder is made where there is none. */
  readonly to: string;
}

export type Exported = { readonly ok: true; readonly rows: number } | { readonly ok: false; readonly why: string };

/** Writes the reviews of a workspace where they were asked for. */
export function exportData({ workspace, from, format, to }: ExportOptions): Exported {
  const read = rowsOf(workspace, from);
  if (!read.ok) return { ok: false, why: wording.notExported(read.problem) };
  const put = putTo(to, (file) => write(file, format, read));
  return put.ok ? { ok: true, rows: read.rows.length } : put;
}

type Asked = ExportOptions | { readonly wrong: string } | { readonly lost: string };

function formatOf(named: string | undefined, to: string): ExportFormat | undefined {
  const wanted = named ?? path.extname(to).slice(1).toLowerCase();
  return FORMATS.find((format) => format === wanted);
}

function ask(args: readonly string[]): Asked {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { to: { type: 'string' }, format: { type: 'string' }, workspace: { type: 'string' } } });
  const from = STAGES.find((stage) => stage === positionals[0]);
  if (from === undefined || positionals.length !== 1) return { wrong: `Cannot export ${positionals.length === 0 ? 'nothing' : positionals.join(' ')}: name one of ${STAGES.join(', ')}` };
  if (values.to === undefined || values.to === '') return { wrong: 'Cannot export without a file: name it by --to' };
  const format = formatOf(values.format, values.to);
  if (format === undefined) return { wrong: `Cannot export to ${values.format ?? values.to}: the format must be one of ${FORMATS.join(', ')}` };
  const there = workspaceThere(values.workspace);
  return there.ok ? { workspace: there.workspace, from, format, to: path.resolve(values.to) } : { lost: there.why };
}

/** The command. Exit code: 0 done, 1 it cannot be done, 2 it was asked for in a way that means nothing. */
export async function run(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(USAGE);
    return 0;
  }
  let asked: Asked;
  try {
    asked = ask(args);
  } catch (error) {
    // What parseArgs throws is what the person mistyped.
    asked = { wrong: error instanceof Error ? error.message : String(error) };
  }
  if ('wrong' in asked) {
    console.error(`error: ${asked.wrong}\n\n${USAGE}`);
    return 2;
  }
  if ('lost' in asked) {
    console.error(asked.lost);
    return 2;
  }
  const done = exportData(asked);
  if (!done.ok) {
    console.error(done.why);
    return 1;
  }
  console[isOutput(asked.to) ? 'error' : 'log'](wording.exported(done.rows, asked.from, asked.to));
  return 0;
}
