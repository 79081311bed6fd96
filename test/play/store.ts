import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { rowOf } from './rows.ts';
import type { Row, Written } from './rows.ts';

const PAGE = 150;
const GUARD = ")]}'\n\n";

export interface Asked {
  readonly app: string;
  readonly language: string;
  readonly country: string;
  readonly token: string | null;
}

/** How the store can misbehave, as it was seen to or as it might one day. */
export type Behaviour =
  /** An HTTP error; 429 and 503 may say when to come back. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string; readonly date?: string }
  /** The body as it is, with 200. */
  | { readonly kind: 'body'; readonly body: string }
  /** The frame with another payload: `null`, `[]`, moved rows. */
  | { readonly kind: 'payload'; readonly payload: unknown }
  /** An `er` frame, as gateways send it. */
  | { readonly kind: 'error-frame' }
  /** A frame of another call. */
  | { readonly kind: 'other-call' }
  /** The connection ends in the middle of the body. */
  | { readonly kind: 'cut' }
  /** The connection is reset before any answer. */
  | { readonly kind: 'reset' }
  /** Nothing is ever said. */
  | { readonly kind: 'silence' }
  /** Rows as they would be in another layout. */
  | { readonly kind: 'rows'; readonly change: (rows: readonly Row[]) => readonly unknown[] }
  /** The page as it should be, but with this mark of the next one. */
  | { readonly kind: 'token'; readonly token: string | null }
  /** The rows as they should be, but with the rest of the payload, which holds the mark of the next page, as it would be in another layout. */
  | { readonly kind: 'paging'; readonly change: (next: string | null) => readonly unknown[] };

export interface PlayStore {
  readonly url: string;
  readonly requests: Asked[];
  readonly listener: RequestListener;
  set(app: string, language: string, reviews: readonly Written[]): void;
  /** Misbehaves at the given requests, counted from 0 from now on; at all others it behaves. */
  script(behaviours: Readonly<Record<number, Behaviour>> | ((asked: Asked, index: number) => Behaviour | undefined)): void;
  close(): Promise<void>;
}

/** The request as the library writes it, read strictly: the real store refuses anything else. */
function readRequest(request: IncomingMessage, body: string): Asked | undefined {
  const [, query] = /\/_\/PlayStoreUi\/data\/batchexecute\?(.*)$/.exec(request.url ?? '') ?? [];
  if (request.method !== 'POST' || query === undefined || !body.startsWith('f.req=')) return undefined;
  const [[[call, inner, , generic]]] = JSON.parse(decodeURIComponent(body.slice('f.req='.length))) as [[[string, string, null, string]]];
  if (call !== 'UsvDTd' || generic !== 'generic') return undefined;
  const [, , [two, sort, [count, , token]], [app, seven]] = JSON.parse(inner) as [null, null, [number, number, [number, null, string | null], null, []], [string, number]];
  if (two !== 2 || sort !== 2 || count !== PAGE || seven !== 7) return undefined;
  const search = new URLSearchParams(query);
  return { app, token: token ?? null, language: search.get('hl') ?? '', country: search.get('gl') ?? '' };
}

const tokenAfter = (id: string): string => Buffer.from(`below ${id}`).toString('base64url');

function answerOf(reviews: readonly Written[], token: string | null): { readonly rows: readonly Row[]; readonly next: string | null } | undefined {
  // A mark names the review above it, so that it holds while newer ones come in.
  const start = token === null ? 0 : reviews.findIndex(({ id }) => tokenAfter(id) === token) + 1;
  if (token !== null && start === 0) return undefined;
  const page = reviews.slice(start, start + PAGE);
  const last = page.at(-1);
  return { rows: page.map(rowOf), next: last === undefined || start + PAGE >= reviews.length ? null : tokenAfter(last.id) };
}

function frame(payload: unknown, call = 'UsvDTd'): string {
  return `${GUARD}${JSON.stringify([['wrb.fr', call, payload === undefined ? null : JSON.stringify(payload), null, null, null, 'generic'], ['di', 42], ['af.httprm', 42, '1', 7]])}`;
}

interface Answering {
  readonly response: ServerResponse;
  readonly behaviour: Behaviour | undefined;
  readonly rows: readonly Row[];
  readonly next: string | null;
}

function answer({ response, behaviour, rows, next }: Answering): void {
  const send = (body: string): void => void response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(body);
  const payload = rows.length === 0 && next === null ? [] : [rows, ['x', next]];
  switch (behaviour?.kind) {
    case undefined:
      return send(frame(payload));
    case 'status':
      response.writeHead(behaviour.status, { ...(behaviour.retryAfter === undefined ? {} : { 'retry-after': behaviour.retryAfter }), ...(behaviour.date === undefined ? {} : { date: behaviour.date }) }).end('no');
      return undefined;
    case 'body':
      return send(behaviour.body);
    case 'payload':
      return send(frame(behaviour.payload));
    case 'error-frame':
      return send(`${GUARD}${JSON.stringify([['er', null, null, null, null, 400, null, null, null, 3], ['di', 9]])}`);
    case 'other-call':
      return send(frame(payload, 'qnKhOb'));
    case 'cut': {
      const body = frame(payload);
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.slice(0, body.length >> 1), () => response.destroy());
      return undefined;
    }
    case 'reset':
      response.destroy();
      return undefined;
    case 'silence':
      return undefined;
    case 'rows':
      return send(frame([behaviour.change(rows), ['x', next]]));
    case 'token':
      return send(frame([rows, ['x', behaviour.token]]));
    case 'paging':
      return send(frame([rows, ...behaviour.change(next)]));
    default: {
      const never: never = behaviour;
      return never;
    }
  }
}

/** A store on the loopback interface that speaks the protocol the unmodified library expects. */
export async function startPlayStore(): Promise<PlayStore> {
  const shelves = new Map<string, readonly Written[]>();
  const requests: Asked[] = [];
  let script: (asked: Asked, index: number) => Behaviour | undefined = () => undefined;
  let since = 0;
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part)).on('end', () => {
      const asked = readRequest(request, body);
      if (asked === undefined) return void response.writeHead(400).end('malformed');
      const index = requests.push(asked) - 1 - since;
      const shelf = shelves.get(`${asked.app} ${asked.language}`);
      const found = shelf === undefined ? { rows: [], next: null } : answerOf(shelf, asked.token);
      // What a mark that the store no longer knows gets: a frame without a payload.
      const behaviour = script(asked, index) ?? (found === undefined ? ({ kind: 'payload', payload: undefined } as const) : undefined);
      return answer({ response, behaviour, rows: found?.rows ?? [], next: found?.next ?? null });
    });
  };
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the store has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    listener,
    set: (app, language, reviews) => void shelves.set(`${app} ${language}`, reviews.toSorted((a, b) => b.second - a.second)),
    script(behaviours) {
      since = requests.length;
      script = typeof behaviours === 'function' ? behaviours : (_, index) => behaviours[index];
    },
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}
