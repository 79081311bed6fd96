import { z } from 'zod';
import { Instant } from '../../../schema/app.ts';

/** Reviews that are known to be missing: everything older than the page that `token` follows, down to what was there before. */
export const Gap = z.object({
  token: z.string(),
  /** The gap ends among known reviews that are not newer than this; null: at the oldest review. */
  until: Instant.nullable(),
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
});
export type LanguageMemory = z.infer<typeof LanguageMemory>;

/** A full pass over all reviews of an app, which may take several runs. */
const Sweep = z.object({
  number: z.number().int(),
  startedAt: Instant,
  /** By language: where the pass is; null before its first page. */
  languages: z.record(z.string(), z.object({ token: z.string().nullable(), done: z.boolean(), rows: z.number().int(), cuts: z.number().int() })),
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
});
export type Memory = z.infer<typeof Memory>;

export const EMPTY: Memory = { version: 1, languages: {}, sweeps: 0, sweep: null, sweptAt: null };

/** An unreadable memory costs a full pass, never a review. */
export function memoryOf(value: unknown): Memory {
  const parsed = Memory.safeParse(value);
  return parsed.success ? parsed.data : EMPTY;
}

export const languageOf = (memory: Memory, language: string): LanguageMemory => memory.languages[language] ?? { newest: null, gaps: [], seen: 0 };

export function withLanguage(memory: Memory, language: string, changes: Partial<LanguageMemory>): Memory {
  return { ...memory, languages: { ...memory.languages, [language]: { ...languageOf(memory, language), ...changes } } };
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
  const fresh = { token: null, done: false, rows: 0, cuts: 0 };
  const entries = (known: Sweep['languages']): Sweep['languages'] => Object.fromEntries(languages.map((language) => [language, known[language] ?? fresh]));
  if (backfill === 'never') return { ...memory, sweep: null };
  if (memory.sweep !== null) return { ...memory, sweep: { ...memory.sweep, languages: entries(memory.sweep.languages) } };
  const isNew = languages.some((language) => memory.languages[language] === undefined);
  const isDue = memory.sweptAt === null || Date.parse(now) - Date.parse(memory.sweptAt) >= sweepDays * 86_400_000;
  if (backfill === 'auto' && !isDue && !isNew) return memory;
  return { ...memory, sweeps: memory.sweeps + 1, sweep: { number: memory.sweeps + 1, startedAt: now, languages: entries({}) } };
}
