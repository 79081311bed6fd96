import type { AppId, Label } from '../../schema/app.ts';
import type { TrendRow } from '../../schema/prediction.ts';

/** Predicted labels and the mean of the stars by month (UTC), oldest first. `predictions[i]` belongs to `rows[i]`. */
export function trendOf(app: AppId, rows: readonly { readonly at: string; readonly rating: number }[], predictions: readonly { readonly label: Label }[]): readonly TrendRow[] {
  const months = new Map<string, TrendRow>();
  for (const [index, { at, rating }] of rows.entries()) {
    const label = predictions[index]?.label;
    if (label === undefined) throw new RangeError(`Cannot count row ${index} as it has no prediction: there are ${predictions.length} for ${rows.length} rows`);
    const month = at.slice(0, 7);
    const row = months.get(month) ?? { app, month, reviews: 0, negative: 0, neutral: 0, positive: 0, rating: 0 };
    row.reviews++;
    row[label]++;
    row.rating += rating;
    months.set(month, row);
  }
  return [...months.values()].map((row) => ({ ...row, rating: row.rating / row.reviews })).sort((a, b) => (a.month < b.month ? -1 : 1));
}
