import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import type { Registry } from 'prom-client';

interface Ask {
  readonly kind: 'metrics?';
  readonly id: number;
}

interface Told {
  readonly kind: 'metrics';
  readonly id: number;
  readonly text: string | null;
}

const isAsk = (message: unknown): message is Ask => (message as { readonly kind?: unknown } | null)?.kind === 'metrics?';
const isTold = (message: unknown): message is Told => (message as { readonly kind?: unknown } | null)?.kind === 'metrics';

/** In a worker: its metrics join those of the others, and whoever is scraped asks the parent for the sum. */
export function joinMetrics(registry: Registry): () => Promise<string> {
  AggregatorRegistry.setRegistries([registry]);
  // Made for what it does at its making: it listens for the parent's question.
  void new AggregatorRegistry();
  const waiting = new Map<number, (text: string | null) => void>();
  let count = 0;
  process.on('message', (message) => {
    if (!isTold(message)) return;
    waiting.get(message.id)?.(message.text);
    waiting.delete(message.id);
  });
  return async () => {
    const id = ++count;
    const text = await new Promise<string | null>((resolve) => {
      waiting.set(id, resolve);
      process.send?.({ kind: 'metrics?', id } satisfies Ask);
    });
    // A worker that was just replaced answers nobody: better one process's numbers than none.
    return text ?? registry.metrics();
  };
}

/** A worker that ended meanwhile asks no longer; without a callback that would be an error of the parent. */
function tell(worker: Worker, told: Told): void {
  if (worker.isConnected()) worker.send(told, () => undefined);
}

/** In the parent: answers the workers. */
export function sumMetrics(): void {
  const sum = new AggregatorRegistry();
  cluster.on('message', (worker, message) => {
    if (!isAsk(message)) return;
    sum.clusterMetrics().then(
      (text) => tell(worker, { kind: 'metrics', id: message.id, text }),
      () => tell(worker, { kind: 'metrics', id: message.id, text: null }),
    );
  });
}
