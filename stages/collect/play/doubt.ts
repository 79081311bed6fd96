import type { Strangeness } from './answer.ts';
import type { LanguageMemory } from './memory.ts';
import type { End, Walked } from './walk.ts';

/** Runs in which a list ended in a doubtful way at one place before that counts as its end: a list may end with a full page. */
export const CUTS_MAX = 3;
/** Of what is known in a language, the share that a search to the very end has to show. */
const SHOWN_SHARE_MIN = 0.5;

export interface Judging {
  /** Rows from the top of the list to its end. */
  readonly rows: number;
  readonly known: LanguageMemory;
  readonly overlap: number;
}

/** Whether a walk came down to where the list was last believed to end. */
const isDown = ({ oldest }: Walked, known: LanguageMemory): boolean => known.oldest !== null && oldest !== null && oldest <= known.oldest;
/** Whether reviews are known that have to stand below. */
export const isMoreKnown = (walked: Walked, { rows, known }: Omit<Judging, 'overlap'>): boolean => !isDown(walked, known) && (known.oldest !== null || rows < known.seen);

/**
 * What speaks against the end of a list: it shows much less than what is known, or its last page is full while more is known or
 * the mark of a next one is elsewhere, or nothing is known that could tell (`unclear`). Undefined where nothing does.
 */
export function doubtOf(end: End, judging: Judging): Strangeness | 'unclear' | undefined {
  const { kind, walked } = end;
  const { rows, known, overlap } = judging;
  const { pages: page } = walked;
  if (isDown(walked, known)) return undefined;
  if (kind === 'unmarked' && end.moved !== null) return { kind: 'moved-token', seen: end.moved };
  if ((kind === 'cut' && rows < known.seen) || (known.seen >= overlap && rows < known.seen * SHOWN_SHARE_MIN)) return { kind: 'cut-short', page };
  if (kind !== 'unmarked') return undefined;
  return isMoreKnown(walked, judging) ? { kind: 'unmarked', page } : 'unclear';
}
