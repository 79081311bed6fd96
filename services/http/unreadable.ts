import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { wording } from '../wording.ts';
import { sendProblem, writtenProblem } from './problem.ts';
import type { Problem } from './problem.ts';

/** What Node says of bytes that it could not read as a request, or that did not come in time. */
export interface ReadingError extends Error {
  readonly code?: string;
  readonly reason?: string;
  /** What came, and how far it was read. */
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

export interface UnreadableOptions {
  /** What every answer carries. */
  readonly headers: Readonly<Record<string, string>>;
  /** It was answered without a request that somebody else would tell of. */
  readonly onAnswered: (requestId: string, status: number) => void;
}

/** The word that stands where a method should, where it is one. */
function methodOf({ rawPacket, bytesParsed = 0 }: ReadingError): string | undefined {
  const line = rawPacket?.subarray(rawPacket.lastIndexOf('\n', bytesParsed) + 1).toString('latin1') ?? '';
  return /^([\w-]{1,30}) /.exec(line)?.[1];
}

function problemOf(error: ReadingError, headerBytesMax: number): Problem {
  const headers = { Connection: 'close' };
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, detail: wording.longHeaders(headerBytesMax), headers };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, detail: wording.tooSlow, headers };
    case 'HPE_INVALID_METHOD':
      return { status: 400, detail: wording.unknownMethod(methodOf(error)), headers };
    default:
      return { status: 400, detail: wording.unreadable(error.reason ?? null), headers };
  }
}

/**
 * Answers what is no request, or not all of one, as everything else is answered. Where an answer was begun before, the rest of it
 * and this one could not be told apart: then the connection ends.
 */
export function answerUnreadable(error: ReadingError, socket: Socket, { underWay, headerBytesMax, headers, onAnswered }: UnreadableOptions & { readonly underWay: ServerResponse | undefined; readonly headerBytesMax: number }): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOf(error, headerBytesMax);
  if (underWay !== undefined) {
    // All of its request has come, so that it is another one that cannot be read: it is the last that is answered here.
    if (underWay.req.complete && !underWay.headersSent) underWay.setHeader('Connection', 'close');
    // One that waits for its turn behind another one has no socket yet.
    else if (underWay.socket !== socket || underWay.headersSent) socket.destroy();
    else sendProblem(underWay, problem);
    return;
  }
  const requestId = randomUUID();
  const written = writtenProblem(problem);
  const head = Object.entries({ ...headers, 'X-Request-Id': requestId, Date: new Date().toUTCString(), ...written.headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${problem.status} ${written.title}\r\n${head}\r\n${written.body}`);
  onAnswered(requestId, problem.status);
}
