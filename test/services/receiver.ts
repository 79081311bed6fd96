import { createServer } from 'node:http';
import type { Server } from 'node:http';

interface Received {
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A receiver that answers with the statuses given, then with 200. */
export class Receiver {
  readonly received: Received[] = [];
  readonly #server: Server;
  statuses: number[];
  url = '';

  constructor(...statuses: number[]) {
    this.statuses = statuses;
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part)).on('end', () => {
        this.received.push({ body, headers: request.headers });
        response.writeHead(this.statuses.shift() ?? 200).end();
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    this.url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/hook`;
    return this;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
