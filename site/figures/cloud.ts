import type { Keyword } from '../../ml/text/themes.ts';

/** A placed word: the centre of its baseline box, in the units of the cloud. */
export interface PlacedWord {
  readonly word: string;
  readonly reviews: number;
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

export interface Cloud {
  readonly width: number;
  readonly height: number;
  readonly words: readonly PlacedWord[];
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const WIDTH = 380;
const HEIGHT_MAX = 290;
const SIZE_MIN = 9;
const SIZE_MAX = 40;
/** Each further attempt sets all words this much smaller. */
const SHRINK = 0.88;
const ATTEMPTS_MAX = 12;
/** Wider than nearly every system font draws bold letters, since nothing is measured here. */
const LETTER = 0.69;
const GAP = 4;
const STEP = 0.3;
const TURNS_MAX = 900;

const overlaps = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

function boxAt(x: number, y: number, { word, size }: { word: string; size: number }): Box {
  const width = [...word].length * size * LETTER + GAP;
  const height = size * 1.1 + GAP;
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

/** Walks a flat spiral from the middle until the word fits. Undefined if it is wider than the cloud, or nowhere is room. */
function placeOne(word: { word: string; size: number }, taken: readonly Box[]): { box: Box; x: number; y: number } | undefined {
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const angle = turn * STEP;
    const x = WIDTH / 2 + 1.25 * angle * Math.cos(angle);
    const y = 0.8 * angle * Math.sin(angle);
    const box = boxAt(x, y, word);
    if (box.left < 0 || box.right > WIDTH) continue;
    if (!taken.some((other) => overlaps(box, other))) return { box, x, y };
  }
  return undefined;
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

interface Attempt {
  readonly placed: readonly PlacedWord[];
  readonly top: number;
  readonly bottom: number;
}

function attempt(ordered: readonly Keyword[], largest: number, scale: number): Attempt {
  const taken: Box[] = [];
  const placed: PlacedWord[] = [];
  for (const { word, reviews } of ordered) {
    const fitting = (WIDTH - GAP) / ([...word].length * LETTER);
    const size = Math.min(Math.max(SIZE_MIN, SIZE_MAX * scale * Math.sqrt(reviews / largest)), fitting);
    const found = placeOne({ word, size }, taken);
    if (found === undefined) continue;
    taken.push(found.box);
    placed.push({ word, reviews, x: found.x, y: found.y, size });
  }
  return { placed, top: Math.min(0, ...taken.map((box) => box.top)) - GAP, bottom: Math.max(0, ...taken.map((box) => box.bottom)) + GAP };
}

/**
 * Places words largest first, without measuring fonts and without chance: the same words give the same cloud on any machine.
 * The area of a word grows with its reviews. All are set smaller until the cloud is no higher than wide pages like; a word too
 * long for the width is set smaller alone.
 */
export function layOut(words: readonly Keyword[]): Cloud {
  const largest = Math.max(1, ...words.map(({ reviews }) => reviews));
  const ordered = words.toSorted((a, b) => b.reviews - a.reviews || (a.word < b.word ? -1 : 1));
  let scale = 1;
  let best = attempt(ordered, largest, scale);
  for (let tries = 1; tries < ATTEMPTS_MAX && (best.bottom - best.top > HEIGHT_MAX || best.placed.length < ordered.length); tries++) {
    scale *= SHRINK;
    best = attempt(ordered, largest, scale);
  }
  const { placed, top, bottom } = best;
  return {
    width: WIDTH, height: Math.ceil(bottom - top),
    words: placed.map((word) => ({ ...word, x: rounded(word.x), y: rounded(word.y - top), size: rounded(word.size) })),
  };
}
