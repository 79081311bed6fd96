// Writes reviews to one file for people and other programs: pnpm data export clean --to reviews.parquet
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { writeRows } from '../../records/csv.ts';
import { readRows } from '../../records/read-csv.ts';
import { writeJsonl } from '../../records/jsonl.ts';
import { writeParquet } from '../../records/parquet.ts';
import type { RecordsProblem } from '../../records/problem.ts';
import { sentence } from '../../records/wording.ts';
import { Instant, Label, Language } from '../../schema/app.ts';
import { CleanReview } from '../../schema/clean-review.ts';
import { Prediction } from '../../schema/prediction.ts';
import { Review } from '../../schema/review.ts';

export const STAGES = ['collect', 'clean', 'predictions'] as const;
export const FORMATS = ['csv', 'jsonl', 'parquet'] as const;
export type ExportStage = (typeof STAGES)[number];
export type ExportFormat = (typeof FORMATS)[number];

const USAGE = `Usage: pnpm data export <${STAGES.join(' | ')}> --to FILE [--format ${FORMATS.join(' | ')}] [--workspace DIR]

  collect       reviews as they were collected
  clean         cleaned reviews with their labels and tokens
  predictions   cleaned reviews beside what the model says of them

The format is that of FILE's ending unless --format names one. In CSV, texts that a spreadsheet would run as a formula
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

/** Writes the reviews whole or not at all: a file of that name stays as it was until the new one is complete. */
export function exportData({ workspace, from, format, to }: ExportOptions): { readonly ok: true; readonly rows: number } | { readonly ok: false; readonly problem: RecordsProblem } {
  const read = rowsOf(workspace, from);
  if (!read.ok) return read;
  mkdirSync(path.dirname(to), { recursive: true });
  const temporary = `${to}.${process.pid}.tmp`;
  try {
    write(temporary, format, read);
    renameSync(temporary, to);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return { ok: true, rows: read.rows.length };
}

type Asked = ExportOptions | { readonly wrong: string };

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
  const workspace = path.resolve(values.workspace ?? process.env['REPRO_WORKSPACE'] ?? path.resolve(import.meta.dirname, '../..'));
  return { workspace, from, format, to: path.resolve(values.to) };
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
  try {
    const done = exportData(asked);
    if (done.ok) {
      console.log(`${done.rows.toLocaleString('en-GB')} rows of ${asked.from} written to ${asked.to}`);
      return 0;
    }
    const { problem } = sentence(done.problem);
    console.error(`error: ${problem}\n  hint: ${done.problem.kind === 'absent' ? 'run pnpm repro first, or name the workspace by --workspace' : sentence(done.problem).remedy}`);
    return 1;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    console.error(`error: Cannot write ${asked.to}: ${error.message}`);
    return 1;
  }
}
