import { z } from 'zod';
import { Instant } from '../../../schema/app.ts';

/** Reviews that are known to be missing: everything older than the page that `token` follows, down to what was there before. */
export const Gap = z.object({
  token: z.string(),
  /** The gap ends among known reviews that are not newer than this; null: at the oldest review. */
  until: Instant.nullable(),
  /** Runs that found nothing below it, where there should be something. */
  cuts: z.number().int().default(0),
});
export type Gap = z.infer<typeof Gap>;

const LanguageMemory = z.object({
  /**
   * Down from here everything was fetched, or lies in a gap or in the pass under way. Known reviews that are newer do not end a
   * search: a run that was killed may have left them with nothing below.
   */
  newest: Instant.nullable(),
  /** Newest first. */
  gaps: z.array(Gap),
  /** Reviews seen in this language so far: with some, an answer without any is no answer. */
  seen: z.number().int(),
  /** Time of the oldest review where the list was last believed to end: an end above it is one to be doubted. */
  oldest: Instant.nullable().default(null),
  /** Runs in a row that doubted the end of the list, until one believes it. */
  doubts: z.number().int().default(0),
  /** Whether the first page was full and named no next one, though more is known. */
  unmarked: z.boolean().default(false),
});
export type LanguageMemory = z.infer<typeof LanguageMemory>;

/** A full pass over all reviews of an app, which may take several runs. */
const Sweep = z.object({
  number: z.number().int(),
  startedAt: Instant,
  /** By language: where the pass is; null before its first page. */
  languages: z.record(z.string(), z.object({
    token: z.string().nullable(), done: z.boolean(), rows: z.number().int(), cuts: z.number().int(),
    /** Whether its end was taken for one after all, though more is known: it tells nothing of deletions. */
    doubted: z.boolean().default(false),
  })),
});
export type Sweep = z.infer<typeof Sweep>;

/** What the collector remembers of an app from run to run, kept in the raw store beside the reviews. */
export const Memory = z.object({
  version: z.literal(1),
  languages: z.record(z.string(), LanguageMemory),
  /** Number of the newest pass; 0 before the first. */
  sweeps: z.number().int(),
  /** The pass under way. */
  sweep: Sweep.nullable(),
  /** When the newest whole pass began. */
  sweptAt: Instant.nullable(),
  /** Whether another one is to begin when none is under way, however soon that is. */
  due: z.boolean().default(false),
  /** By language: number of the newest pass during which reviews of it came in. It stays when the language is no longer asked for. */
  shown: z.record(z.string(), z.number().int()).default({}),
  /** By language of the newest pass: the first pass from which on every one asked for it. */
  askedSince: z.record(z.string(), z.number().int()).default({}),
});
export type Memory = z.infer<typeof Memory>;

export const EMPTY: Memory = { version: 1, languages: {}, sweeps: 0, sweep: null, sweptAt: null, due: false, shown: {}, askedSince: {} };

/** An unreadable memory costs a full pass, never a review. */
export function memoryOf(value: unknown): Memory {
  const parsed = Memory.safeParse(value);
  if (!parsed.success) return EMPTY;
  const { data } = parsed;
  // One of an earlier version does not say when its languages showed reviews: no later than now.
  const known = Object.entries(data.languages).flatMap(([language, { seen, newest }]) => (seen > 0 || newest !== null ? [[language, data.sweeps] as const] : []));
  return { ...data, shown: { ...Object.fromEntries(known), ...data.shown } };
}

export const languageOf = (memory: Memory, language: string): LanguageMemory => memory.languages[language] ?? { newest: null, gaps: [], seen: 0, oldest: null, doubts: 0, unmarked: false };

export function withLanguage(memory: Memory, language: string, changes: Partial<LanguageMemory>): Memory {
  return { ...memory, languages: { ...memory.languages, [language]: { ...languageOf(memory, language), ...changes } } };
}

/** Lets a full pass begin in the next run, or after the one under way: it decides where it is not clear what the list holds. */
export const withPassDue = (memory: Memory): Memory => ({ ...memory, due: true });

/** Notes that a language shows reviews; the same memory where that is known. To be kept before any of them is stored. */
export function withShown(memory: Memory, language: string): Memory {
  const shown = Math.max(memory.shown[language] ?? 0, memory.sweeps);
  return memory.shown[language] === shown ? memory : { ...memory, shown: { ...memory.shown, [language]: shown } };
}

/**
 * Whose absence a full pass can tell: reviews that were last seen in the pass `from` or later, and before the pass `to`. What was
 * last seen earlier than `from` may be of a language that is no longer asked for, and still be there. Null where one of the
 * passes that have to miss a review did not ask for all languages of this one: a language that is asked for again begins anew.
 */
export function telling({ shown, askedSince }: Memory, sweep: Sweep, passes: number): { readonly from: number; readonly to: number } | null {
  const to = sweep.number - passes + 1;
  const languages = Object.keys(sweep.languages).filter((language) => shown[language] !== undefined);
  // Before the first pass there is none that could have missed anything.
  if (languages.some((language) => (askedSince[language] ?? sweep.number) > Math.max(1, to))) return null;
  const left = Object.entries(shown).filter(([language]) => sweep.languages[language] === undefined);
  return { from: Math.max(0, ...left.map(([, number]) => number + 1)), to };
}

interface Plan {
  readonly languages: readonly string[];
  readonly backfill: 'auto' | 'now' | 'never';
  readonly sweepDays: number;
  /** The instant of the run. */
  readonly now: string;
}

/** Begins a full pass where one is due: at first, after `sweepDays`, or on demand. One under way goes on, with new languages added. */
export function planSweep(memory: Memory, { languages, backfill, sweepDays, now }: Plan): Memory {
  const fresh = { token: null, done: false, rows: 0, cuts: 0, doubted: false };
  const entries = (known: Sweep['languages']): Sweep['languages'] => Object.fromEntries(languages.map((language) => [language, known[language] ?? fresh]));
  // A pass that is cut off has missed nothing: the next one takes its number.
  if (backfill === 'never') return memory.sweep === null ? memory : { ...memory, sweep: null, sweeps: memory.sweep.number - 1 };
  const since = (number: number): Memory['askedSince'] => Object.fromEntries(languages.map((language) => [language, memory.askedSince[language] ?? number]));
  if (memory.sweep !== null) return { ...memory, askedSince: since(memory.sweep.number), sweep: { ...memory.sweep, languages: entries(memory.sweep.languages) } };
  const isNew = languages.some((language) => memory.languages[language] === undefined);
  const isDue = memory.due || memory.sweptAt === null || Date.parse(now) - Date.parse(memory.sweptAt) >= sweepDays * 86_400_000;
  if (backfill === 'auto' && !isDue && !isNew) return memory;
  const number = memory.sweeps + 1;
  return { ...memory, due: false, sweeps: number, askedSince: since(number), sweep: { number, startedAt: now, languages: entries({}) } };
}
