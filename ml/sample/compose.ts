import type { Random } from '../random.ts';
import { ENGLISH } from './english.ts';
import { INDONESIAN } from './indonesian.ts';
import { type } from './noise.ts';
import { BANKS, EMOJI, FEATURES, MOODS, TOPICS } from './phrases.ts';
import type { Mood, Phrases, Topic } from './phrases.ts';

const SYLLABLES = ['ra', 'di', 'su', 'man', 'wi', 'la', 'ni', 'pu', 'tri', 'yan', 'ko', 'ba', 'gus', 'ar', 'fa', 'jo', 'ti', 'na', 'mi', 'dra', 'hen', 'ki', 'sa', 'ri'];

function name(random: Random): string {
  return Array.from({ length: 2 + random.integer(2) }, () => random.pick(SYLLABLES)).join('');
}

/** Fills {slots}: with numbers, names and codes that hardly ever come twice, as in life. */
function fill(phrase: string, version: string, random: Random): string {
  return phrase.replaceAll(/\{(\w+)\}/g, (_, slot: string) => {
    switch (slot) {
      case 'amount':
        return random.pick([`${5 + random.integer(995)}rb`, `rp${(1 + random.integer(900)) * 5}.000`, `${1 + random.integer(40)} juta`, `${10 + random.integer(990)}ribu`]);
      case 'bank':
        return random.pick(BANKS);
      case 'name':
        return name(random);
      case 'ticket':
        return `#${random.pick(['a', 'b', 'cs', 'id'])}${10_000 + random.integer(89_999)}`;
      case 'feature':
        return random.pick(FEATURES);
      case 'version':
        return version;
      case 'days':
        return String(2 + random.integer(20));
      case 'hours':
        return String(2 + random.integer(46));
      case 'minutes':
        return String(2 + random.integer(28));
      case 'years':
        return String(1 + random.integer(4));
      default:
        return slot;
    }
  });
}

export interface Wish {
  readonly mood: Mood;
  readonly language: 'id' | 'en' | 'mixed';
  /** The share of the talk that is about the release of the time. */
  readonly releaseShare: number;
  readonly version: string;
}

function otherMood(mood: Mood, random: Random): Mood {
  return random.pick(MOODS.filter((other) => other !== mood));
}

function topicOf({ releaseShare }: Wish, random: Random): Topic {
  if (random.next() < releaseShare) return 'release';
  return random.pick(TOPICS.filter((topic) => topic !== 'release'));
}

/** A sentence is now and then of another mood than the review: "the fees are low, but...". */
const TURN_SHARE = 0.15;

function sentences(wish: Wish, phrases: () => Phrases, random: Random): string {
  const count = 1 + Math.floor(random.next() ** 2 * 4);
  const parts: string[] = [];
  for (let index = 0; index < count; index++) {
    const mood = random.next() < (wish.mood === 'neutral' ? TURN_SHARE * 1.4 : TURN_SHARE) ? otherMood(wish.mood, random) : wish.mood;
    if (index > 0) parts.push(random.pick(phrases().links));
    parts.push(random.pick(phrases().topics[topicOf(wish, random)][mood]));
  }
  if (random.next() < 0.22) parts.unshift(random.pick(phrases().openings));
  if (random.next() < 0.3) parts.push(random.pick(phrases().closings[wish.mood]));
  return parts.join(' ');
}

/** The text of one review. */
export function compose(wish: Wish, random: Random): string {
  const phrases = (): Phrases => (wish.language === 'id' ? INDONESIAN : wish.language === 'en' ? ENGLISH : random.pick([INDONESIAN, INDONESIAN, ENGLISH]));
  const roll = random.next();
  if (roll < 0.02) return random.pick(EMOJI[wish.mood]).repeat(1 + random.integer(3));
  const brief = roll < 0.2;
  const text = brief ? random.pick(phrases().short[random.next() < 0.12 ? otherMood(wish.mood, random) : wish.mood]) : sentences(wish, phrases, random);
  const typed = type(fill(text, wish.version, random), random.next() ** 2, random);
  const mark = random.next() < 0.1 ? random.pick(['!', '!!', '?', '!!!', '...']) : '';
  const emoji = random.next() < 0.09 ? ` ${random.pick(EMOJI[wish.mood])}` : '';
  return `${typed}${mark}${emoji}`;
}
