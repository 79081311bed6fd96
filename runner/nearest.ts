/** Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, changes and swaps of neighbours. */
function distance(a: string, b: string): number {
  const width = b.length + 1;
  const cells = new Uint16Array((a.length + 1) * width);
  const at = (row: number, column: number): number => cells[row * width + column] ?? 0;
  for (let row = 0; row <= a.length; row++) cells[row * width] = row;
  for (let column = 0; column <= b.length; column++) cells[column] = column;
  for (let row = 1; row <= a.length; row++) {
    for (let column = 1; column <= b.length; column++) {
      const changed = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + changed);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, at(row - 2, column - 2) + 1);
      cells[row * width + column] = best;
    }
  }
  return at(a.length, b.length);
}

/** The candidate that a person most likely meant, or undefined where none is near. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  const wanted = name.toLowerCase();
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const tail = other.split(/[./]/).at(-1) ?? other;
    const near = Math.min(distance(wanted, other), tail.length > 1 && tail === wanted.split(/[./]/).at(-1) ? 1 : Infinity);
    if (near < bestDistance) [best, bestDistance] = [candidate, near];
  }
  return bestDistance <= Math.max(2, Math.floor(name.length / 3)) ? best : sameParent(name, candidates);
}

/** Nothing is spelled alike: a neighbour under the same parent that begins with the same letter may be what was meant. */
function sameParent(name: string, candidates: Iterable<string>): string | undefined {
  const start = name.slice(0, name.lastIndexOf('.') + 2);
  if (!name.includes('.')) return undefined;
  return [...candidates].find((candidate) => candidate.startsWith(start) && !candidate.slice(start.length).includes('.'));
}
