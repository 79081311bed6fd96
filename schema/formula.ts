/**
 * A text that a spreadsheet would take for a formula (OWASP, CSV injection), also behind apostrophes: LF and the full-width
 * forms are on the list too.
 */
const RISKY = /^'*[=+\-@\t\r\n＝＋－＠]/;
const GUARDED = /^'+[=+\-@\t\r\n＝＋－＠]/;

/** The text with one apostrophe before it where a spreadsheet would run it. `unguard` gives it back exactly. */
export function guard(text: string): string {
  return RISKY.test(text) ? `'${text}` : text;
}

export function unguard(text: string): string {
  return GUARDED.test(text) ? text.slice(1) : text;
}
