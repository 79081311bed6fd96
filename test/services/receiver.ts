import { createServer } from 'node:http';
import type { Server } from 'node:http';

interface Received {
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** An answer: its status alone, or with headers and body. */
export type Given = number | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string };

/** A receiver that answers as given, then with 200. */
export class Receiver {
  readonly received: Received[] = [];
  readonly #server: Server;
  answers: Given[];
  url = '';

  constructor(...answers: Given[]) {
    this.answers = answers;
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part)).on('end', () => {
        this.received.push({ body, headers: request.headers });
        const given = this.answers.shift() ?? 200;
        const { status, headers = {}, body: said } = typeof given === 'number' ? { status: given } : given;
        response.writeHead(status, headers).end(said);
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
