import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { AnnotationQueryBuilder, DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { AnnotationQuery, Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { PROMETHEUS, series, sqlSeries, sqlTable, stat } from './panels.ts';

/**
 * A mark at the moment that a series names, in milliseconds, however wide the dashboard looks: where it looked for changes
 * instead, a step of more than a run's distance would step over them, and a restart would look like a change.
 */
class Mark implements Builder<AnnotationQuery> {
  readonly #query: AnnotationQuery;
  constructor({ name, title, expr, colour }: { readonly name: string; readonly title: string; readonly expr: string; readonly colour: string }) {
    const query = new AnnotationQueryBuilder().name(name).datasource(PROMETHEUS).expr(expr).enable(true).iconColor(colour).build();
    this.#query = Object.assign(query, { useValueForTime: true, titleFormat: title, step: '60s' });
  }
  build(): AnnotationQuery {
    return this.#query;
  }
}

/** Every dashboard shows when a run ended, and when another release came: what changed is often why something looks different. */
const marks = (): readonly Mark[] => [
  new Mark({ name: 'Runs', title: 'Run: {{outcome}}', expr: 'max by (outcome) (ulasan_pipeline_last_run_timestamp_seconds) * 1000', colour: 'blue' }),
  new Mark({ name: 'Releases', title: 'Release {{release}}', expr: 'max by (release) (ulasan_release_published_timestamp_seconds) * 1000', colour: 'orange' }),
];

function dashboard(name: string, title: string, rows: Readonly<Record<string, readonly Builder<Panel>[]>>): Dashboard {
  const builder = new DashboardBuilder(`ulasan: ${title}`).uid(`ulasan-${name}`).tags(['ulasan']).refresh('1m').time({ from: 'now-7d', to: 'now' }).timezone('browser').editable();
  for (const mark of marks()) builder.annotation(mark);
  for (const [row, panels] of Object.entries(rows)) {
    builder.withRow(new RowBuilder(row));
    for (const panel of panels) builder.withPanel(panel);
  }
  return builder.build();
}

export const system = (): Dashboard =>
  dashboard('system', 'system and pipeline', {
    Now: [
      stat({ title: 'Last good run', about: 'Time since a scheduled run ended well', unit: 's', width: 4 }, { expr: 'time() - max(ulasan_scheduler_last_success_timestamp_seconds)' }),
      stat({ title: 'Next run in', about: 'Until the scheduler begins the next one', unit: 's', width: 4 }, { expr: 'max(ulasan_scheduler_next_run_timestamp_seconds) - time()' }),
      stat({ title: 'Failed in a row', about: 'Runs since the last good one', width: 4 }, { expr: 'max(ulasan_pipeline_consecutive_failures)' }),
      stat({ title: 'Last run', about: 'How long it took', unit: 's', width: 4 }, { expr: 'max(ulasan_pipeline_last_run_duration_seconds)' }),
      stat({ title: 'Saved by not running again', about: 'What fresh and restored stages of the last run had taken', unit: 's', width: 4 }, { expr: 'max(ulasan_pipeline_last_run_saved_seconds)' }),
      stat({ title: 'Services', about: 'Answering of those that are known', width: 4 }, { expr: 'sum(up{job=~"ulasan-.*"})' }),
    ],
    Pipeline: [
      series({ title: 'Stages', about: 'How long each took in the last run', unit: 's' }, { expr: 'max by (stage) (ulasan_pipeline_stage_duration_seconds)', legend: '{{stage}}' }),
      series({ title: 'Stages by how they ended', about: 'Fresh and restored ones cost nothing' }, { expr: 'max by (state) (ulasan_pipeline_stages)', legend: '{{state}}' }),
      series({ title: 'Scheduled runs', about: 'By cause and outcome' }, { expr: 'sum by (source, outcome) (increase(ulasan_scheduler_triggers_total[6h]))', legend: '{{source}} {{outcome}}' }),
      series({ title: 'Alerts of the pipeline', about: 'By channel and outcome' }, { expr: 'sum by (channel, outcome) (increase(ulasan_notifications_total[6h]))', legend: '{{channel}} {{outcome}}' }),
    ],
    'Report and API': [
      series({ title: 'Requests', about: 'A second, by route', unit: 'reqps' }, { expr: 'sum by (route) (rate(ulasan_http_requests_total[5m]))', legend: '{{route}}' }),
      series({ title: 'Failed requests', about: 'Share of 5xx', unit: 'percentunit' }, { expr: '(ulasan:http_errors:ratio_rate5m or vector(0))', legend: 'failed' }),
      series({ title: 'Latency', about: 'Of predictions and pages', unit: 's' },
        { expr: 'histogram_quantile(0.5, sum by (le, route) (rate(ulasan_http_request_duration_seconds_bucket{route=~"/api/predict|site"}[5m])))', legend: 'p50 {{route}}' },
        { expr: 'histogram_quantile(0.99, sum by (le, route) (rate(ulasan_http_request_duration_seconds_bucket{route=~"/api/predict|site"}[5m])))', legend: 'p99 {{route}}' }),
      series({ title: 'Releases', about: 'Served and refused' }, { expr: 'sum by (outcome) (ulasan_release_swaps_total)', legend: '{{outcome}}' }),
    ],
    Machine: [
      series({ title: 'Free disk', about: 'Where the workspace lies', unit: 'bytes', width: 8 }, { expr: 'min(ulasan_disk_free_bytes)', legend: 'free' }, { expr: 'max(ulasan_disk_size_bytes)', legend: 'size' }),
      series({ title: 'Free memory', about: 'Of the machine', unit: 'bytes', width: 8 }, { expr: 'min(ulasan_memory_free_bytes)', legend: 'free' }),
      series({ title: 'Load and scrapes', about: 'Mean of a minute; seconds a scrape takes', width: 8 }, { expr: 'max(ulasan_load_average)', legend: 'load' }, { expr: 'max(ulasan_exporter_scrape_duration_seconds)', legend: 'scrape' }),
    ],
  });

export const model = (): Dashboard =>
  dashboard('model', 'model', {
    Champion: [
      stat({ title: 'Macro-F1', about: 'On its test rows', unit: 'percentunit', width: 4 }, { expr: 'max(ulasan_model_macro_f1_ratio{bound="estimate"})' }),
      stat({ title: '95% interval', about: 'Of that', unit: 'percentunit', width: 4 }, { expr: 'max(ulasan_model_macro_f1_ratio{bound="low"})', legend: 'low' }, { expr: 'max(ulasan_model_macro_f1_ratio{bound="high"})', legend: 'high' }),
      stat({ title: 'Version', about: 'That the registry calls champion', width: 4 }, { expr: 'ulasan_model_info{alias="champion"}', legend: '{{version}}' }),
      stat({ title: 'Champion for', about: 'Since it was promoted', unit: 's', width: 4 }, { expr: 'time() - max(ulasan_model_champion_since_timestamp_seconds)' }),
      stat({ title: 'Learned from', about: 'Reviews', width: 4 }, { expr: 'max(ulasan_model_trained_reviews)' }),
      stat({ title: 'Size', about: 'Of the model that pages load', unit: 'bytes', width: 4 }, { expr: 'max(ulasan_model_size_bytes)' }),
    ],
    Quality: [
      series({ title: 'Macro-F1', about: 'Of the champion, with its interval', unit: 'percentunit' }, { expr: 'max by (bound) (ulasan_model_macro_f1_ratio)', legend: '{{bound}}' }),
      series({ title: 'Candidates', about: 'All three estimators of the newest training', unit: 'percentunit' }, { expr: 'max by (estimator) (ulasan_model_candidate_macro_f1_ratio)', legend: '{{estimator}}' }),
      series({ title: 'F1 by label', about: 'Of the newest candidate', unit: 'percentunit' }, { expr: 'max by (label) (ulasan_model_class_f1_ratio)', legend: '{{label}}' }),
      series({ title: 'The gate', about: 'What it said of the newest candidate' }, { expr: 'max by (decision) (ulasan_model_gate_decision)', legend: '{{decision}}' }),
      series({ title: 'Registry', about: 'What happened to versions' }, { expr: 'max by (action) (ulasan_model_registry_events_total)', legend: '{{action}}' }),
      sqlTable({ title: 'Scores by estimator', about: 'From the SQL store' }, 'select dataset, estimator, name, value, at from model_metric order by dataset, estimator, name'),
    ],
    Predictions: [
      series({ title: 'Labels asked for', about: 'By the API, a second', unit: 'ops' }, { expr: 'sum by (label) (rate(ulasan_predictions_total[5m]))', legend: '{{label}}' }),
      series({ title: 'By version', about: 'Every swap shows here', unit: 'ops' }, { expr: 'sum by (version) (rate(ulasan_predictions_total[5m]))', legend: '{{version}}' }),
      series({ title: 'Confidence', about: 'Probability of the label', unit: 'percentunit' }, { expr: 'histogram_quantile(0.5, sum by (le) (rate(ulasan_prediction_confidence_ratio_bucket[15m])))', legend: 'median' }, { expr: 'histogram_quantile(0.1, sum by (le) (rate(ulasan_prediction_confidence_ratio_bucket[15m])))', legend: 'lowest tenth' }),
      series({ title: 'Length of the texts', about: 'Characters' }, { expr: 'histogram_quantile(0.5, sum by (le) (rate(ulasan_prediction_input_characters_bucket[15m])))', legend: 'median' }),
    ],
  });

export const data = (): Dashboard =>
  dashboard('data', 'data quality', {
    Now: [
      stat({ title: 'Reviews', about: 'Of the configured dataset', width: 6 }, { expr: 'max(ulasan_data_reviews)' }),
      stat({ title: 'Newest review', about: 'How old it is', unit: 's', width: 6 }, { expr: 'time() - max(ulasan_data_newest_review_timestamp_seconds)' }),
      stat({ title: 'Source answered', about: 'Time since then', unit: 's', width: 6 }, { expr: 'time() - max(ulasan_collect_last_success_timestamp_seconds)' }),
      stat({ title: 'Rules that fail', about: 'Errors stop the run before training', width: 6 }, { expr: 'count(ulasan_quality_check_passed == 0) or vector(0)' }),
    ],
    Rules: [
      series({ title: 'Rows that fail a rule', about: 'Share of all', unit: 'percentunit' }, { expr: 'max by (rule) (ulasan_quality_check_share)', legend: '{{rule}}' }),
      series({ title: 'Rules that hold', about: '1 holds, 0 does not' }, { expr: 'min by (rule) (ulasan_quality_check_passed)', legend: '{{rule}}' }),
      sqlTable({ title: 'All rules', about: 'From the SQL store', width: 24 }, 'select dataset, rule, severity, passed, rows, share, share_limit from quality_now order by passed, severity, rule'),
    ],
    Reviews: [
      series({ title: 'Languages', about: 'Reviews of each' }, { expr: 'max by (language) (ulasan_data_language_reviews)', legend: '{{language}}' }),
      series({ title: 'New reviews', about: 'Of the last run that asked the source' }, { expr: 'max(ulasan_collect_new_reviews)', legend: 'new' }),
      sqlSeries({ title: 'Sentiment by day', about: 'From the SQL store' }, "select day::timestamptz as time, dataset || ' ' || label as metric, sum(reviews) as value from sentiment_per_day where $__timeFilter(day::timestamptz) group by 1, 2 order by 1"),
      sqlSeries({ title: 'Stars by day', about: 'Mean, from the SQL store' }, "select day::timestamptz as time, dataset as metric, rating as value from rating_per_day where $__timeFilter(day::timestamptz) order by 1"),
    ],
    Drift: [
      series({ title: 'How far each feature moved', about: 'In the unit of its measure' }, { expr: 'max by (feature, measure) (ulasan_data_drift_effect)', legend: '{{feature}} ({{measure}})' }),
      series({ title: 'Against its limit', about: '1 and more is drift' }, { expr: 'max by (feature) (ulasan_data_drift_effect) / max by (feature) (ulasan_data_drift_limit)', legend: '{{feature}}' }),
      series({ title: 'Drift and what followed', about: '1 is yes' }, { expr: 'max(ulasan_data_drift_detected)', legend: 'drift' }, { expr: 'max(ulasan_data_drift_retrain)', legend: 'trained again' }),
      series({ title: 'Reviews since training', about: 'Newer than what the champion learned from' }, { expr: 'max(ulasan_data_drift_new_reviews)', legend: 'new' }),
    ],
  });

/** By the name of their file. */
export const DASHBOARDS: Readonly<Record<string, () => Dashboard>> = { system, model, data };
