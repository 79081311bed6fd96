import { hash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { readJsonl } from '../records/jsonl.ts';
import { parseCsv } from '../records/parse-csv.ts';
import type { Read } from '../records/problem.ts';
import { readRows } from '../records/read-csv.ts';
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

/** The beginning of a file as text, without a byte order mark, and whether that is all of it. */
function headOf(file: string): { readonly text: string; readonly isWhole: boolean } {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.allocUnsafe(HEAD_BYTES);
    const length = readSync(descriptor, bytes);
    return { text: bytes.subarray(0, length).toString('utf8').replace(/^\ufeff/, ''), isWhole: length < HEAD_BYTES };
  } finally {
    closeSync(descriptor);
  }
}

/** The header and the first row of a file, whatever comes after them; all of it is read only where the first row is larger than usual. */
function firstRecords(file: string): readonly (readonly (string | null)[])[] {
  const recordsIn = (text: string): readonly (readonly (string | null)[])[] => {
    const records: (readonly (string | null)[])[] = [];
    parseCsv(text, (cells) => void (records.length < 2 && records.push(cells)));
    return records;
  };
  const { text, isWhole } = headOf(file);
  const records = recordsIn(text);
  return records.length < 2 && !isWhole ? recordsIn(readFileSync(file, 'utf8')) : records;
}

function firstLine(file: string): string {
  const { text, isWhole } = headOf(file);
  const [line = ''] = (text.includes('\n') || isWhole ? text : readFileSync(file, 'utf8')).split('\n', 1);
  return line;
}

function revisionIn(line: string): ReviewRevision | undefined {
  try {
    return ReviewRevision.safeParse(JSON.parse(line)).data;
  } catch {
    // Cut, or something else: it tells nothing.
    return undefined;
  }
}

/** What lies in the folder of a backup. `unreadable`: files of which nobody can tell what they are of. */
export type Seen = { readonly kind: 'of'; readonly dataset: string } | { readonly kind: 'none' | 'unreadable' };

const NAMES = ['id', 'source', 'app'];

/**
 * Which dataset a backup is of: by the first row of its reviews, or where there is none, as of a source that was emptied, or it
 * cannot be read, by the first line of its history.
 */
export function lookAt(folder: string): Seen {
  const [reviews, history] = [REVIEWS, HISTORY].map((name) => path.join(folder, name)) as [string, string];
  const [names = [], first] = existsSync(reviews) ? firstRecords(reviews) : [NAMES];
  const [source, app] = ['source', 'app'].map((name) => first?.[names.indexOf(name)] ?? '');
  const known = Review.pick({ source: true, app: true }).safeParse({ source, app });
  if (known.success) return { kind: 'of', dataset: datasetOf(known.data.source, known.data.app) };
  const line = existsSync(history) ? firstLine(history) : '';
  const review = revisionIn(line)?.review;
  if (review !== undefined) return { kind: 'of', dataset: datasetOf(review.source, review.app) };
  return first === undefined && line === '' && NAMES.every((name) => names.includes(name)) ? { kind: 'none' } : { kind: 'unreadable' };
}

/** The dataset of a backup; undefined where there is none, or nobody can tell. */
export function datasetIn(folder: string): string | undefined {
  const seen = lookAt(folder);
  return seen.kind === 'of' ? seen.dataset : undefined;
}

/** Whether a folder holds a backup, or a part of one. */
export const isBackup = (folder: string): boolean => [REVIEWS, HISTORY].some((name) => existsSync(path.join(folder, name)));

/** What names the content of a backup: of the hashes of its reviews and its history. */
export const nameOf = (hashes: readonly (string | null)[]): string => hash('sha256', hashes.join(' '), 'base64url').slice(0, 22);

/** The name of what lies in a folder, by its bytes. */
export const nameIn = (folder: string): string =>
  nameOf([REVIEWS, HISTORY].map((name) => (existsSync(path.join(folder, name)) ? hash('sha256', readFileSync(path.join(folder, name)), 'hex') : null)));

/** A whole backup. One without a history has had no edits; one whose reviews are gone still has that. */
export function readBackup(folder: string, shown: string): Read<Backup> {
  const file = path.join(folder, HISTORY);
  const isLost = existsSync(file) && !existsSync(path.join(folder, REVIEWS));
  const reviews: Read<readonly Review[]> = isLost ? { ok: true, rows: [] } : readRows(path.join(folder, REVIEWS), Review, `${shown}/${REVIEWS}`);
  if (!reviews.ok) return reviews;
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
