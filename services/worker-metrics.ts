import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import type { Registry } from 'prom-client';

/** All metrics of one process, as prom-client writes them down. */
type Numbers = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/**
 * Between a worker and its parent. A worker that is scraped asks `sum?`; the parent asks every worker `numbers?`, and is told
 * `numbers`, which a worker also tells before it leaves; the answer to the first is `sum`.
 */
type Message = { readonly kind: 'sum?'; readonly id: number } | { readonly kind: 'sum'; readonly id: number; readonly text: string } | { readonly kind: 'numbers?' } | { readonly kind: 'numbers'; readonly numbers: Numbers };

const KINDS: ReadonlySet<unknown> = new Set(['sum?', 'sum', 'numbers?', 'numbers'] satisfies Message['kind'][]);
const isOurs = (message: unknown): message is Message => KINDS.has((message as { readonly kind?: unknown } | null)?.kind);

/** A worker that is busy for longer is counted with what it told last: a scrape never waits for the slowest. */
const PATIENCE_MS = 1000;

export interface Joined {
  /** The metrics of all workers together, those that are gone included. */
  readonly render: () => Promise<string>;
  /** Before a worker leaves: what it counted stays counted. */
  readonly leave: () => Promise<void>;
}

/** In a worker: its metrics join those of the others, and whoever is scraped asks the parent for the sum. */
export function joinMetrics(registry: Registry): Joined {
  const waiting = new Map<number, (text: string) => void>();
  let count = 0;
  const tell = async (): Promise<void> => {
    const numbers = await registry.getMetricsAsJSON();
    await new Promise<void>((resolve) => process.send?.({ kind: 'numbers', numbers } satisfies Message, undefined, undefined, () => resolve()));
  };
  process.on('message', (message) => {
    if (!isOurs(message)) return;
    if (message.kind === 'numbers?') void tell();
    if (message.kind !== 'sum') return;
    waiting.get(message.id)?.(message.text);
    waiting.delete(message.id);
  });
  const render = async (): Promise<string> => {
    if (!process.connected) return registry.metrics();
    const id = ++count;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      process.send?.({ kind: 'sum?', id } satisfies Message);
    });
  };
  return { render, leave: () => (process.connected ? tell() : Promise.resolve()) };
}

/** One that ended meanwhile hears nothing; without a callback that would be an error of the parent. */
function say(worker: Worker, message: Message): void {
  if (worker.isConnected()) worker.send(message, () => undefined);
}

/**
 * In the parent: answers the workers. What a worker counted is kept when it goes, since a sum of counters that falls looks to
 * Prometheus like a restart, after which all of it is counted once more.
 */
export function sumMetrics(): void {
  const told = new Map<number, Numbers>();
  const heard = new Map<number, () => void>();
  let gone: Promise<Numbers> = Promise.resolve([]);

  async function collect(): Promise<string> {
    const here = Object.values(cluster.workers ?? {}).flatMap((worker) => (worker?.isConnected() === true ? [worker] : []));
    const all = Promise.all(here.map((worker) => new Promise<void>((resolve) => {
      heard.set(worker.id, resolve);
      say(worker, { kind: 'numbers?' });
    })));
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([all, new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)))]);
    clearTimeout(timer);
    return AggregatorRegistry.aggregate([await gone, ...told.values()]).metrics();
  }
  // Workers that are scraped at the same time share one answer.
  let sum: Promise<string> | undefined;
  cluster.on('message', (worker, message) => {
    if (!isOurs(message)) return;
    if (message.kind === 'numbers') {
      told.set(worker.id, message.numbers);
      heard.get(worker.id)?.();
    }
    if (message.kind !== 'sum?') return;
    sum ??= collect().finally(() => (sum = undefined));
    void sum.then((text) => say(worker, { kind: 'sum', id: message.id, text }));
  });
  cluster.on('exit', (worker) => {
    const last = told.get(worker.id);
    told.delete(worker.id);
    heard.get(worker.id)?.();
    heard.delete(worker.id);
    // Only what counts up outlives its process: how many requests are under way, it takes with it.
    const kept = (last ?? []).filter(({ type }) => ['counter', 'histogram'].includes(String(type)));
    gone = gone.then((before) => AggregatorRegistry.aggregate([before, kept]).getMetricsAsJSON());
  });
}
