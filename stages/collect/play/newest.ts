import { CUTS_MAX, doubtOf, isMoreKnown } from './doubt.ts';
import { left, note, stopOf, strange, walkOn } from './language.ts';
import type { Notes, Place, Stop, Walk } from './language.ts';
import { languageOf, withLanguage, withPassDue } from './memory.ts';
import type { Gap } from './memory.ts';
import { nextAfter, walk } from './walk.ts';
import type { End, Walked } from './walk.ts';

const later = (a: string | null, b: string | null): string | null => (a === null || (b !== null && b > a) ? b : a);

/** A language that was never heard of before, and shows no review: noted, so that it is told once. */
async function firstEmpty(place: Place, notes: Notes): Promise<Stop | undefined> {
  if (notes.memory().languages[place.language] !== undefined) return undefined;
  await note(notes, place, {});
  return left('empty', place);
}

/** Whether the first page was full and named no next one, though more is known: told by every run, until it names one again. */
async function noteFirstPage(end: Exclude<End, { kind: 'stopped' }>, place: Place, { notes, walking }: { readonly notes: Notes; readonly walking: Walk }): Promise<boolean> {
  const known = languageOf(notes.memory(), place.language);
  const { pages, rows } = end.walked;
  const page = end.kind === 'unmarked' ? end : end.kind === 'joined' ? end.unmarked : undefined;
  let unmarked = pages === 1 && page !== undefined && (page.moved !== null || isMoreKnown(end.walked, { rows, known }));
  // A walk that joined what is known had no need of the mark, and did not ask for it again.
  if (unmarked && !known.unmarked && end.kind === 'joined') unmarked = (await nextAfter({ ...place, token: null }, walking)) === null;
  // A pass decides what there is: when the mark goes, and when it is back.
  if (unmarked !== known.unmarked) await notes.replace(withPassDue(withLanguage(notes.memory(), place.language, { unmarked })));
  return unmarked;
}

/**
 * The newest reviews down to the known ones. What is not reached in this run is kept as a gap; above an end that is doubted
 * nothing counts as fetched, so that the next run looks again.
 */
export async function fetchNewest(place: Place, notes: Notes, walking: Walk): Promise<Stop | undefined> {
  const before = languageOf(notes.memory(), place.language);
  const { newest: until, seen } = before;
  const gapped = (token: string, { newest }: Walked) => note(notes, place, { newest: later(until, newest), gaps: [{ token, until, cuts: 0 }, ...before.gaps] });
  const end = await walk({ ...place, token: null, until }, { ...walking, advance: gapped });
  if (end.kind === 'stopped') return stopOf(end, place);
  const { rows, newest, oldest } = end.walked;
  if (rows === 0) return seen > 0 ? strange({ kind: 'none-left', known: seen }, place) : firstEmpty(place, notes);
  const unmarked = await noteFirstPage(end, place, { notes, walking });
  const after = { newest: later(until, newest), gaps: before.gaps, seen: Math.max(seen, rows) };
  if (end.kind === 'joined') {
    await note(notes, place, { ...after, doubts: before.doubts < CUTS_MAX ? 0 : before.doubts });
    return unmarked ? left('unclear', place) : undefined;
  }
  const doubt = doubtOf(end, { rows, known: before, overlap: walking.overlap });
  const doubts = before.doubts + 1;
  if (doubt === undefined || (doubt === 'unclear' && doubts >= CUTS_MAX)) {
    await note(notes, place, { ...after, oldest: oldest ?? before.oldest, doubts: 0 });
    return undefined;
  }
  // What this run found above the mark of before is no place to stop at.
  await note(notes, place, { newest: until, gaps: before.gaps, doubts });
  return doubt !== 'unclear' && doubts < CUTS_MAX ? strange(doubt, place, end) : left('unclear', place);
}

/** What an end below a gap leaves of it: nothing where it is believed, or doubted for too long, and then a full pass decides. */
async function endGap(end: End, place: Place, notes: Notes): Promise<Stop | undefined> {
  const known = languageOf(notes.memory(), place.language);
  const [gap, ...others] = known.gaps;
  if (gap === undefined) return undefined;
  const isShort = end.kind === 'cut' || (end.kind === 'unmarked' && (gap.until !== null || known.oldest === null || isMoreKnown(end.walked, { rows: known.seen, known })));
  if (!isShort) {
    await note(notes, place, { gaps: others });
    return undefined;
  }
  const cuts = gap.cuts + 1;
  if (cuts < CUTS_MAX) {
    await note(notes, place, { gaps: [{ ...gap, cuts }, ...others] });
    return strange({ kind: end.kind === 'cut' ? 'cut-short' : 'unmarked', page: end.walked.pages }, place, end);
  }
  await note(notes, place, { gaps: others });
  await notes.replace(withPassDue(notes.memory()));
  return left('unclear', place);
}

/** Fills what earlier runs left open, the newest gap first. */
export async function fillGaps(place: Place, notes: Notes, walking: Walk): Promise<Stop | undefined> {
  for (;;) {
    const { gaps } = languageOf(notes.memory(), place.language);
    const [gap, ...others] = gaps;
    if (gap === undefined) return undefined;
    const move = (token: string): Promise<void> => note(notes, place, { gaps: [{ ...gap, token, cuts: 0 } satisfies Gap, ...others] });
    const end = await walkOn({ ...place, token: gap.token, until: gap.until }, { ...walking, advance: move });
    if (end.kind === 'stopped') return stopOf(end, place);
    const stop = await endGap(end, place, notes);
    if (stop !== undefined) return stop;
  }
}
