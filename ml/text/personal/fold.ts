/** A text as the patterns look at it, each of its places known in the text that was folded. */
export interface Folded {
  readonly text: string;
  /** Where the character at a place of `text` begins in the original. */
  start(place: number): number;
  /** Where the character before a place of `text` ends in the original, with the marks upon it. */
  end(place: number): number;
}

/** Nothing to fold. */
const PLAIN = /^[\t\n\v\f\r -~]*$/;
/** What stands upon the character before: accents, strokes, the frame of a keycap. */
const UPON = /[\p{Mn}\p{Me}]/u;
/** What nobody sees: joiners, marks of direction, control characters. */
const UNSEEN = /[\p{Cf}\0-\x08\x0e-\x1f\x7f-\x9f]/u;
/** Digits of any script, also raised and in circles, spaces of any width, full-width forms, letters and digits of mathematics. */
const OTHER_FORM = /[\p{Nd}\p{No}\p{Zs}\uff01-\uff5e\ufe50-\ufe6b\u{1d400}-\u{1d7ff}]/u;
/** From here on there are emoji and cards. */
const PICTURES = 0x1f000;

/** Digits stand in tens, in order, zero first. */
function digitOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  let first = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return String((code - first) % 10);
}

function plainOf(character: string): string {
  if (character >= ' ' && character <= '~') return character;
  if ((character.codePointAt(0) ?? 0) >= PICTURES || !OTHER_FORM.test(character)) return character;
  const compatible = character.normalize('NFKC');
  if (/^[ -~]$/.test(compatible)) return compatible;
  return /\p{Nd}/u.test(character) ? digitOf(character) : character;
}

/**
 * A number or an address reads the same with a joiner within, in full-width digits or on keycaps: all of these are folded
 * to plain characters, to be found there and taken out of the text as it was written.
 */
export function fold(text: string): Folded {
  if (PLAIN.test(text)) return { text, start: (place) => place, end: (place) => place };
  const [starts, ends] = [new Uint32Array(text.length + 1), new Uint32Array(text.length + 1)];
  let [folded, place] = ['', 0];
  for (const character of text) {
    const next = place + character.length;
    if (UPON.test(character)) ends[folded.length] = next;
    else if (!UNSEEN.test(character)) {
      const plain = plainOf(character);
      for (let unit = 0; unit < plain.length; unit++) {
        starts[folded.length + unit] = place;
        ends[folded.length + unit + 1] = next;
      }
      folded += plain;
    }
    place = next;
  }
  return { text: folded, start: (at) => starts[at] ?? place, end: (at) => ends[at] ?? place };
}
