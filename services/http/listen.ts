import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { wording } from '../wording.ts';
import { UsageError } from '../settings.ts';
import { boundConnections } from './connections.ts';
import type { Dropped } from './connections.ts';
import type { Dispatch } from './dispatch.ts';
import type { Problem } from './problem.ts';
import { answerUnreadable } from './unreadable.ts';
import type { ReadingError, UnreadableOptions } from './unreadable.ts';

/** Longer than proxies keep a connection: else they send a request into one that is just being closed. */
const KEEP_ALIVE_MS = 65_000;
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
/** A stop waits so long for what is under way. */
const DRAIN_MS = 10_000;
const HEADER_BYTES_MAX = 16 * 1024;
const HEADERS_MAX = 100;
/** A client that takes nothing of what is sent to it, for so long: longer than the beat of events, which keeps those lines alive. */
export const STALL_MS = 40_000;
/** Of one process; as many as the gateway takes. */
export const CONNECTIONS_MAX = 4000;
/** Of one client, as the gateway counts them too: an office behind one address has room, and ten of them still leave some. */
export const CLIENT_CONNECTIONS_MAX = CONNECTIONS_MAX / 10;

export interface Place {
  readonly host: string;
  readonly port: number;
  /** What the port was asked for with, for whoever has to give another one; `--port` where nothing is said. */
  readonly flag?: string;
  readonly bounds?: Bounds;
}

/** For tests, which cannot wait so long. */
export interface Bounds {
  readonly requestMs?: number;
  readonly stallMs?: number;
  readonly connections?: number;
  readonly clientConnections?: number;
}

export interface Watch {
  /** Whether each client may have only so many connections: not where they all come by a proxy, which is one client. */
  readonly areClientsBounded: boolean;
  /** A connection was not let in, or went for another one's sake. */
  readonly onDropped: (why: Dropped, client: string) => void;
  readonly unreadable: UnreadableOptions;
}

function sentence(error: unknown, { host, port, flag = '--port' }: Place): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return wording.portTaken(host, port, flag);
  if (code === 'EACCES') return wording.portDenied(host, port, flag);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return wording.noHost(host);
  return undefined;
}

/** Node would answer without a word where the host is missing; HTTP/1.0 knows no such header. */
function hostProblem({ headers, httpVersion }: IncomingMessage): Problem | undefined {
  return httpVersion !== '1.1' || headers.host !== undefined ? undefined : { status: 400, detail: wording.noHostHeader, headers: { Connection: 'close' } };
}

/** A server with bounds for clients that send slowly or read nothing, for their connections, and for floods of headers. */
export async function listen(dispatch: Dispatch, place: Place, { areClientsBounded, onDropped, unreadable }: Watch): Promise<Server> {
  const { requestMs = REQUEST_MS, stallMs = STALL_MS, connections = CONNECTIONS_MAX, clientConnections = CLIENT_CONNECTIONS_MAX } = place.bounds ?? {};
  const headersTimeout = Math.min(HEADERS_MS, requestMs);
  const options = { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout, requestTimeout: requestMs, maxHeaderSize: HEADER_BYTES_MAX, connectionsCheckingInterval: Math.min(1000, requestMs), requireHostHeader: false };
  const server = createServer(options);
  const open = boundConnections(server, { total: connections, ofClient: areClientsBounded ? clientConnections : null }, onDropped);
  server.on('request', (request, response) => {
    open.begin(request, response);
    dispatch(request, response, hostProblem(request));
  });
  // The body that may follow is never read, so that the connection ends with the answer.
  server.on('checkExpectation', (request, response) => {
    open.begin(request, response);
    dispatch(request, response, { status: 417, detail: wording.noExpectation(request.headers.expect ?? ''), headers: { Connection: 'close' } });
  });
  server.maxHeadersCount = HEADERS_MAX;
  server.timeout = stallMs;
  server.on('clientError', (error: ReadingError, socket) => {
    // Node tells of connections as streams; those of a server that listens on a port are sockets.
    if (socket instanceof Socket) answerUnreadable(error, socket, { ...unreadable, underWay: open.underWay(socket), headerBytesMax: HEADER_BYTES_MAX });
    else socket.destroy();
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(place.port, place.host, resolve);
    });
  } catch (error) {
    const known = sentence(error, place);
    if (known === undefined) throw error;
    throw new UsageError(known);
  }
  return server;
}

/** The port that was taken, where 0 asked for any. */
export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Takes no new connections, lets what is under way end, and closes what does not in time. */
export async function drain(server: Server, farewellMs = 0): Promise<void> {
  // A connection that is closed while its client sends into it would be a failed request.
  if (farewellMs > 0) await sleep(farewellMs);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]);
  clearInterval(idle);
  server.closeAllConnections();
}

/** A package manager or an older Node hands a signal on a second time. */
const SAME_SIGNAL_MS = 400;

/** Calls `stop` at the first signal, once; a second one a moment later ends the process at once. */
export function onStop(stop: (signal: string) => Promise<void>): void {
  let firstMs: number | undefined;
  const ask = (why: string): void => {
    if (firstMs === undefined) {
      firstMs = Date.now();
      void stop(why);
    } else if (Date.now() - firstMs > SAME_SIGNAL_MS) process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ask(signal));
  // Whoever started us is gone, even by kill -9: nobody else would stop us. It may have gone while we were still starting.
  if (process.send === undefined) return;
  if (process.connected) process.once('disconnect', () => void (firstMs === undefined && ask('disconnect')));
  else ask('disconnect');
}
