import type { ServerResponse } from 'node:http';
import type { Release } from '../release/load.ts';

/** Pages that listen: each is told of the release that serves, at once and whenever there is another one. */
export interface EventHub {
  listen(response: ServerResponse, release: Release | null): void;
  tell(release: Release): void;
  count(): number;
  close(): void;
}

/** A comment now and then keeps proxies from closing a silent line. */
const BEAT_MS = 25_000;
/** More than this wait on no process of a small team's server; the next one is asked to come back later. */
export const LISTENERS_MAX = 2000;

function message({ id, manifest, tally, model }: Release): string {
  const served = { release: id, run: manifest.run, newest: tally?.newest ?? null, model: model?.version ?? null, predictedBy: manifest.predictedBy ?? manifest.champion };
  return `event: release\nid: ${id}\ndata: ${JSON.stringify(served)}\n\n`;
}

export function createHub(): EventHub {
  const listening = new Set<ServerResponse>();
  const send = (text: string): void => {
    for (const response of listening) {
      // Whoever does not read what was sent is let go; the page connects again by itself.
      if (response.writableLength > 64 * 1024) response.destroy();
      else response.write(text);
    }
  };
  const timer = setInterval(() => send(': still here\n\n'), BEAT_MS);
  timer.unref();
  return {
    listen(response, release) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
      response.write(`retry: 3000\n\n${release === null ? '' : message(release)}`);
      listening.add(response);
      response.on('close', () => listening.delete(response));
    },
    tell: (release) => send(message(release)),
    count: () => listening.size,
    close() {
      clearInterval(timer);
      for (const response of listening) response.end();
    },
  };
}
