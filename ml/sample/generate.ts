import type { AppId } from '../../schema/app.ts';
import type { Review } from '../../schema/review.ts';
import { createRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { DAYS, DAY_MS, FIRST_DAY_MS, climateOn, versionOn } from './calendar.ts';
import { compose } from './compose.ts';
import { HOSTILE } from './phrases.ts';
import type { Mood } from './phrases.ts';

/** Chances of one to five stars for each mood: people and their stars do not always agree. */
const STARS: Readonly<Record<Mood, readonly number[]>> = {
  positive: [0.012, 0.008, 0.02, 0.15, 0.81],
  neutral: [0.03, 0.1, 0.65, 0.16, 0.06],
  negative: [0.73, 0.18, 0.05, 0.015, 0.025],
};

function draw(shares: readonly number[], random: Random): number {
  let roll = random.next();
  for (const [index, share] of shares.entries()) {
    roll -= share;
    if (roll < 0) return index;
  }
  return shares.length - 1;
}

function dayOf(cumulative: Float64Array, random: Random): number {
  const target = random.next() * (cumulative[DAYS - 1] ?? 0);
  let [low, high] = [0, DAYS - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? 0) < target) low = middle + 1;
    else high = middle;
  }
  return low;
}

function instant(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

const hex = (random: Random, length: number): string => Array.from({ length }, () => random.integer(16).toString(16)).join('');

function textOf(mood: Mood, day: number, use: { random: Random; earlier: readonly Review[] }): string {
  const { random, earlier } = use;
  const roll = random.next();
  if (roll < 0.003) return random.pick(['', ' ', '\n']);
  if (roll < 0.011) return random.pick(HOSTILE);
  if (roll < 0.0115) return `${'sangat '.repeat(400)}lama`;
  // Campaigns and habits: the same words again from somebody else.
  if (roll < 0.04 && earlier.length > 50) return earlier[earlier.length - 1 - random.integer(50)]?.text ?? '';
  const { releaseShare } = climateOn(day);
  const language = random.pick(['id', 'id', 'id', 'id', 'id', 'id', 'id', 'en', 'en', 'mixed'] as const);
  return compose({ mood, language, releaseShare, version: versionOn(day) }, random);
}

/**
 * A synthetic corpus: two years of reviews of one app, in Indonesian, English and mixtures, with slang, slips, emoji, empty
 * and hostile texts, repeats, stars that disagree with the words, and one bad release. The same options give the same
 * reviews, sorted by time and id. Nothing in it was written by a user.
 */
export function generateSample(options: { readonly seed: number; readonly reviews: number; readonly app: AppId }): Review[] {
  const random = createRandom(`sample ${options.seed}`);
  const cumulative = new Float64Array(DAYS);
  let total = 0;
  for (let day = 0; day < DAYS; day++) cumulative[day] = total += climateOn(day).volume;
  const times = Array.from({ length: options.reviews }, () => dayOf(cumulative, random) * 86_400 + random.integer(86_400)).sort((a, b) => a - b);
  const reviews: Review[] = [];
  for (const seconds of times) {
    const day = Math.floor(seconds / 86_400);
    const { negative, neutral } = climateOn(day);
    const mood = (['negative', 'neutral', 'positive'] as const)[draw([negative, neutral, 1 - negative - neutral], random)] ?? 'positive';
    const at = FIRST_DAY_MS + seconds * 1000;
    const replied = random.next() < (mood === 'negative' ? 0.7 : 0.3);
    reviews.push({
      app: options.app, id: `sample-${hex(random, 12)}`, at: instant(at), rating: random.next() < 0.001 ? null : draw(STARS[mood], random) + 1,
      text: textOf(mood, day, { random, earlier: reviews }), thumbsUp: Math.floor(random.next() ** 8 * 60), version: random.next() < 0.2 ? null : versionOn(day),
      reply: replied ? 'Terima kasih atas ulasannya. Hubungi kami di bantuan@contoh.invalid agar tim kami dapat membantu.' : null,
      repliedAt: replied ? instant(at + DAY_MS * (random.next() * 3)) : null, source: 'sample', author: null,
    });
  }
  return reviews.sort((a, b) => ((a.at ?? '') + a.id < (b.at ?? '') + b.id ? -1 : 1));
}
