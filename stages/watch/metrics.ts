import type { ClockCheck, QualityReport, WatchMetric } from '../../schema/quality.ts';

interface Seen {
  readonly quality: QualityReport | null;
  readonly clock: readonly ClockCheck[];
  readonly collectedAt: string | null;
  /** New reviews of the last run that collected. */
  readonly added: number | null;
}

const seconds = (at: string): number => Math.floor(Date.parse(at) / 1000);

/** What the exporter shows of the data, named by Prometheus' conventions; labels are rules and languages, a bounded few. */
export function metricsOf({ quality, clock, collectedAt, added }: Seen): readonly WatchMetric[] {
  const metrics: WatchMetric[] = [];
  const gauge = (name: string, help: string, values: WatchMetric['values']): void => void (values.length > 0 && metrics.push({ name, help, values }));
  const one = (value: number | null | undefined): WatchMetric['values'] => (value === null || value === undefined ? [] : [{ labels: {}, value }]);
  const checks = [...(quality?.checks ?? []), ...clock];
  gauge('ulasan_quality_check_passed', 'Whether an expectation about the data holds (1) or not (0).', checks.map(({ rule, severity, passed }) => ({ labels: { rule, severity }, value: passed ? 1 : 0 })));
  gauge('ulasan_quality_check_share', 'Share of the rows, days or languages that fail an expectation.', (quality?.checks ?? []).map(({ rule, severity, share }) => ({ labels: { rule, severity }, value: share })));
  gauge('ulasan_data_reviews', 'Reviews of the configured dataset.', one(quality?.rows));
  gauge('ulasan_data_language_reviews', 'Reviews by language.', Object.entries(quality?.languages ?? {}).map(([language, rows]) => ({ labels: { language }, value: rows })));
  gauge('ulasan_data_newest_review_timestamp_seconds', 'When the newest review was written.', quality?.newest === null || quality === null ? [] : one(seconds(quality.newest)));
  gauge('ulasan_collect_last_success_timestamp_seconds', 'When the source last answered.', collectedAt === null ? [] : one(seconds(collectedAt)));
  gauge('ulasan_collect_new_reviews', 'New reviews of the last run that asked the source.', one(added));
  return metrics;
}
