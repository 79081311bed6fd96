import { statSync } from 'node:fs';
import type { z } from 'zod';
import type { CollectParams } from '../../schema/params.ts';
import type { Review } from '../../schema/review.ts';
import { parseDates } from '../dates/local.ts';
import { wording } from '../wording-data.ts';
import type { Failed } from '../wording-data.ts';
import { cellsOf, unnamedIn } from './cells.ts';
import type { Get } from './cells.ts';
import { REQUIRED, mapColumns } from './columns.ts';
import type { Places } from './columns.ts';
import { kindOf, readForeign } from './foreign.ts';
import type { ForeignTable } from './foreign.ts';
import { repeatedOf } from '../../ml/text/repeated.ts';
import { idOf, nameByContent } from './ids.ts';
import { storable } from './storable.ts';

export interface FromFile {
  readonly kind: 'reviews';
  readonly rows: number;
  /** The reviews, a good many at a time, made while they are asked for: what is done with the first need not wait for the last. */
  readonly parts: () => Iterable<readonly Review[]>;
  /** Places of reviews whose id comes again with a later time, or further down with the same one. */
  readonly repeated: ReadonlySet<number>;
  /** Rows of other apps and header lines in the middle of the file, both left out; dates that could be read in two ways; an encoding that was found out. */
  readonly facts: Readonly<Record<string, number | string>>;
}

export interface FileOptions {
  readonly params: z.infer<typeof CollectParams>;
  /** The door: what is kept of a review, and of the name of its user. Left out, the name is dropped. */
  readonly admit?: (review: Review, userName: string | null) => Review;
}

const PART = 10_000;
/** Of a file of many, so that the thread that stores them begins soon. */
const FIRST_PART = 1000;

const textOrNull = (text: string | null): string | null => (text === null ? null : storable(text));

function numberOf(text: string | null): number | null {
  if (text === null || text.trim() === '') return null;
  const value = Number(text.trim().replace(',', '.'));
  return Number.isFinite(value) ? value : null;
}

interface Taken {
  /** Rows of the file that are reviews of the app. */
  readonly rows: readonly number[];
  readonly otherApps: number;
  readonly otherApp: string | undefined;
  readonly repeatedHeaders: number;
}

function take(table: ForeignTable, { places, get }: { readonly places: Places; readonly get: Get }, app: string): Taken {
  let [otherApps, repeatedHeaders] = [0, 0];
  let otherApp: string | undefined;
  const rows: number[] = [];
  const headers = REQUIRED.map((field) => table.columns[places[field]?.named[0] ?? places[field]?.common[0] ?? -1]);
  for (let row = 0; row < table.rows; row++) {
    if (REQUIRED.every((field, index) => get(row, field) === headers[index])) {
      repeatedHeaders++;
      continue;
    }
    const named = get(row, 'app')?.trim() ?? '';
    if (named === '' || named === app) rows.push(row);
    else {
      otherApps++;
      otherApp ??= named;
    }
  }
  return { rows, otherApps, otherApp, repeatedHeaders };
}

/**
 * Reviews of a CSV, JSONL or Parquet file whose columns params.yaml maps. Ratings that are none and odd dates become null for
 * `validate` to judge; ids stay as they are, also where they are doubled or differ in case only. Those that are very long end in
 * a hash of themselves, and where there is none it is made of the content as it is kept.
 */
export async function readFileSource(file: string, shown: string, { params, admit = (review) => review }: FileOptions): Promise<FromFile | Failed> {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) return wording.folder(shown);
  const kind = kindOf(shown);
  if (kind === undefined) return wording.fileKind(shown);
  const read = await readForeign(file, shown, { kind, encoding: params.encoding });
  if (!read.ok) return read.problem.kind === 'absent' ? wording.noFile(shown) : read.problem.kind === 'encoding' ? wording.encoding(read.problem) : wording.records(read.problem);
  const table = read.rows;
  const mapped = mapColumns(table.columns, params.columns, shown);
  if (!mapped.ok) return wording.records(mapped.problem);
  const { places } = mapped;
  const unnamed = unnamedIn(table, places, ['id', 'text']);
  if (unnamed !== undefined) return wording.unnamed(unnamed, shown);
  const get = cellsOf(table, places);
  const { rows, otherApps, otherApp, repeatedHeaders } = take(table, { places, get }, params.app);
  if (rows.length === 0 && otherApp !== undefined) return wording.otherApps(params.app, otherApp, shown);
  const [at, repliedAt] = [parseDates(rows.map((row) => get(row, 'at'))), parseDates(rows.map((row) => get(row, 'repliedAt')))];
  const ids = rows.map((row) => idOf(get(row, 'id')));
  const reviewOf = (row: number, index: number): Review => {
    const review: Review = {
      app: params.app, id: ids[index] ?? '', at: at.instants[index] ?? null, rating: numberOf(get(row, 'rating')), text: storable(get(row, 'text') ?? ''),
      thumbsUp: Math.trunc(numberOf(get(row, 'thumbsUp')) ?? 0), version: textOrNull(get(row, 'version')), reply: textOrNull(get(row, 'reply')), repliedAt: repliedAt.instants[index] ?? null,
      source: 'file', author: null,
    };
    return admit(review, textOrNull(get(row, 'author')));
  };
  function* parts(): Generator<readonly Review[]> {
    const nameOf = nameByContent();
    for (let [start, end] = [0, rows.length > PART ? FIRST_PART : PART]; start < rows.length; [start, end] = [end, end + PART]) {
      const part = rows.slice(start, end).map((row, index) => reviewOf(row, start + index));
      yield part.map((review) => (review.id === '' ? { ...review, id: nameOf(review) } : review));
    }
  }
  const repeated = repeatedOf(ids, at.instants);
  const undecidedDates = at.undecided + repliedAt.undecided;
  const encoding = params.encoding === 'auto' && table.encoding !== null ? { encoding: table.encoding } : {};
  const separator = table.separator === undefined || table.separator === ',' ? {} : { separator: table.separator === '\t' ? 'tab' : table.separator };
  return { kind: 'reviews', rows: rows.length, parts, repeated, facts: { otherApps, repeatedHeaders, ...(repeated.size > 0 ? { repeatedIds: repeated.size } : {}), ...(undecidedDates > 0 ? { undecidedDates } : {}), ...encoding, ...separator } };
}
