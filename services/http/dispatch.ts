import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Api } from '../api/api.ts';
import { diskProblem } from '../disk.ts';
import type { Logger } from '../log.ts';
import type { Release } from '../release/load.ts';
import { wording } from '../wording.ts';
import { readJsonBody } from './body.ts';
import type { Cors } from './cors.ts';
import { createFind } from './find.ts';
import type { Found } from './find.ts';
import { clientOf } from './limit.ts';
import type { Limiter } from './limit.ts';
import { measure } from './measure.ts';
import type { Told } from './measure.ts';
import { RequestProblem, sendProblem } from './problem.ts';
import type { Problem } from './problem.ts';
import type { Route } from './route.ts';
import { serveSite } from './site.ts';
import { targetOf } from './target.ts';

export interface DispatchOptions {
  readonly api: Api;
  readonly routes: readonly Route[];
  readonly limiter: Limiter;
  /** Null where no other site may ask. */
  readonly cors: Cors | null;
  readonly log: Logger;
  readonly isProxyTrusted: boolean;
}

/** Nothing is loaded from elsewhere, nothing inline runs, nobody frames the pages. */
export const SECURITY: Readonly<Record<string, string>> = {
  'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Resource-Policy': 'same-origin',
};

/** What an answer repeats of a request: enough to find the place, never as much as was sent. */
const REPEATED_MAX = 200;
const ISSUES_MAX = 10;
const cut = (text: string): string => (text.length > REPEATED_MAX ? `${text.slice(0, REPEATED_MAX)}...` : text);

interface Issue {
  readonly at: string;
  readonly message: string;
}

/** Of shapes that a body may have, the nearest one is told of: "invalid input" would help nobody. */
function issuesOf(issues: readonly z.core.$ZodIssue[], under: readonly PropertyKey[] = []): readonly Issue[] {
  return issues.slice(0, ISSUES_MAX).flatMap((issue) => {
    const path = [...under, ...issue.path];
    const nearest = issue.code === 'invalid_union' ? issue.errors.toSorted((a, b) => a.length - b.length)[0] : undefined;
    return nearest === undefined || nearest.length === 0 ? [{ at: cut(path.map(String).join('.')), message: cut(issue.message) }] : issuesOf(nearest, path);
  });
}

function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new RequestProblem({ status: 422, detail: wording.invalid, errors: issuesOf(parsed.error.issues).slice(0, ISSUES_MAX) });
  return parsed.data;
}

/** Of a key that is given twice nobody knows which one is meant: it is refused, and never half heard. */
function queryOf(query: string): Readonly<Record<string, string>> {
  const given = new URLSearchParams(query);
  const twice = [...new Set(given.keys())].filter((key) => given.getAll(key).length > 1);
  if (twice.length > 0) throw new RequestProblem({ status: 422, detail: wording.invalid, errors: twice.slice(0, ISSUES_MAX).map((key) => ({ at: cut(key), message: wording.givenTwice })) });
  return Object.fromEntries(given);
}

/** The scheme in any case (RFC 9110). Compared by their hashes: the time says nothing about where two tokens differ, nor how long the right one is. */
function isToken(header: string | undefined, token: string): boolean {
  const sent = /^Bearer +(.+)$/i.exec(header ?? '')?.[1] ?? '';
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(sent), hash(token));
}

function demandToken(request: IncomingMessage, token: string | undefined): void {
  if (token === undefined) throw new RequestProblem({ status: 403, detail: wording.writesOff });
  if (!isToken(request.headers.authorization, token)) throw new RequestProblem({ status: 401, detail: wording.noToken, headers: { 'WWW-Authenticate': 'Bearer' } });
}

/** Expected failures answer for themselves; anything else is a bug, of which only the log learns more. */
function fail(response: ServerResponse, error: unknown, { log, requestId }: { readonly log: Logger; readonly requestId: string }): void {
  if (error instanceof RequestProblem) sendProblem(response, error.problem);
  // The client went away while its body was read, or while it was answered: nobody is left to tell.
  else if (response.destroyed || (error instanceof Error && 'code' in error && error.code === 'ECONNRESET')) response.destroy();
  else {
    const isDisk = diskProblem(error) !== undefined;
    log.error({ err: error, request: requestId }, isDisk ? wording.noDisk : wording.bug);
    sendProblem(response, isDisk ? { status: 503, detail: wording.noDisk } : { status: 500, detail: wording.bug });
  }
}

function demandTurn(request: IncomingMessage, { limiter, isProxyTrusted, api }: Pick<DispatchOptions, 'limiter' | 'isProxyTrusted' | 'api'>): void {
  const seconds = limiter.take(clientOf(request, isProxyTrusted));
  if (seconds === 0) return;
  api.metrics.limited.inc();
  throw new RequestProblem({ status: 429, detail: wording.limited(seconds), headers: { 'Retry-After': String(seconds) } });
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: string;
  readonly release: Release | null;
  readonly told: Told;
}

/** `refused` is why a request is not looked at: it is answered with that, as every other failure is. */
export type Dispatch = (request: IncomingMessage, response: ServerResponse, refused?: Problem) => void;

/** Answers requests: one release from beginning to end, every failure in problem+json, every request measured. */
export function createDispatch(options: DispatchOptions): Dispatch {
  const { api, routes, cors, log } = options;
  const find = createFind(routes);

  async function call({ route, params }: Found, asked: Asked): Promise<void> {
    const { request, response, query, release, told } = asked;
    if (route.writes === true) demandToken(request, api.token);
    const parsed = parse(route.query, route.query === undefined ? undefined : queryOf(query));
    const body = route.body === undefined ? undefined : parse(route.body, await readJsonBody(request));
    await route.handle({ request, response, query: parsed, body, params, release, requestId: told.requestId });
  }

  async function answer(request: IncomingMessage, response: ServerResponse, { told, refused }: { readonly told: Told; readonly refused: Problem | undefined }): Promise<void> {
    const { method = '' } = request;
    const { pathname, query, flaw } = targetOf(request.url ?? '/');
    const isApi = pathname.startsWith('/api');
    // Before anything is refused: a page that may read answers may read what is wrong, too.
    const isMarked = cors !== null && isApi && cors.mark(request, response);
    if (refused !== undefined) throw new RequestProblem(refused);
    if (flaw !== null) throw new RequestProblem({ status: 400, detail: flaw });
    const release = api.releases.current();
    const found = find(method, pathname);
    if (found !== undefined && 'route' in found) {
      told.route = found.route.path;
      if (found.route.unlimited !== true) demandTurn(request, options);
      return call(found, { request, response, query, release, told });
    }
    told.route = isApi ? 'unknown' : 'site';
    demandTurn(request, options);
    if (found !== undefined && isMarked && method === 'OPTIONS') return cors.preflight(response, found.allowed);
    if (found !== undefined) throw new RequestProblem({ status: 405, detail: wording.wrongMethod(method, found.allowed.join(', ')), headers: { Allow: found.allowed.join(', ') } });
    return serveSite(request, response, { pathname, pinned: query === '' ? null : new URLSearchParams(query).get('r'), release, releases: api.releases });
  }

  return (request, response, refused) => {
    const told: Told = { route: 'unknown', requestId: randomUUID() };
    for (const [name, value] of Object.entries(SECURITY)) response.setHeader(name, value);
    response.setHeader('X-Request-Id', told.requestId);
    if (api.isStopping()) response.setHeader('Connection', 'close');
    measure(request, response, { told, metrics: api.metrics, log });
    answer(request, response, { told, refused }).catch((error: unknown) => fail(response, error, { log, requestId: told.requestId }));
  };
}
