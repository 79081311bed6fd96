import { Counter, Gauge, Registry } from 'prom-client';

/** What changes while a process goes on is counted by that process; what is exported here is read anew from files at each scrape. */
export interface Sheet {
  readonly registry: Registry;
  /** Forgets every value, so that a stage, rule or version that is gone does not linger. */
  clear(): void;
  gauge(name: string, help: string, values: readonly Value[]): void;
  counter(name: string, help: string, values: readonly Value[]): void;
}

export interface Value {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number | null;
}

/** Series of one metric; more would be a mistake of ours that fills Prometheus' memory. */
const SERIES_MAX = 200;

export function createSheet(): Sheet {
  const registry = new Registry();
  const gauges = new Map<string, Gauge>();
  const counters = new Map<string, Counter>();
  const known = (values: readonly Value[]): readonly { readonly labels: Record<string, string>; readonly value: number }[] =>
    values.slice(0, SERIES_MAX).flatMap(({ labels = {}, value }) => (value === null || !Number.isFinite(value) ? [] : [{ labels: { ...labels }, value }]));
  const labelsOf = (values: readonly Value[]): string[] => Object.keys(values[0]?.labels ?? {});
  return {
    registry,
    clear() {
      for (const metric of [...gauges.values(), ...counters.values()]) metric.reset();
    },
    gauge(name, help, values) {
      const found = gauges.get(name) ?? new Gauge({ name, help, labelNames: labelsOf(values), registers: [registry] });
      gauges.set(name, found);
      // A gauge without labels is 0 where nothing was set: unknown is no number.
      if (known(values).length === 0) found.remove();
      for (const { labels, value } of known(values)) found.set(labels, value);
    },
    counter(name, help, values) {
      const found = counters.get(name) ?? new Counter({ name, help, labelNames: labelsOf(values), registers: [registry] });
      counters.set(name, found);
      for (const { labels, value } of known(values)) found.inc(labels, value);
    },
  };
}
