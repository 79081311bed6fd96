import type { JudgedField } from '../../../schema/params.ts';
import { structureOf } from './archive.ts';

/**
 * The answer of the store to a request for reviews, as it is on the wire: five characters against inclusion, then a JSON
 * array of frames; the first one carries the id of the call and, as text, a JSON array of rows and of the next token.
 * The library reads it without looking: whatever is elsewhere than expected becomes "no reviews" there, so it is judged here.
 */
export interface Answer {
  readonly rows: readonly unknown[];
  /** Opaque; null on the last page. */
  readonly next: string | null;
  /** Where else than at its place something stands that looks like a mark of the next page: `[2][0]`; null where nothing does, or it is at its place. */
  readonly elsewhere: string | null;
}

/** Rows of every page but the last: what the library always asks for. */
export const PAGE = 150;

/** Whether a page ends the list without being shorter than others: so lists end by chance, and so they look that are cut short, or whose mark has moved. */
export const isUnmarked = ({ rows, next }: Answer): boolean => next === null && rows.length >= PAGE;

export type Read = { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly why: Strangeness };

/** In which way an answer is not what the store used to send. The sentences are in wording.ts. */
export type Strangeness =
  | { readonly kind: 'not-json'; readonly start: string }
  | { readonly kind: 'no-frame'; readonly seen: string }
  | { readonly kind: 'other-call'; readonly seen: string }
  | { readonly kind: 'no-payload'; readonly seen: string }
  | { readonly kind: 'no-rows'; readonly seen: string }
  | { readonly kind: 'token'; readonly seen: string }
  | { readonly kind: 'rows'; readonly bad: number; readonly of: number; readonly field: string; readonly seen: string }
  | { readonly kind: 'no-texts'; readonly of: number }
  | { readonly kind: 'versions-as-texts'; readonly bad: number; readonly of: number }
  | { readonly kind: 'moved-field'; readonly field: JudgedField; readonly index: number }
  | { readonly kind: 'lost'; readonly field: JudgedField; readonly lost: number; readonly had: number }
  | { readonly kind: 'moved-token'; readonly seen: string }
  | { readonly kind: 'repeated-token' | 'empty-pages' | 'cut-short' | 'unmarked'; readonly page: number }
  | { readonly kind: 'none-left'; readonly known: number };

const GUARD = ")]}'";
const CALL = 'UsvDTd';

/** What a value looks like, without what it says: answers hold names and texts of people. */
export function shapeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'string') return value === '' ? 'an empty text' : `a text of ${value.length} characters`;
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value)}`;
}

const failed = (why: Strangeness): Read => ({ ok: false, why });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: `undefined` is no JSON value, so it says just that.
    return undefined;
  }
}

/** The payload of the first frame, or why there is none. */
function payloadOf(body: string): { readonly payload: unknown } | Strangeness {
  const outer = body.startsWith(GUARD) ? parse(body.slice(GUARD.length)) : undefined;
  // Only the beginning: of a page of an error, which names nobody, as it is; of what may be a cut answer without what people wrote.
  if (outer === undefined) return { kind: 'not-json', start: (body.startsWith('<') ? body.slice(0, 60) : structureOf(body.slice(0, 60))).replaceAll(/\s+/g, ' ') };
  const frame: unknown = Array.isArray(outer) ? outer[0] : undefined;
  if (!Array.isArray(frame)) return { kind: 'no-frame', seen: shapeOf(frame ?? null) };
  if (frame[1] !== CALL) return { kind: 'other-call', seen: frame[0] === 'er' ? 'an error' : frame[0] === 'wrb.fr' && typeof frame[1] === 'string' ? frame[1].slice(0, 20) : shapeOf(frame[1] ?? null) };
  const payload = typeof frame[2] === 'string' ? parse(frame[2]) : undefined;
  return payload === undefined || payload === null ? { kind: 'no-payload', seen: shapeOf(frame[2] ?? null) } : { payload };
}

/** Marks are long and of the alphabet of base64. */
const LIKE_A_MARK = /^(?=.*\d)(?=.*[A-Za-z])[\w+/=-]{16,}$/;
const DEPTH_MAX = 4;

/** The place of the first text within a value that looks like a mark. */
function markIn(value: unknown, place: string, depth = 0): string | null {
  if (typeof value === 'string') return LIKE_A_MARK.test(value) ? place : null;
  if (!Array.isArray(value) || depth > DEPTH_MAX) return null;
  for (const [index, inner] of value.entries()) {
    const found = markIn(inner, `${place}[${index}]`, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

/** Reads an answer, or says in which way it is not one. An empty list is an answer: of an app, or a language, without reviews. */
export function readAnswer(body: string): Read {
  const found = payloadOf(body);
  if ('kind' in found) return failed(found);
  const { payload } = found;
  if (!Array.isArray(payload)) return failed({ kind: 'no-payload', seen: shapeOf(payload) });
  if (payload.length === 0) return { ok: true, answer: { rows: [], next: null, elsewhere: null } };
  const [rows, paging, ...others] = payload as readonly unknown[];
  if (!Array.isArray(rows)) return failed({ kind: 'no-rows', seen: shapeOf(rows ?? null) });
  const next: unknown = Array.isArray(paging) ? (paging[1] ?? null) : null;
  if (next !== null && (typeof next !== 'string' || next === '')) return failed({ kind: 'token', seen: shapeOf(next) });
  return { ok: true, answer: { rows, next, elsewhere: next === null ? markIn([null, paging, ...others], '') : null } };
}
