import type { IncomingMessage, ServerResponse } from 'node:http';

/** What pages of other sites may do. Closed, unless the settings name their origins. */
export interface Cors {
  /** Marks an answer of the API, where the request comes from a page that may read it. True where it does. */
  mark(request: IncomingMessage, response: ServerResponse): boolean;
  /** Answers the question that a browser asks before the call of such a page. */
  preflight(response: ServerResponse, methods: readonly string[]): void;
}

/** A browser asks again after this. */
const PREFLIGHT_SECONDS = 600;

/** Null where no origin is allowed: then no request is looked at for one. */
export function createCors(origins: readonly string[]): Cors | null {
  const allowed = new Set(origins);
  if (allowed.size === 0) return null;
  return {
    mark(request, response) {
      // Also where the page may not: what is kept for one origin is not for another.
      response.setHeader('Vary', 'Origin');
      const { origin } = request.headers;
      if (origin === undefined || !allowed.has(origin)) return false;
      response.setHeader('Access-Control-Allow-Origin', origin);
      response.setHeader('Access-Control-Expose-Headers', 'Retry-After, X-Request-Id');
      return true;
    },
    preflight(response, methods) {
      response.writeHead(204, { 'Access-Control-Allow-Methods': methods.join(', '), 'Access-Control-Allow-Headers': 'Authorization, Content-Type', 'Access-Control-Max-Age': PREFLIGHT_SECONDS });
      response.end();
    },
  };
}
