/** Number of insertions, removals and replacements that turn one name into the other (Levenshtein). */
function distance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      current.push(Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, replaced));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}

/** How names of columns are compared: "Review Text", "review_text" and "reviewText" are one. */
export const plain = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/** The known name that a wanted one was most likely meant to be, if one is near enough: at most a third of it differs. */
export function nearestName(wanted: readonly string[], known: readonly string[]): string | undefined {
  const near = wanted.flatMap((name) => known.map((other) => ({ other, apart: distance(plain(name), plain(other)), most: Math.floor(plain(name).length / 3) })));
  return near.filter(({ apart, most }) => apart <= most).sort((a, b) => a.apart - b.apart)[0]?.other;
}
