import type { DriftReport } from '../../schema/drift.ts';
import type { DriftParams } from '../../schema/params.ts';
import type { DatasetRegistry } from '../../schema/registry.ts';

export interface RetrainQuestion {
  readonly hasChampion: boolean;
  readonly rejected: DatasetRegistry['rejected'];
  /** All rows of the dataset, and the newest of their dates. */
  readonly rows: number;
  readonly newest: string;
  /** Rows newer than the champion's reference. */
  readonly newRows: number;
  readonly drifted: boolean;
  readonly params: Pick<DriftParams, 'rowsMin' | 'backOff'>;
}

const DAY_MS = 86_400_000;

/** After a rejection the same rows would give the same candidate: wait until enough is new. Days are those of the rows. */
function backsOff({ rejected, rows, newest, params: { backOff } }: RetrainQuestion): boolean {
  if (rejected === null) return false;
  const days = (Date.parse(newest) - Date.parse(rejected.newest)) / DAY_MS;
  return rows - rejected.rows < backOff.rows && days < backOff.days;
}

/** Whether to train again because of new data. A change of code or params trains again whatever this says. */
export function decideRetrain(question: RetrainQuestion): Pick<DriftReport, 'retrain' | 'reason'> {
  const { hasChampion, newRows, drifted, params } = question;
  if (hasChampion && newRows < params.rowsMin) return { retrain: false, reason: 'too-few-rows' };
  if (hasChampion && !drifted) return { retrain: false, reason: 'none' };
  if (backsOff(question)) return { retrain: false, reason: 'backing-off' };
  return { retrain: true, reason: hasChampion ? 'drift' : 'no-champion' };
}
