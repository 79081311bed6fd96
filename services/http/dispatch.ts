import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Api } from '../api/api.ts';
import type { Logger } from '../log.ts';
import type { Release } from '../release/load.ts';
import { wording } from '../wording.ts';
import { readJsonBody } from './body.ts';
import { clientOf } from './limit.ts';
import type { Limiter } from './limit.ts';
import { measure } from './measure.ts';
import type { Told } from './measure.ts';
import { RequestProblem, sendProblem } from './problem.ts';
import type { Route } from './route.ts';
import { serveSite } from './site.ts';

export interface DispatchOptions {
  readonly api: Api;
  readonly routes: readonly Route[];
  readonly limiter: Limiter;
  readonly log: Logger;
  readonly isProxyTrusted: boolean;
}

/** Nothing is loaded from elsewhere, nothing inline runs, nobody frames the pages. */
const SECURITY: Readonly<Record<string, string>> = {
  'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Resource-Policy': 'same-origin',
};

interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

type Find = (method: string, pathname: string) => Found | { readonly allowed: readonly string[] } | undefined;

function createFind(routes: readonly Route[]): Find {
  const compiled = routes.map((one) => ({ one, pattern: new RegExp(`^${one.path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`) }));
  const exact = new Map(routes.filter(({ path }) => !path.includes('{')).map((one) => [`${one.method} ${one.path}`, { route: one, params: {} }]));
  return (method, pathname) => {
    const known = exact.get(`${method} ${pathname}`);
    if (known !== undefined) return known;
    const matches = compiled.flatMap(({ one, pattern }) => {
      const match = pattern.exec(pathname);
      return match === null ? [] : [{ route: one, params: { ...match.groups } }];
    });
    const found = matches.find(({ route }) => route.method === method);
    return found ?? (matches.length === 0 ? undefined : { allowed: [...new Set(matches.map(({ route }) => route.method))].sort() });
  };
}

/** Of shapes that a body may have, the nearest one is told of: "invalid input" would help nobody. */
function issuesOf(issues: readonly z.core.$ZodIssue[], under: readonly PropertyKey[] = []): readonly { readonly at: string; readonly message: string }[] {
  return issues.slice(0, 10).flatMap((issue) => {
    const path = [...under, ...issue.path];
    const nearest = issue.code === 'invalid_union' ? issue.errors.toSorted((a, b) => a.length - b.length)[0] : undefined;
    return nearest === undefined || nearest.length === 0 ? [{ at: path.map(String).join('.'), message: issue.message }] : issuesOf(nearest, path);
  });
}

function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new RequestProblem({ status: 422, detail: wording.invalid, errors: issuesOf(parsed.error.issues) });
  return parsed.data;
}

/** Compared by their hashes: the time says nothing about where two tokens differ, nor how long the right one is. */
function isToken(header: string | undefined, token: string): boolean {
  const sent = /^Bearer (.+)$/.exec(header ?? '')?.[1] ?? '';
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(sent), hash(token));
}

function demandToken(request: IncomingMessage, token: string | undefined): void {
  if (token === undefined) throw new RequestProblem({ status: 403, detail: wording.writesOff });
  if (!isToken(request.headers.authorization, token)) throw new RequestProblem({ status: 401, detail: wording.noToken, headers: { 'WWW-Authenticate': 'Bearer' } });
}

/** The path of a URL, decoded once; a request whose escapes are no UTF-8 is refused, and dots never leave the map of files. */
function pathOf(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    throw new RequestProblem({ status: 400, detail: wording.badPath });
  }
}

/** Expected failures answer for themselves; anything else is a bug, of which only the log learns more. */
function fail(response: ServerResponse, error: unknown, { log, requestId }: { readonly log: Logger; readonly requestId: string }): void {
  if (error instanceof RequestProblem) sendProblem(response, error.problem);
  // The client went away while its body was read, or while it was answered: nobody is left to tell.
  else if (response.destroyed || (error instanceof Error && 'code' in error && error.code === 'ECONNRESET')) response.destroy();
  else {
    log.error({ err: error, request: requestId }, wording.bug);
    sendProblem(response, { status: 500, detail: wording.bug });
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

export type Dispatch = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers requests: one release from beginning to end, every failure in problem+json, every request measured. */
export function createDispatch(options: DispatchOptions): Dispatch {
  const { api, routes, limiter, log, isProxyTrusted } = options;
  const find = createFind(routes);

  async function call({ route, params }: Found, asked: Asked): Promise<void> {
    const { request, response, query, release, told } = asked;
    told.route = route.path;
    if (route.unlimited !== true) demandTurn(request, { limiter, isProxyTrusted, api });
    if (route.writes === true) demandToken(request, api.token);
    const parsed = parse(route.query, route.query === undefined ? undefined : Object.fromEntries(new URLSearchParams(query)));
    const body = route.body === undefined ? undefined : parse(route.body, await readJsonBody(request));
    await route.handle({ request, response, query: parsed, body, params, release, requestId: told.requestId });
  }

  async function answer(request: IncomingMessage, response: ServerResponse, told: Told): Promise<void> {
    const [raw = '/', query = ''] = (request.url ?? '/').split('?', 2);
    const release = api.releases.current();
    const pathname = pathOf(raw);
    const found = find(request.method ?? '', pathname);
    if (found !== undefined && 'route' in found) return call(found, { request, response, query, release, told });
    told.route = pathname.startsWith('/api') ? 'unknown' : 'site';
    if (found !== undefined) throw new RequestProblem({ status: 405, detail: wording.wrongMethod(request.method ?? '', found.allowed.join(', ')), headers: { Allow: found.allowed.join(', ') } });
    return serveSite(request, response, { pathname, pinned: new URLSearchParams(query).get('r'), release, releases: api.releases });
  }

  return (request, response) => {
    const told: Told = { route: 'unknown', requestId: randomUUID() };
    for (const [name, value] of Object.entries(SECURITY)) response.setHeader(name, value);
    response.setHeader('X-Request-Id', told.requestId);
    if (api.isStopping()) response.setHeader('Connection', 'close');
    measure(request, response, { told, metrics: api.metrics, log });
    answer(request, response, told).catch((error: unknown) => fail(response, error, { log, requestId: told.requestId }));
  };
}
