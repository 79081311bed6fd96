/** So many neighbours are looked at before a map of the engine takes over: texts made to collide cost no more than this. */
const PROBES_MAX = 16;

/** FNV-1a of the character codes of a text, its bits spread as MurmurHash3 ends. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/**
 * Gives of each text the row under which it came first: its own where it is new. A map of texts that is told about how many
 * will come, and is then several times as quick as one that grows (open addressing, no object a text).
 */
export function createFirsts(expected: number): (text: string, row: number) => number {
  const size = 2 ** Math.ceil(Math.log2(Math.max(8, expected * 2)));
  const places = new Int32Array(size);
  const hashes = new Int32Array(size);
  const texts: string[] = [];
  const rows: number[] = [];
  const others = new Map<string, number>();
  return (text, row) => {
    const hash = hashOf(text);
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const slot = (hash + probe) & (size - 1);
      const place = (places[slot] as number) - 1;
      if (place === -1) {
        texts.push(text);
        rows.push(row);
        places[slot] = texts.length;
        hashes[slot] = hash;
        return row;
      }
      if (hashes[slot] === hash && texts[place] === text) return rows[place] as number;
    }
    const before = others.get(text);
    if (before === undefined) others.set(text, row);
    return before ?? row;
  };
}
