import { existsSync } from 'node:fs';
import { readRows } from '../../records/read-csv.ts';
import type { Label } from '../../schema/app.ts';
import { Correction } from '../../schema/clean-review.ts';
import { wording } from '../wording-data.ts';
import type { Failed } from '../wording-data.ts';

export type Corrections = { readonly kind: 'corrections'; readonly labels: ReadonlyMap<string, Label> } | Failed;

/** Labels that people fixed, by review id, of one app. An absent file has none. */
export function readCorrections(file: string, app: string): Corrections {
  if (!existsSync(file)) return { kind: 'corrections', labels: new Map() };
  const read = readRows(file, Correction, 'corrections.csv');
  if (!read.ok) return wording.records(read.problem);
  const labels = new Map<string, Label>();
  for (const [index, correction] of read.rows.entries()) {
    const parsed = Correction.safeParse(correction);
    if (!parsed.success) {
      return wording.records({ kind: 'value', file: 'corrections.csv', line: index + 2, column: String(parsed.error.issues[0]?.path[0] ?? 'label'), seen: correction.label, expected: 'negative, neutral or positive' });
    }
    if (correction.app !== app) continue;
    const known = labels.get(correction.id);
    if (known !== undefined && known !== correction.label) return wording.correction(correction.id, index + 2);
    labels.set(correction.id, correction.label);
  }
  return { kind: 'corrections', labels };
}
