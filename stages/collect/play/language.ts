import type { Strangeness } from './answer.ts';
import type { Refusal } from './ask.ts';
import { languageOf, withLanguage } from './memory.ts';
import type { Gap, Memory, Sweep } from './memory.ts';
import { walk } from './walk.ts';
import type { End, Walked, Walking, Way } from './walk.ts';

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

/** Why a part of the work was left for the next run, or failed. */
export interface Stop {
  readonly refusal: Refusal;
  readonly language: string;
  readonly archived: string | undefined;
}

type Walk = Omit<Walking, 'advance'>;

/** Empty pages at one place before they count as the end of the list: a list may end with a full page. */
const CUTS_MAX = 3;
/** Of what is known in a language, the share that a search to the very end has to show. */
const SHOWN_SHARE_MIN = 0.5;

const later = (a: string | null, b: string | null): string | null => (a === null || (b !== null && b > a) ? b : a);

function stopOf(end: Extract<End, { kind: 'stopped' }>, { language }: Place): Stop {
  return { refusal: end.refusal, language, archived: end.archived };
}

function strange(why: Strangeness, { language }: Place): Stop {
  return { refusal: { kind: 'strange', why, body: '' }, language, archived: undefined };
}

/** A place that was kept may no longer be valid, which looks like a changed format: from the top, which is, it does not. */
async function walkOn(way: Way, walking: Walking): Promise<End> {
  const end = await walk(way, walking);
  const isStale = way.token !== null && end.kind === 'stopped' && end.walked.pages === 0 && (end.refusal.kind === 'strange' || end.refusal.kind === 'refused');
  if (!isStale) return end;
  walking.log(`${way.app} (${way.language}): the place where the last run stopped is no longer valid, so from the top`);
  return walk({ ...way, token: null }, walking);
}

async function note(notes: Notes, { language }: Place, changes: Parameters<typeof withLanguage>[2]): Promise<void> {
  await notes.replace(withLanguage(notes.memory(), language, changes));
}

/** The newest reviews down to the known ones. What is not reached in this run is kept as a gap. */
export async function fetchNewest(place: Place, notes: Notes, walking: Walk): Promise<Stop | undefined> {
  const before = languageOf(notes.memory(), place.language);
  const { newest: until, seen } = before;
  const gapped = (token: string, { newest }: Walked) => note(notes, place, { newest: later(until, newest), gaps: [{ token, until }, ...before.gaps] });
  const end = await walk({ ...place, token: null, until }, { ...walking, advance: gapped });
  if (end.kind === 'stopped') return stopOf(end, place);
  const { rows, newest } = end.walked;
  if (rows === 0 && seen > 0) return strange({ kind: 'none-left', known: seen }, place);
  // To the very end without meeting what is known: the list was cut short, and what is below it is missing.
  if ((end.kind === 'cut' && rows < seen) || (end.kind !== 'joined' && seen >= walking.overlap && rows < seen * SHOWN_SHARE_MIN)) return strange({ kind: 'cut-short', page: end.walked.pages }, place);
  await note(notes, place, { newest: later(until, newest), gaps: before.gaps, seen: Math.max(seen, rows) });
  return undefined;
}

/** Fills what earlier runs left open, the newest gap first. */
export async function fillGaps(place: Place, notes: Notes, walking: Walk): Promise<Stop | undefined> {
  for (;;) {
    const { gaps } = languageOf(notes.memory(), place.language);
    const [gap, ...others] = gaps;
    if (gap === undefined) return undefined;
    const move = (token: string): Promise<void> => note(notes, place, { gaps: [{ ...gap, token } satisfies Gap, ...others] });
    const end = await walkOn({ ...place, token: gap.token, until: gap.until }, { ...walking, advance: move });
    if (end.kind === 'stopped') return stopOf(end, place);
    if (end.kind === 'cut') return strange({ kind: 'cut-short', page: end.walked.pages }, place);
    await note(notes, place, { gaps: others });
  }
}

function withSweep(memory: Memory, language: string, changes: Partial<Sweep['languages'][string]>): Memory {
  const { sweep } = memory;
  const here = sweep?.languages[language];
  if (sweep === null || here === undefined) return memory;
  return { ...memory, sweep: { ...sweep, languages: { ...sweep.languages, [language]: { ...here, ...changes } } } };
}

/** The full pass over all reviews of a language, from where it stands to the oldest review. */
export async function sweepOn(place: Place, notes: Notes, walking: Walk): Promise<Stop | undefined> {
  const { language } = place;
  const here = notes.memory().sweep?.languages[language];
  if (here === undefined || here.done) return undefined;
  const total = ({ rows }: Walked): number => here.rows + rows;
  const remember = (memory: Memory, walked: Walked): Memory => {
    const known = languageOf(memory, language);
    // Above the first page of the pass is what the search for new reviews looks after.
    return withLanguage(memory, language, { newest: known.newest ?? walked.newest, seen: Math.max(known.seen, walked.rows) });
  };
  const move = (token: string, walked: Walked): Promise<void> => notes.replace(withSweep(remember(notes.memory(), walked), language, { token, rows: total(walked), cuts: 0 }));
  const end = await walkOn({ ...place, token: here.token, until: null }, { ...walking, advance: move });
  const memory = notes.memory();
  const now = memory.sweep?.languages[language] ?? here;
  if (end.kind === 'stopped') return stopOf(end, place);
  if (end.kind === 'cut' && now.cuts + 1 < CUTS_MAX) {
    await notes.replace(withSweep(memory, language, { cuts: now.cuts + 1 }));
    return strange({ kind: 'cut-short', page: end.walked.pages }, place);
  }
  const known = languageOf(memory, language).seen;
  if (end.walked.rows + here.rows === 0 && known > 0) return strange({ kind: 'none-left', known }, place);
  await notes.replace(withSweep(remember(memory, end.walked), language, { token: null, rows: total(end.walked), done: true }));
  return undefined;
}
