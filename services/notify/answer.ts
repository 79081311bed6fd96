import { wording } from '../wording.ts';
import type { Webhook } from './webhook.ts';

/**
 * What came of asking a receiver once. `refused`: it does not take this message, and never will. `nothing`: it takes none at this address
 * or with this token, which somebody has to mend. `later`: it takes none at the moment; `afterMs` is the pause that it asks for.
 */
export type Answer =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused' | 'nothing'; readonly why: string }
  | { readonly kind: 'later'; readonly why: string; readonly afterMs: number | null };

/** Refusals that pass by themselves, as all of 500 and above do. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);
/** Refusals of whoever asks, or of the address: the next message would get the same. (407 is no answer to fetch, which says that there was no connection.) */
const OF_ALL: ReadonlySet<number> = new Set([401, 403, 404, 405, 410]);

const [READ_BYTES, SHOWN] = [4096, 200];
/** Parts of an address that are shorter name nothing that is secret, and stand in many words. */
const SECRET_LENGTH = 6;

/** The beginning of what the receiver says; whatever goes wrong with it changes no answer. */
async function bodyOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of response.body ?? []) {
      parts.push(part);
      bytes += part.length;
      if (bytes >= READ_BYTES) break;
    }
  } catch {
    // It was cut off: what came until then is all.
  }
  return Buffer.concat(parts).subarray(0, READ_BYTES).toString('utf8');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What the receiver says, in one line of bounded length, without what only the two know, which some receivers repeat. */
function shown(text: string, { url, secret }: Webhook): string {
  const address = new URL(url);
  const parts = [...address.pathname.split('/'), ...address.searchParams.values(), address.hash.slice(1)].filter((part) => part.length >= SECRET_LENGTH);
  const hidden = [url, address.href, address.pathname, address.search, ...parts, ...parts.map(decoded), secret ?? ''].filter((part) => part.length > 1).sort((a, b) => b.length - a.length);
  const line = hidden.reduce((left, part) => left.replaceAll(part, '[hidden]'), text).replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return [...line].slice(0, SHOWN).join('');
}

/** Seconds, or a moment, which is one of the receiver's clock. */
function pauseOf({ headers }: Response): number | null {
  const after = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(after)) return Number(after) * 1000;
  const pause = Date.parse(after) - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(pause) ? null : Math.max(0, pause);
}

/** What an answer means for this message and for those that follow. */
export async function answerOf(response: Response, webhook: Webhook): Promise<Answer> {
  const { status, headers } = response;
  const said = shown(await bodyOf(response), webhook);
  if (response.ok) return { kind: 'taken' };
  if (status < 400) {
    // Only whose it is: the rest may be as secret as the address.
    const to = URL.parse(headers.get('location') ?? '', webhook.url)?.origin;
    return { kind: 'nothing', why: wording.webhookRedirects(status, to) };
  }
  const why = wording.webhookStatus(status, said);
  if (status >= 500 || PASSING.has(status)) return { kind: 'later', why, afterMs: pauseOf(response) };
  return { kind: OF_ALL.has(status) ? 'nothing' : 'refused', why };
}
