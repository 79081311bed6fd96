import { z } from 'zod';
import { DriftReport } from '../../schema/drift.ts';
import { WatchMetric } from '../../schema/quality.ts';
import type { Files } from './files.ts';
import type { Sheet } from './gauges.ts';

/** The data as the stages left it: quality, age and drift. Nothing here opens a store. */
export function createDataView(files: Files): (sheet: Sheet) => void {
  const watched = files.open('watch', 'data/watch/metrics.json', z.array(WatchMetric));
  const drift = files.open('drift', 'data/drift/drift.json', DriftReport);
  return (sheet) => {
    // Its names and labels were chosen by the stage that knows what they mean.
    for (const { name, help, values } of watched() ?? []) sheet.gauge(name, help, values);
    const report = drift();
    const features = report?.features ?? [];
    sheet.gauge('ulasan_data_drift_effect', 'How far a feature moved, in the unit of its measure.', features.map(({ feature, effectName, effect }) => ({ labels: { feature, measure: effectName }, value: effect })));
    sheet.gauge('ulasan_data_drift_limit', 'From where on that counts as drift.', features.map(({ feature, effectName, limit }) => ({ labels: { feature, measure: effectName }, value: limit })));
    sheet.gauge('ulasan_data_drift_detected', 'Whether the reviews drifted.', [{ value: report === null ? null : report.drifted ? 1 : 0 }]);
    sheet.gauge('ulasan_data_drift_retrain', 'Whether that led to training again.', [{ value: report === null ? null : report.retrain ? 1 : 0 }]);
    sheet.gauge('ulasan_data_drift_new_reviews', 'Reviews that are newer than what the champion learned from.', [{ value: report?.newRows ?? null }]);
  };
}
