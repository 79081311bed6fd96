import cluster from 'node:cluster';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { joinMetrics } from './worker-metrics.ts';

/** What the server measures of itself; scraped at its own /metrics. Labels are routes, labels and versions: a bounded few. */
export interface ServerMetrics {
  readonly registry: Registry;
  /** Of all processes where there are several. */
  readonly render: () => Promise<string>;
  /** Before this process goes. */
  readonly leave: () => Promise<void>;
  readonly requests: Counter<'route' | 'method' | 'status_class'>;
  readonly duration: Histogram<'route'>;
  readonly inFlight: Gauge;
  readonly limited: Counter;
  readonly dropped: Counter<'reason'>;
  readonly unheard: Counter<'reason'>;
  readonly predictions: Counter<'label' | 'version'>;
  readonly confidence: Histogram;
  readonly characters: Histogram;
  readonly swaps: Counter<'outcome'>;
  readonly loadedAt: Gauge;
  readonly release: Gauge<'release'>;
  readonly model: Gauge<'version'>;
}

/** Looked up whenever the metrics are read. */
export interface Observed {
  readonly listeners: () => number;
  /** Whether the release that the pointer leads to is refused. */
  readonly isRefused: () => boolean;
}

export function createServerMetrics({ listeners, isRefused }: Observed): ServerMetrics {
  const registry = new Registry();
  const { render, leave } = cluster.isWorker ? joinMetrics(registry) : { render: () => registry.metrics(), leave: () => Promise.resolve() };
  const registers = [registry];
  const metrics: ServerMetrics = {
    registry,
    render,
    leave,
    requests: new Counter({ name: 'ulasan_http_requests_total', help: 'Requests that were answered.', labelNames: ['route', 'method', 'status_class'], registers }),
    duration: new Histogram({ name: 'ulasan_http_request_duration_seconds', help: 'Time from the request to the end of the answer.', labelNames: ['route'], buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5], registers }),
    inFlight: new Gauge({ name: 'ulasan_http_requests_in_flight', help: 'Requests that are being answered.', registers }),
    limited: new Counter({ name: 'ulasan_rate_limited_requests_total', help: 'Requests that were refused since their client asked too often.', registers }),
    dropped: new Counter({ name: 'ulasan_connections_dropped_total', help: 'Connections that were not let in, as their client had enough (client) or all were in use (full), or that stood idle and made room (idle).', labelNames: ['reason'], registers }),
    unheard: new Counter({ name: 'ulasan_event_listeners_refused_total', help: 'Pages that could not listen to events, as their client listened often enough (client) or all places were taken (full).', labelNames: ['reason'], registers }),
    predictions: new Counter({ name: 'ulasan_predictions_total', help: 'Texts that were labelled.', labelNames: ['label', 'version'], registers }),
    confidence: new Histogram({ name: 'ulasan_prediction_confidence_ratio', help: 'Probability of the label that was predicted.', buckets: [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1], registers }),
    characters: new Histogram({ name: 'ulasan_prediction_input_characters', help: 'Length of the texts that were labelled.', buckets: [10, 25, 50, 100, 250, 500, 1000, 2500, 10_000], registers }),
    swaps: new Counter({ name: 'ulasan_release_swaps_total', help: 'Releases that the server was led to.', labelNames: ['outcome'], registers }),
    loadedAt: new Gauge({ name: 'ulasan_release_loaded_timestamp_seconds', help: 'When the release that serves was loaded.', aggregator: 'max', registers }),
    release: new Gauge({ name: 'ulasan_release_info', help: 'The release that serves.', labelNames: ['release'], aggregator: 'max', registers }),
    model: new Gauge({ name: 'ulasan_served_model_info', help: 'The model that serves.', labelNames: ['version'], aggregator: 'max', registers }),
  };
  // Known to the registry alone: they set themselves when they are read, in every worker.
  void new Gauge({ name: 'ulasan_event_listeners', help: 'Pages that are told of new releases.', registers, collect() { this.set(listeners()); } });
  void new Gauge({ name: 'ulasan_release_refused', help: 'Whether what serves is not what it should be: the release that the pointer leads to is refused, or nothing is pointed to, or it left the disk.', aggregator: 'max', registers, collect() { this.set(isRefused() ? 1 : 0); } });
  for (const outcome of ['served', 'refused']) metrics.swaps.inc({ outcome }, 0);
  for (const reason of ['client', 'full', 'idle']) metrics.dropped.inc({ reason }, 0);
  for (const reason of ['client', 'full']) metrics.unheard.inc({ reason }, 0);
  return metrics;
}
