import { Counter, Gauge, Registry } from 'prom-client';

/** The metrics of one scrape: made anew from files each time, so that a stage, rule or version that is gone does not linger. */
export interface Sheet {
  readonly registry: Registry;
  gauge(name: string, help: string, values: readonly Value[]): void;
  counter(name: string, help: string, values: readonly Value[]): void;
}

export interface Value {
  readonly labels?: Readonly<Record<string, string>>;
  /** Null where it is not known: unknown is no number, so there is no series of it. */
  readonly value: number | null;
}

/** Series of one metric; more would be a mistake of ours that fills Prometheus' memory. */
const SERIES_MAX = 200;

type Known = readonly { readonly labels: Record<string, string>; readonly value: number }[];

function known(values: readonly Value[]): Known {
  return values.slice(0, SERIES_MAX).flatMap(({ labels = {}, value }) => (value === null || !Number.isFinite(value) ? [] : [{ labels: { ...labels }, value }]));
}

export function createSheet(): Sheet {
  const registry = new Registry();
  const declare = (name: string, help: string, values: Known): { name: string; help: string; labelNames: string[]; registers: Registry[] } => ({ name, help, labelNames: Object.keys(values[0]?.labels ?? {}), registers: [registry] });
  return {
    registry,
    gauge(name, help, values) {
      const series = known(values);
      if (series.length === 0) return;
      const gauge = new Gauge(declare(name, help, series));
      for (const { labels, value } of series) gauge.set(labels, value);
    },
    counter(name, help, values) {
      const series = known(values);
      if (series.length === 0) return;
      const counter = new Counter(declare(name, help, series));
      for (const { labels, value } of series) counter.inc(labels, value);
    },
  };
}
