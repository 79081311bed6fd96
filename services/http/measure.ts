import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../log.ts';
import type { ServerMetrics } from '../server-metrics.ts';

/** What is told of a request afterwards. The route is its pattern, never the path: labels stay a bounded few. */
export interface Told {
  route: string;
  readonly requestId: string;
}

/** Counts a request from its beginning to the end of its answer, however it ends. */
export function measure(request: IncomingMessage, response: ServerResponse, { told, metrics, log }: { readonly told: Told; readonly metrics: ServerMetrics; readonly log: Logger }): void {
  const start = process.hrtime.bigint();
  metrics.inFlight.inc();
  response.once('close', () => {
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const { method = '' } = request;
    metrics.inFlight.dec();
    metrics.requests.inc({ route: told.route, method: /^(GET|HEAD|POST)$/.test(method) ? method : 'other', status_class: `${Math.floor(response.statusCode / 100)}xx` });
    // A stream of events lasts as long as somebody looks at the page.
    if (told.route !== '/api/events') metrics.duration.observe({ route: told.route }, seconds);
    log.debug({ request: told.requestId, method, route: told.route, status: response.statusCode, seconds }, 'request');
  });
}

/** The same of what was answered although it never became a request. */
export function measureUnreadable({ metrics, log }: { readonly metrics: ServerMetrics; readonly log: Logger }): (requestId: string, status: number) => void {
  return (requestId, status) => {
    metrics.requests.inc({ route: 'unknown', method: 'other', status_class: `${Math.floor(status / 100)}xx` });
    log.debug({ request: requestId, route: 'unknown', status }, 'request that could not be read');
  };
}
