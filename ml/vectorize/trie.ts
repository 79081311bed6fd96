/** A step of the table: the node before, plus one (0 marks a free place), the symbol, the node after; the fourth place is free. */
const STRIDE = 4;

function placeOf(node: number, symbol: number): number {
  const mixed = Math.imul(node, 0x9e3779b1) ^ Math.imul(symbol, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

/** How many nodes terms need at most: each adds what it does not share with the one before, and they are sorted. */
function nodesOf(terms: readonly (readonly number[])[]): number {
  let nodes = 1;
  for (const [index, term] of terms.entries()) {
    const before = terms[index - 1] ?? [];
    let shared = 0;
    while (shared < term.length && term[shared] === before[shared]) shared++;
    nodes += term.length - shared;
  }
  return nodes;
}

/**
 * The n-grams of a model as paths of symbols (words by their numbers, characters by their code points) from node 0: a step is one
 * look into a table of numbers, so that no n-gram has to be cut out of a text and looked up as a text of its own.
 */
export class GramTrie {
  /** The feature of each node, -1 where no term ends there. */
  readonly features: Int32Array;
  readonly #table: Int32Array;
  readonly #mask: number;

  constructor(terms: readonly (readonly number[])[]) {
    const nodes = nodesOf(terms);
    const places = 2 ** Math.ceil(Math.log2(nodes * 2));
    this.features = new Int32Array(nodes).fill(-1);
    this.#table = new Int32Array(places * STRIDE);
    this.#mask = places - 1;
    let used = 1;
    for (const [feature, term] of terms.entries()) {
      let node = 0;
      for (const symbol of term) {
        const known = this.step(node, symbol);
        node = known === -1 ? this.#add({ node, symbol, next: used++ }) : known;
      }
      this.features[node] = feature;
    }
  }

  /** The node after a symbol, or -1 where no term goes on so. */
  step(node: number, symbol: number): number {
    const table = this.#table;
    for (let place = placeOf(node, symbol) & this.#mask; ; place = (place + 1) & this.#mask) {
      const at = place * STRIDE;
      const before = table[at] as number;
      if (before === 0) return -1;
      if (before === node + 1 && table[at + 1] === symbol) return table[at + 2] as number;
    }
  }

  #add({ node, symbol, next }: { readonly node: number; readonly symbol: number; readonly next: number }): number {
    const table = this.#table;
    let place = placeOf(node, symbol) & this.#mask;
    while (table[place * STRIDE] !== 0) place = (place + 1) & this.#mask;
    table.set([node + 1, symbol, next], place * STRIDE);
    return next;
  }
}
