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

/**
 * Within a text another cell may begin: where the comma stands for decimals (Indonesia, most of Europe) spreadsheets part cells at
 * semicolons, others at tabs, and then neither heed the quotes of a cell that does not begin with one.
 */
const RISKY_WITHIN = /[;\t\r\n]'*[=+\-@＝＋－＠]/;
const EACH_RISKY_WITHIN = /([;\t\r\n])(?='*[=+\-@＝＋－＠])/g;
const EACH_GUARDED_WITHIN = /([;\t\r\n])'(?='*[=+\-@＝＋－＠])/g;

/** As `guard`, of a text that has no semicolon, tab or line end in it. */
export function guardStart(text: string): string {
  return !isPlain(text) && RISKY.test(text) ? `'${text}` : text;
}

/** The text with one apostrophe before whatever a spreadsheet would run. `unguard` gives it back exactly. */
export function guard(text: string): string {
  const begun = guardStart(text);
  return RISKY_WITHIN.test(begun) ? begun.replaceAll(EACH_RISKY_WITHIN, "$1'") : begun;
}

export function unguard(text: string): string {
  if (!text.includes("'")) return text;
  const begun = text.charCodeAt(0) === APOSTROPHE && GUARDED.test(text) ? text.slice(1) : text;
  return RISKY_WITHIN.test(begun) ? begun.replaceAll(EACH_GUARDED_WITHIN, '$1') : begun;
}
