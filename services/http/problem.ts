import type { ServerResponse } from 'node:http';

/** RFC 9457: what went wrong, in one shape for every endpoint. */
export interface Problem {
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly at: string; readonly message: string }[];
  readonly headers?: Readonly<Record<string, string>>;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not found', 405: 'Method not allowed', 408: 'Request timeout', 409: 'Conflict', 411: 'Length required', 413: 'Content too large',
  415: 'Unsupported media type', 417: 'Expectation failed', 422: 'Does not fit', 429: 'Too many requests', 431: 'Header fields too large', 500: 'Internal error', 503: 'Not available',
};

/** No answer repeats more of a request than a person reads. */
const DETAIL_MAX = 2000;

/** An expected failure on the way of a request; the router turns it into an answer. */
export class RequestProblem extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

interface Written {
  readonly title: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string;
}

/** A problem as it goes over the wire. */
export function writtenProblem({ status, detail, errors, headers = {} }: Problem): Written {
  const title = TITLES[status] ?? 'Error';
  const body = JSON.stringify({ type: 'about:blank', title, status, detail: detail.slice(0, DETAIL_MAX), ...(errors === undefined ? {} : { errors }) });
  return { title, headers: { 'Content-Type': 'application/problem+json; charset=utf-8', 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-store', ...headers }, body };
}

export function sendProblem(response: ServerResponse, problem: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { headers, body } = writtenProblem(problem);
  response.writeHead(problem.status, headers);
  response.end(body);
}

export function sendJson(response: ServerResponse, value: unknown, { status = 200, headers = {} }: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {}): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-store', ...headers });
  response.end(body);
}
