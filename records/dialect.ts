/** How a CSV of another program is cut: what stands between its cells, and its text with line ends that are understood. */
export interface Dialect {
  readonly text: string;
  readonly separator: string;
}

/** Spreadsheets of countries that write 4,5 for four and a half put a semicolon between cells; databases like tabs and bars. */
const SEPARATORS = [',', ';', '\t', '|'] as const;

/** The header ends at the first line end outside of quotes. */
function headerOf(text: string): { readonly header: string; readonly ended: '\n' | '\r' | '' } {
  let [isQuoted, begun] = [false, 0];
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') isQuoted = !isQuoted;
    if (isQuoted || (sign !== '\n' && sign !== '\r')) continue;
    const isAlone = sign === '\r' && text[at + 1] !== '\n';
    if (at > begun) return { header: text.slice(begun, at), ended: isAlone ? '\r' : '\n' };
    begun = at + 1;
  }
  return { header: text.slice(begun), ended: '' };
}

const counted = (header: string, separator: string): number => header.replaceAll(/"[^"]*"/g, '').split(separator).length;

/**
 * The dialect of a CSV by its header: the separator that stands there most often, a comma among equals, unless a first line
 * `sep=;` names it, as spreadsheets write it for each other. Lines that end in CR alone, as an old Mac wrote them, get the end
 * of all others; what is in quotes stays as it is.
 */
export function dialectOf(text: string): Dialect {
  const [said, named] = /^sep=([^\r\n"])(?=\r|\n)/i.exec(text) ?? [];
  const rest = said === undefined ? text : text.slice(said.length);
  const { header, ended } = headerOf(rest);
  const separator = named ?? SEPARATORS.reduce<string>((best, one) => (counted(header, one) > counted(header, best) ? one : best), ',');
  return { separator, text: ended === '\r' ? rest.replaceAll(/"[^"]*"|\r\n?/g, (found) => (found.startsWith('"') ? found : '\n')) : rest };
}
