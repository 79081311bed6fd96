import { sentence, shownName, shownNames } from '../records/wording.ts';
import type { RecordsProblem } from '../records/problem.ts';
import { AppId } from '../schema/app.ts';
import type { Unnamed } from './collect/cells.ts';
import type { StageOutcome } from './context.ts';

/** Every sentence of collect, validate, clean, split and publish. */

export type Failed = Extract<StageOutcome, { kind: 'failed' }>;

const failed = (problem: string, remedy: string, where?: string): Failed => ({ kind: 'failed', problem, remedy, ...(where === undefined ? {} : { where }) });
const number = (value: number): string => value.toLocaleString('en-GB');

export const wording = {
  records: (problem: RecordsProblem): Failed => {
    const { problem: text, where, remedy } = sentence(problem);
    return failed(text, remedy, where);
  },
  encoding: (problem: RecordsProblem): Failed =>
    ({ ...wording.records(problem), remedy: 'save the file as UTF-8; or set collect.encoding in params.yaml to what it is, or to auto, which also reads a file of which only some is UTF-8' }),
  noFile: (file: string): Failed => failed(`Cannot read ${file} as there is no such file`, 'check collect.path in params.yaml; it is relative to the workspace', file),
  folder: (file: string): Failed => failed(`Cannot read ${file} as it is a folder, and no file of reviews`, 'set collect.path in params.yaml to one file: .csv, .jsonl, .ndjson or .parquet', file),
  fileKind: (file: string): Failed => failed(`Cannot read ${file} as its name ends in none of .csv, .jsonl, .ndjson and .parquet`, 'give the file one of these endings; the text formats may be packed, as in .csv.gz', 'params.yaml'),
  unnamed: ({ field, line, keys }: Unnamed, file: string): Failed =>
    failed(
      `Cannot read ${file} as line ${line} has no ${field} under a name that is known, but ${keys.length === 1 ? 'a key' : 'keys'} that no line with one has: ${shownNames(keys)}`,
      `add the name of the key that holds it to collect.columns.${field} in params.yaml, or write ${field === 'id' ? '"id": null' : '"text": ""'} into that line`, `${file}:${line}`,
    ),
  badParams: (why: string): Failed => failed(`Cannot use params.yaml: ${why}`, 'mend it in params.yaml, or in --set', 'params.yaml'),
  unknownRule: (rule: string, near: string | undefined, rules: readonly string[]): Failed =>
    wording.badParams(`there is no validate.rules.${rule}: ${near === undefined ? `the rules are ${rules.join(', ')}` : `did you mean "${near}"?`}`),
  otherApps: (app: string, seen: string, file: string): Failed => {
    // What is no id of an app may be anything, also what somebody wrote.
    const isApp = AppId.safeParse(seen).success;
    return failed(
      `Cannot collect ${app} from ${file} as all its rows are of another app${isApp ? `, such as ${shownName(seen)}` : ', and name it by what is no id of an app'}`,
      isApp ? `set collect.app to ${seen}, or give another file` : 'look which column collect.columns.app takes, or give another file', file,
    );
  },
  collected: (added: number, edited: number): string => `${number(added)} new ${added === 1 ? 'review' : 'reviews'}${edited > 0 ? `, ${number(edited)} edited` : ''}`,
  quality: (failures: readonly { rule: string; rows: number; share: number; limit: number }[]): Failed =>
    failed(
      `The data is not good enough to learn from: ${failures.map(({ rule, rows, share, limit }) => `${rule} in ${number(rows)} rows (${(share * 100).toFixed(1)} %, at most ${(limit * 100).toFixed(1)} %)`).join('; ')}`,
      'mend the source, or raise the limit under validate.rules in params.yaml if the data is as it should be',
      'data/collect/reviews.csv',
    ),
  tooFew: (rows: number, least: number): Failed =>
    failed(`There are ${number(rows)} reviews, fewer than the ${number(least)} that validate.rowsMin asks for`, 'collect more, or check collect.source and collect.app', 'data/collect/reviews.csv'),
  nothingLeft: (dropped: number, reasons: readonly (readonly [reason: string, rows: number])[]): Failed =>
    failed(
      dropped === 0 ? 'No review is left after cleaning: none was collected' : `No review is left after cleaning: all ${number(dropped)} were dropped (${reasons.map(([reason, rows]) => `${reason}: ${number(rows)}`).join(', ')})`,
      'check that the columns for text, rating and date are mapped (collect.columns in params.yaml) and hold what they should; reports/quality.json names rows', 'data/collect/reviews.csv',
    ),
  emptySide: (side: string, rows: number): Failed =>
    failed(`The ${side} side of the split is empty: ${number(rows)} reviews are too few for split.testShare`, 'collect more reviews, or change split.testShare', 'data/clean/reviews.csv'),
  otherDataset: (dataset: string, { file, of }: { readonly file: string; readonly of: string }): Failed =>
    failed(`Cannot publish ${dataset} as ${file} is of ${of}`, 'set collect.source and collect.app to what the results are of, or run the whole pipeline for what they say now', file),
  correction: (id: string, line: number): Failed => failed(`corrections.csv names ${id} twice with different labels`, 'keep one of the lines', `corrections.csv:${line}`),
} as const;
