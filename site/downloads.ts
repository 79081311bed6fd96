import type { Inputs } from './read/inputs.ts';
import type { Judged } from './figures/tally.ts';
import type { TrendRow } from '../schema/prediction.ts';
import { guard } from '../schema/formula.ts';

/** One cell of a CSV that people open in spreadsheets: quoted, formulas disarmed by an apostrophe. Numbers stay numbers. */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = guard(value);
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export type CsvRow = Readonly<Record<string, string | number | null>>;

/** Rows with the columns of the first one; with a byte order mark, since spreadsheets take UTF-8 for something else without. */
export function toSafeCsv(columns: readonly string[], rows: readonly CsvRow[]): string {
  const lines = rows.map((row) => columns.map((column) => csvCell(row[column] ?? null)).join(','));
  return `\ufeff${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}

const REVIEW_COLUMNS = ['app', 'id', 'at', 'rating', 'label', 'negative', 'neutral', 'positive', 'model', 'starsLabel', 'language', 'version', 'text'] as const;

function reviewRow({ review, label }: Judged, { predictions }: Inputs): Record<(typeof REVIEW_COLUMNS)[number], string | number | null> {
  const prediction = predictions.get(review.id);
  return {
    app: review.app, id: review.id, at: review.at, rating: review.rating, label,
    negative: prediction?.negative ?? null, neutral: prediction?.neutral ?? null, positive: prediction?.positive ?? null, model: prediction?.version ?? null,
    starsLabel: review.label, language: review.language, version: review.version, text: review.raw,
  };
}

/** The files behind the links of the report, by their path in it. Newest reviews first. */
export function downloadsOf(inputs: Inputs, judged: readonly Judged[], trend: readonly TrendRow[]): Readonly<Record<string, string>> {
  const rows = judged.toReversed().map((one) => reviewRow(one, inputs));
  const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
  const files: Record<string, string> = {};
  if (rows.length > 0) {
    files['downloads/reviews.csv'] = toSafeCsv(REVIEW_COLUMNS, rows);
    files['downloads/reviews.json'] = `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`;
    files['downloads/months.csv'] = toSafeCsv(['app', 'month', 'reviews', 'negative', 'neutral', 'positive', 'rating'], trend.map((row) => ({ ...row })));
  }
  if (inputs.metrics !== null) files['downloads/metrics.json'] = json(inputs.metrics);
  return files;
}
