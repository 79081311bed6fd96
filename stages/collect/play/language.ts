import type { Strangeness } from './answer.ts';
import type { Refusal } from './ask.ts';
import { withLanguage } from './memory.ts';
import type { Memory } from './memory.ts';
import { walk } from './walk.ts';
import type { End, Walking, Way } from './walk.ts';

/** The memory of an app as the run goes on: read and replaced whole, and written to the store at each replacement. */
export interface Notes {
  memory(): Memory;
  replace(memory: Memory): Promise<void>;
}

export interface Place {
  readonly app: string;
  readonly language: string;
  readonly country: string;
}

/** `unclear`: a list that may go on, though it names no next page; `empty`: the first answer of a language, which may be none. */
export type Left = Refusal | { readonly kind: 'unclear' | 'empty' };

/** Why a part of the work was left for the next run, or failed. */
export interface Stop {
  readonly refusal: Left;
  readonly language: string;
  readonly archived: string | undefined;
}

export type Walk = Omit<Walking, 'advance'>;

export function stopOf(end: Extract<End, { kind: 'stopped' }>, { language }: Place): Stop {
  return { refusal: end.refusal, language, archived: end.archived };
}

/** `end`: where it kept its last answer. */
export function strange(why: Strangeness, { language }: Place, end?: End): Stop {
  return { refusal: { kind: 'strange', why, body: '' }, language, archived: end?.kind === 'unmarked' ? end.archived : undefined };
}

export const left = (kind: 'unclear' | 'empty', { language }: Place): Stop => ({ refusal: { kind }, language, archived: undefined });

export async function note(notes: Notes, { language }: Place, changes: Parameters<typeof withLanguage>[2]): Promise<void> {
  await notes.replace(withLanguage(notes.memory(), language, changes));
}

/** A place that was kept may no longer be valid, which looks like a changed format: from the top, which is, it does not. */
export async function walkOn(way: Way, walking: Walking, restarted: () => void = () => undefined): Promise<End> {
  const end = await walk(way, walking);
  const isStale = way.token !== null && end.kind === 'stopped' && end.walked.pages === 0 && (end.refusal.kind === 'strange' || end.refusal.kind === 'refused');
  if (!isStale) return end;
  walking.log(`${way.app} (${way.language}): the place where the last run stopped is no longer valid, so from the top`);
  restarted();
  return walk({ ...way, token: null }, walking);
}
