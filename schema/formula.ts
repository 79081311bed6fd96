/**
 * A text that a spreadsheet would take for a formula (OWASP, CSV injection), also behind apostrophes: LF and the full-width
 * forms are on the list too.
 */
const RISKY = /^'*[=+\-@\t\r\n＝＋－＠]/;
const GUARDED = /^'+[=+\-@\t\r\n＝＋－＠]/;

const [APOSTROPHE, ZERO, NINE, AT, FULL_WIDTH] = [39, 48, 57, 64, 0xff00];

/** Most texts begin with a letter or a digit, which no pattern has to look at. */
function isPlain(text: string): boolean {
  const first = text.charCodeAt(0);
  return (first > AT && first < FULL_WIDTH) || (first >= ZERO && first <= NINE);
}

/** The text with one apostrophe before it where a spreadsheet would run it. `unguard` gives it back exactly. */
export function guard(text: string): string {
  return !isPlain(text) && RISKY.test(text) ? `'${text}` : text;
}

export function unguard(text: string): string {
  return text.charCodeAt(0) === APOSTROPHE && GUARDED.test(text) ? text.slice(1) : text;
}
