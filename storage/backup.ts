import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { readJsonl } from '../records/jsonl.ts';
import { parseCsv } from '../records/parse-csv.ts';
import type { Read } from '../records/problem.ts';
import { readColumns, readRows } from '../records/read-csv.ts';
import { datasetOf } from '../schema/app.ts';
import { Review, ReviewRevision } from '../schema/review.ts';
import type { Backup } from './versions.ts';

/** The files of a backup, in its folder. */
export const REVIEWS = 'reviews.csv';
export const HISTORY = 'history.jsonl';

/** The export of the dataset that was collected last is its backup, too. */
export const COLLECTED = 'data/collect';
/** Backups of all other datasets, each in the folder of its source and app. */
export const OTHERS = 'data/collect/others';

/** Where the backup of a dataset lies while another one is in data/collect. */
export const otherFolder = (dataset: string): string => `${OTHERS}/${dataset.replace(':', '/')}`;

/** The folders of a workspace's further backups, `data/collect/others/play/com.example.app`, in order. */
export function otherFolders(root: string): readonly string[] {
  const foldersIn = (folder: string): readonly string[] =>
    existsSync(folder) ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort() : [];
  return foldersIn(root).flatMap((source) => foldersIn(path.join(root, source)).map((app) => `${source}/${app}`));
}

const HEAD_BYTES = 1 << 18;

/** The header and the first row of a file, whatever comes after them. */
function firstRecords(text: string): readonly (readonly (string | null)[])[] {
  const records: (readonly (string | null)[])[] = [];
  parseCsv(text, (cells) => void (records.length < 2 && records.push(cells)));
  return records;
}

/** The beginning of a file: all of it only where the first row is larger than usual. */
function headOf(file: string): readonly (readonly (string | null)[])[] {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.allocUnsafe(HEAD_BYTES);
    const length = readSync(descriptor, bytes);
    const records = firstRecords(bytes.subarray(0, length).toString('utf8'));
    return records.length < 2 && length === HEAD_BYTES ? firstRecords(readFileSync(file, 'utf8')) : records;
  } finally {
    closeSync(descriptor);
  }
}

/** Which dataset a file of reviews is of, by its first row; undefined where there is none, or it cannot be read. */
export function datasetIn(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const [names = [], first = []] = headOf(file);
  const [source, app] = ['source', 'app'].map((name) => first[names.indexOf(name)] ?? '');
  const known = Review.pick({ source: true, app: true }).safeParse({ source, app });
  return known.success ? datasetOf(known.data.source, known.data.app) : undefined;
}

/** Ids of the reviews of a backup, without the rest of them. */
export function idsIn(folder: string, shown: string): Read<ReadonlySet<string>> {
  const read = readColumns(path.join(folder, REVIEWS), Review.pick({ id: true }), `${shown}/${REVIEWS}`);
  return read.ok ? { ok: true, rows: new Set(read.rows.columns.id) } : read;
}

/** A whole backup. One without a history has had no edits; one without reviews is none. */
export function readBackup(folder: string, shown: string): Read<Backup> {
  const reviews = readRows(path.join(folder, REVIEWS), Review, `${shown}/${REVIEWS}`);
  if (!reviews.ok) return reviews;
  const file = path.join(folder, HISTORY);
  if (!existsSync(file)) return { ok: true, rows: { reviews: reviews.rows, history: [] } };
  const lines = readJsonl(file, `${shown}/${HISTORY}`);
  if (!lines.ok) return lines;
  const history: ReviewRevision[] = [];
  for (const { line, value } of lines.rows) {
    const parsed = ReviewRevision.safeParse(value);
    if (!parsed.success) return { ok: false, problem: { kind: 'malformed', file: `${shown}/${HISTORY}`, line, why: 'it is no earlier version of a review' } };
    history.push(parsed.data);
  }
  return { ok: true, rows: { reviews: reviews.rows, history } };
}
