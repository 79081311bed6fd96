import type { IncomingMessage, ServerResponse } from 'node:http';
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
/** A line that nobody reads looks like one that is read: it takes days to fill. So each ends, and who is there connects again. */
const LASTS_MS = 15 * 60_000;
const AGAIN_SECONDS = 30;

export interface HubOptions {
  readonly listenersMax?: number;
  readonly beatMs?: number;
  readonly lastsMs?: number;
}

function message({ id, manifest, tally, model }: Release): string {
  const served = { release: id, run: manifest.run, dataset: manifest.dataset, newest: tally?.newest ?? null, model: model?.version ?? null, predictedBy: manifest.predictedBy ?? manifest.champion };
  return `event: release\nid: ${id}\ndata: ${JSON.stringify(served)}\n\n`;
}

export function createHub({ listenersMax = LISTENERS_MAX, beatMs = BEAT_MS, lastsMs = LASTS_MS }: HubOptions = {}): EventHub {
  const sinceMs = new Map<ServerResponse, number>();
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
  return {
    listen({ method }, response, release) {
      // Nobody would end a line that begins after the others were ended.
      if (closed) throw new RequestProblem({ status: 503, detail: wording.busyServer, headers: { 'Retry-After': '1' } });
      if (sinceMs.size >= listenersMax) throw new RequestProblem({ status: 503, detail: wording.fullHouse(listenersMax), headers: { 'Retry-After': String(AGAIN_SECONDS) } });
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
      if (method === 'HEAD') {
        response.end();
        return;
      }
      response.write(`retry: 3000\n\n${release === null ? '' : message(release)}`);
      sinceMs.set(response, performance.now());
      response.on('close', () => sinceMs.delete(response));
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
