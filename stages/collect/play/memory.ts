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
});
export type Memory = z.infer<typeof Memory>;

export const EMPTY: Memory = { version: 1, languages: {}, sweeps: 0, sweep: null, sweptAt: null, due: false };

/** An unreadable memory costs a full pass, never a review. */
export function memoryOf(value: unknown): Memory {
  const parsed = Memory.safeParse(value);
  return parsed.success ? parsed.data : EMPTY;
}

export const languageOf = (memory: Memory, language: string): LanguageMemory => memory.languages[language] ?? { newest: null, gaps: [], seen: 0, oldest: null, doubts: 0, unmarked: false };

export function withLanguage(memory: Memory, language: string, changes: Partial<LanguageMemory>): Memory {
  return { ...memory, languages: { ...memory.languages, [language]: { ...languageOf(memory, language), ...changes } } };
}

/** Lets a full pass begin in the next run, or after the one under way: it decides where it is not clear what the list holds. */
export const withPassDue = (memory: Memory): Memory => ({ ...memory, due: true });

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
  if (backfill === 'never') return { ...memory, sweep: null };
  if (memory.sweep !== null) return { ...memory, sweep: { ...memory.sweep, languages: entries(memory.sweep.languages) } };
  const isNew = languages.some((language) => memory.languages[language] === undefined);
  const isDue = memory.due || memory.sweptAt === null || Date.parse(now) - Date.parse(memory.sweptAt) >= sweepDays * 86_400_000;
  if (backfill === 'auto' && !isDue && !isNew) return memory;
  return { ...memory, due: false, sweeps: memory.sweeps + 1, sweep: { number: memory.sweeps + 1, startedAt: now, languages: entries({}) } };
}
