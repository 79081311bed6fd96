import { setTimeout as delay } from 'node:timers/promises';
import { PAGE, readAnswer } from './answer.ts';
import type { Answer, Strangeness } from './answer.ts';

/** One page of reviews, newest first. */
export interface Question {
  readonly app: string;
  readonly language: string;
  readonly country: string;
  /** Of the page before; null for the newest page. */
  readonly token: string | null;
}

/** Why no page came. `busy`: the store asks to slow down, and kept asking until patience ended. */
export type Refusal =
  | { readonly kind: 'unreachable'; readonly why: string }
  | { readonly kind: 'busy'; readonly status: number }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'no-app' }
  | { readonly kind: 'strange'; readonly why: Strangeness; readonly body: string }
  | { readonly kind: 'no-time' };

export type Asked = { readonly kind: 'page'; readonly answer: Answer; readonly body: string } | Refusal;

export interface AskOptions {
  readonly timeoutMs: number;
  readonly retries: number;
  readonly backOffMs: number;
  /** Milliseconds left of the budget of the run: no wait goes beyond it. */
  readonly msLeft: () => number;
  /** In [0, 1): seeded. */
  readonly random: () => number;
  readonly log: (line: string) => void;
  /** Where the store is, for tests: the library puts it before its own address. */
  readonly prefixUrl?: string;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

interface Seen {
  readonly status: number;
  readonly body: string;
  /** Seconds or a date, as the store sent it. */
  readonly retryAfter: string | undefined;
  /** By the clock of the store. */
  readonly date: string | undefined;
}

/** Sort order of the library: newest first. Its types name it, but its module hides it. */
const NEWEST = 2;
const WAIT_MS_MAX = 120_000;
const RETRIED = new Set([403, 408, 425, 429, 500, 502, 503, 504]);

interface Response {
  readonly statusCode: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Asks once, through the library, and keeps what it hides: the body, the status, the headers. */
async function once(question: Question, { timeoutMs, prefixUrl }: AskOptions): Promise<{ readonly seen: Seen | undefined; readonly error: Error | undefined }> {
  // Loaded here, as it takes a third of a second that the other sources need not wait for.
  const { default: store } = await import('google-play-scraper');
  let seen: Seen | undefined;
  const keep = (response: Response): Response => {
    seen = { status: response.statusCode, body: response.body, retryAfter: response.headers['retry-after'], date: response.headers['date'] };
    return response;
  };
  const options = {
    // Another value of `num` makes the library lose reviews between pages.
    appId: question.app, lang: question.language, country: question.country, sort: NEWEST, num: PAGE, paginate: true,
    ...(question.token === null ? {} : { nextPaginationToken: question.token }),
    // The library hands these to got: without them it waits for ever.
    requestOptions: { timeout: { request: timeoutMs }, retry: { limit: 0 }, hooks: { afterResponse: [keep] }, ...(prefixUrl === undefined ? {} : { prefixUrl }) },
  };
  try {
    await store.reviews(options);
    return { seen, error: undefined };
  } catch (error) {
    return { seen, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function judge(seen: Seen | undefined, error: Error | undefined): Asked {
  if (seen === undefined) return { kind: 'unreachable', why: (error?.message ?? 'no answer').replace('Error requesting Google Play:', '').trim() };
  const { status, body } = seen;
  if (status === 404) return { kind: 'no-app' };
  if (status === 429 || status === 503) return { kind: 'busy', status };
  if (status >= 400) return { kind: 'refused', status };
  const read = readAnswer(body);
  // The library may fail on a row that is odd only in a part not used here: the answer itself decides.
  return read.ok ? { kind: 'page', answer: read.answer, body } : { kind: 'strange', why: read.why, body };
}

/** What the store asks for by Retry-After, in milliseconds; 0 where it does not. A date of it is compared with the store's own. */
function askedWait(seen: Seen | undefined): number {
  const retryAfter = seen?.retryAfter ?? '';
  const seconds = Number(retryAfter);
  const ms = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.parse(seen?.date ?? '') : seconds * 1000;
  return Number.isFinite(ms) && ms > 0 ? ms : 0;
}

/** Whether asking again may help: a gateway's empty answer comes as a strange one, and a cut one as unreachable. */
function mayPass(asked: Asked): boolean {
  return asked.kind === 'unreachable' || asked.kind === 'busy' || asked.kind === 'strange' || (asked.kind === 'refused' && RETRIED.has(asked.status));
}

/** A page, asked for again with exponential back-off and jitter while that may help and the budget lasts. */
export async function ask(question: Question, options: AskOptions): Promise<Asked> {
  const { retries, backOffMs, msLeft, random, log, sleep = delay } = options;
  for (let attempt = 0; ; attempt++) {
    if (msLeft() <= 0) return { kind: 'no-time' };
    const { seen, error } = await once(question, options);
    const asked = judge(seen, error);
    if (asked.kind === 'page' || !mayPass(asked) || attempt >= retries) return asked;
    const wait = Math.max(askedWait(seen), Math.min(WAIT_MS_MAX, backOffMs * 2 ** attempt) * (0.5 + random() / 2));
    if (wait >= msLeft()) return asked;
    log(`${asked.kind}${'status' in asked ? ` ${asked.status}` : ''}: waiting ${(wait / 1000).toFixed(1)} s before asking again (${attempt + 1} of ${retries})`);
    await sleep(wait);
  }
}
