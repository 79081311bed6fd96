import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientOf } from '../http/limit.ts';
import { RequestProblem } from '../http/problem.ts';
import type { Release } from '../release/load.ts';
import { wording } from '../wording.ts';

/** Pages that listen: each is told of the release that serves, at once and whenever there is another one. */
export interface EventHub {
  /** Throws where there are too many, and where the server is stopping: the page asks again. */
  listen(request: IncomingMessage, response: ServerResponse, release: Release | null): void;
  tell(release: Release): void;
  count(): number;
  close(): void;
}

/**
 * A comment now and then keeps proxies, and our own time limit for connections that stand still, from closing a silent line.
 * Who no longer reads is let go by that limit, once the system takes no more for them.
 */
export const BEAT_MS = 25_000;
/** More than this wait on no process of a small team's server; the next one is asked to come back later. */
export const LISTENERS_MAX = 2000;
/** Of one client: the tabs of a few people. Else one of them would take the places of all the others. */
export const CLIENT_LISTENERS_MAX = 20;
/** A line that nobody reads looks like one that is read: it takes days to fill. So each ends, and who is there connects again. */
const LASTS_MS = 15 * 60_000;
const AGAIN_SECONDS = 30;

export interface HubOptions {
  readonly listenersMax?: number;
  /** Null where clients are not told apart. */
  readonly clientListenersMax?: number | null;
  readonly isProxyTrusted?: boolean;
  /** There was no place: of this client's, or at all. */
  readonly onFull?: (why: 'client' | 'full', client: string) => void;
  readonly beatMs?: number;
  readonly lastsMs?: number;
}

function message({ id, manifest, tally, model }: Release): string {
  const served = { release: id, run: manifest.run, dataset: manifest.dataset, newest: tally?.newest ?? null, model: model?.version ?? null, predictedBy: manifest.predictedBy ?? manifest.champion };
  return `event: release\nid: ${id}\ndata: ${JSON.stringify(served)}\n\n`;
}

/** How many lines each client has. */
function createCounts(): { readonly of: (client: string) => number; readonly add: (client: string, more: 1 | -1) => void } {
  const counts = new Map<string, number>();
  const of = (client: string): number => counts.get(client) ?? 0;
  return {
    of,
    add(client, more) {
      const count = of(client) + more;
      if (count === 0) counts.delete(client);
      else counts.set(client, count);
    },
  };
}

export function createHub({ listenersMax = LISTENERS_MAX, clientListenersMax = null, isProxyTrusted = false, onFull, beatMs = BEAT_MS, lastsMs = LASTS_MS }: HubOptions = {}): EventHub {
  const sinceMs = new Map<ServerResponse, number>();
  const counts = createCounts();
  let closed = false;
  // Forgotten at once: to write behind the end would be an error, and its client may take long to go.
  const end = (response: ServerResponse): void => {
    sinceMs.delete(response);
    response.end();
  };
  const timer = setInterval(() => {
    const oldest = performance.now() - lastsMs;
    for (const [response, since] of sinceMs) {
      if (since <= oldest) end(response);
      else response.write(': still here\n\n');
    }
  }, beatMs);
  timer.unref();
  function demandPlace(client: string): void {
    const headers = { 'Retry-After': String(AGAIN_SECONDS) };
    if (clientListenersMax !== null && counts.of(client) >= clientListenersMax) {
      onFull?.('client', client);
      throw new RequestProblem({ status: 429, detail: wording.manyPages(clientListenersMax, AGAIN_SECONDS), headers });
    }
    if (sinceMs.size < listenersMax) return;
    onFull?.('full', client);
    throw new RequestProblem({ status: 503, detail: wording.fullHouse(listenersMax), headers });
  }
  return {
    listen(request, response, release) {
      // Nobody would end a line that begins after the others were ended.
      if (closed) throw new RequestProblem({ status: 503, detail: wording.busyServer, headers: { 'Retry-After': '1' } });
      const client = clientOf(request, isProxyTrusted);
      demandPlace(client);
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
      if (request.method === 'HEAD') {
        response.end();
        return;
      }
      response.write(`retry: 3000\n\n${release === null ? '' : message(release)}`);
      sinceMs.set(response, performance.now());
      counts.add(client, 1);
      response.once('close', () => {
        sinceMs.delete(response);
        counts.add(client, -1);
      });
    },
    tell(release) {
      const text = message(release);
      for (const response of sinceMs.keys()) response.write(text);
    },
    count: () => sinceMs.size,
    close() {
      closed = true;
      clearInterval(timer);
      for (const response of sinceMs.keys()) end(response);
    },
  };
}
