import { createBytes } from './bytes.ts';
import { hasTriple, lookAt } from './quick.ts';

/** Longer tags than this are no tags: bounding them keeps the search linear in hostile text. */
const TAG = /<\/?[a-z!][^<>]{0,300}>/gi;
const ENTITY = /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});/gi;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', hellip: '…', ndash: '–', mdash: '—' };

/** Controls, zero-width characters, bidirectional marks, variation selectors apart from the emoji one, private use, U+FFFD. */
const INVISIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0e\ufeff\ufff9-\ufffd\ue000-\uf8ff]/g;
/** A joiner belongs to an emoji or to nothing that is read here. */
const STRAY_JOINER = /\u200d(?!\p{Extended_Pictographic})/gu;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const LINK_SIGN = /:\/\/|www\./;
const URL_LIKE = /\b(?:https?:\/\/|www\.)[^\s<>"']{1,2000}/g;
const EMAIL = /[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}/g;
const PHONE = /(?<![\d])(?:\+?\d[\d\s-]{8,16}\d)(?![\d])/g;

/** Three and more of one letter become two: "baguuuus" and "baguuus" are one word, "bagus" stays another. */
const REPEATED_LETTER = /(\p{L})\1{2,}/gu;
const REPEATED_MARK = /([!?.,])\1{2,}/g;
const REPEATED_ASCII = /([a-z!?.,])\1{2,}/g;

function codePoint(code: number): string {
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : ' ';
}

/** `&amp;`, `&#38;` or `&#x26;` as the character it stands for; an unknown name stays as it is. */
function entity(match: string): string {
  const inner = match.slice(1, -1).toLowerCase();
  if (inner.startsWith('#x')) return codePoint(Number.parseInt(inner.slice(2), 16));
  if (inner.startsWith('#')) return codePoint(Number(inner.slice(1)));
  return NAMED[inner] ?? match;
}

/** Every rule in turn, for any text. A rule whose sign does not occur is passed over, which saves most of the time. */
function thorough(raw: string): string {
  let text = raw.isWellFormed() ? raw : raw.replaceAll(LONE_SURROGATE, ' ');
  if (text.includes('&')) text = text.replaceAll(ENTITY, (match: string) => entity(match));
  if (text.includes('<')) text = text.replaceAll(TAG, ' ');
  text = text.normalize('NFKC').replaceAll(INVISIBLE, '');
  if (text.includes('\u200d')) text = text.replaceAll(STRAY_JOINER, '');
  text = text.toLowerCase();
  if (LINK_SIGN.test(text)) text = text.replaceAll(URL_LIKE, ' xurl ');
  if (text.includes('@')) text = text.replaceAll(EMAIL, ' xemail ');
  text = text.replaceAll(PHONE, ' xphone ');
  if (hasTriple(text)) text = text.replaceAll(REPEATED_LETTER, '$1$1').replaceAll(REPEATED_MARK, '$1$1');
  return text.replaceAll(/\s+/g, ' ').trim();
}

const looked = createBytes();

/**
 * One form for texts that people read as the same: no HTML, no invisible characters, Unicode NFKC (bold-math and full-width
 * letters become plain ones), lower case, at most two equal letters in a row, links, addresses and numbers of phones as
 * one word each, single spaces. Linear in the length of the text; the empty text for one without anything visible.
 */
export function normalize(raw: string): string {
  const needs = looked.load(raw) === raw.length ? lookAt(looked.bytes, raw.length) : undefined;
  if (needs === undefined) return thorough(raw);
  let form = raw.toLowerCase();
  if (needs.repeats) form = form.replaceAll(REPEATED_ASCII, '$1$1');
  if (needs.spaces) form = form.replaceAll(/\s+/g, ' ');
  return form.trim();
}
