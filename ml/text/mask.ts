import { createBytes } from './bytes.ts';
import { findEmails, findWallets } from './personal/addresses.ts';
import type { Span } from './personal/addresses.ts';
import { hasClue } from './personal/clue.ts';
import { fold } from './personal/fold.ts';
import { findNumbers } from './personal/numbers.ts';
import { findSpelled } from './personal/spelled.ts';

/** Personal data that is taken out of texts. The order is that of looking: what one kind takes is not looked at by the next. */
export const MASK_KINDS = ['email', 'wallet', 'card', 'phone'] as const;
export type MaskKind = (typeof MASK_KINDS)[number];

export interface Masked {
  readonly text: string;
  /** How many were found, by kind. */
  readonly counts: Readonly<Record<MaskKind, number>>;
}

interface Found extends Span {
  readonly kind: MaskKind;
}

const NONE: Masked['counts'] = { email: 0, wallet: 0, card: 0, phone: 0 };

const byPlace = (a: Span, b: Span): number => a.start - b.start;

/** A text with its spans replaced, each by what `by` makes of it. */
function replaced<T extends Span>(text: string, spans: readonly T[], by: (span: T) => string): string {
  let [made, place] = ['', 0];
  for (const span of spans.toSorted(byPlace)) {
    made += text.slice(place, span.start) + by(span);
    place = span.end;
  }
  return made + text.slice(place);
}

/** Written over with a character that is part of nothing, and stands where the replacement will begin: no place moves. */
const taken = (text: string, spans: readonly Span[]): string => (spans.length === 0 ? text : replaced(text, spans, ({ start, end }) => '['.repeat(end - start)));

interface Sought {
  readonly kinds: readonly MaskKind[];
  /** Whether there are brackets in it: without any, a sign of e-mail is a sign. */
  readonly isBracketed: boolean;
}

function findOnce(text: string, { kinds, isBracketed }: Sought): readonly Found[] {
  const plain = kinds.includes('email') ? findEmails(text) : [];
  let rest = taken(text, plain);
  const spelled = kinds.includes('email') && (isBracketed || rest.includes('@')) ? findSpelled(rest) : [];
  const emails = [...plain, ...spelled];
  rest = taken(rest, spelled);
  const wallets = kinds.includes('wallet') ? findWallets(rest, taken) : [];
  rest = taken(rest, wallets);
  const numbers = findNumbers(rest, { card: kinds.includes('card'), phone: kinds.includes('phone') });
  return [...emails.map((span): Found => ({ ...span, kind: 'email' })), ...wallets.map((span): Found => ({ ...span, kind: 'wallet' })), ...numbers];
}

const BRACKETS = ['(', '[', '{', '<'];

/** More rounds no text needs that was not made to need them. */
const ROUNDS = 8;

/** Until nothing more is found: an address that a phone number touched stands by itself once that is taken. */
function findAll(text: string, kinds: readonly MaskKind[]): readonly Found[] {
  const all: Found[] = [];
  const sought = { kinds, isBracketed: BRACKETS.some((bracket) => text.includes(bracket)) };
  let rest = text;
  for (let round = 0; round < ROUNDS; round++) {
    const found = findOnce(rest, sought);
    if (found.length === 0) break;
    all.push(...found);
    rest = taken(rest, found);
  }
  return all;
}

const looked = createBytes();

/**
 * Takes personal data out of a text: `[email]`, `[phone]`, `[wallet]`, `[card]` in its place, which survive cleaning as one
 * word each and are never masked again. Amounts, years, versions and order numbers stay. It is looked for in a plain form of
 * the text (ASCII digits, nothing unseen within), and taken out of the text as it was written.
 */
export function maskPersonal(text: string, kinds: readonly MaskKind[]): Masked {
  if (kinds.length === 0) return { text, counts: NONE };
  const length = looked.load(text);
  if (length !== -1 && !hasClue(looked.bytes, length)) return { text, counts: NONE };
  const folded = fold(text);
  const found = findAll(folded.text, kinds);
  if (found.length === 0) return { text, counts: NONE };
  const counts = { ...NONE };
  for (const { kind } of found) counts[kind]++;
  const spans = found.map(({ start, end, kind }): Found => ({ kind, start: folded.start(start), end: folded.end(end) }));
  return { text: replaced(text, spans, ({ kind }) => `[${kind}]`), counts };
}
