import { CUTS_MAX, doubtOf } from './doubt.ts';
import type { Judging } from './doubt.ts';
import { left, stopOf, strange, walkOn } from './language.ts';
import type { Notes, Place, Stop, Walk } from './language.ts';
import { languageOf, withLanguage } from './memory.ts';
import type { Memory, Sweep } from './memory.ts';
import type { End, Walked } from './walk.ts';

function withSweep(memory: Memory, language: string, changes: Partial<Sweep['languages'][string]>): Memory {
  const { sweep } = memory;
  const here = sweep?.languages[language];
  if (sweep === null || here === undefined) return memory;
  return { ...memory, sweep: { ...sweep, languages: { ...sweep.languages, [language]: { ...here, ...changes } } } };
}

/** Why the end of a full pass is not believed, if it is not: the empty first answer of a new language, an empty page where one was promised, or a doubt. */
function unbelieved(end: End, judging: Judging, { place, notes }: { readonly place: Place; readonly notes: Notes }): Stop | undefined {
  if (judging.rows === 0) return notes.memory().languages[place.language] === undefined ? left('empty', place) : undefined;
  const doubt = doubtOf(end, judging);
  if (doubt === 'unclear') return left('unclear', place);
  if (doubt !== undefined) return strange(doubt, place, end);
  return end.kind === 'cut' ? strange({ kind: 'cut-short', page: end.walked.pages }, place) : undefined;
}

/** Ends the pass over a language. Where more is known than it showed, what was known stays, and is told. */
async function endPass(end: End, judging: Judging, use: { readonly place: Place; readonly notes: Notes }): Promise<Stop | undefined> {
  const { place, notes } = use;
  const { rows, known } = judging;
  const { language } = place;
  const doubt = doubtOf(end, judging);
  const doubted = doubt !== undefined && doubt !== 'unclear';
  const { newest, oldest } = end.walked;
  const changes = doubted ? { doubts: CUTS_MAX } : { seen: Math.max(known.seen, rows), oldest: oldest ?? known.oldest, doubts: 0 };
  const memory = withLanguage(notes.memory(), language, { newest: known.newest ?? newest, ...changes });
  await notes.replace(withSweep(memory, language, { token: null, rows, done: true, doubted }));
  return doubted ? left('unclear', place) : undefined;
}

/**
 * The full pass over all reviews of a language, from where it stands to the oldest review. An end that is not believed is asked
 * for again by the next runs; after some of them the pass ends there.
 */
export async function sweepOn(place: Place, notes: Notes, walking: Walk): Promise<Stop | undefined> {
  const { language } = place;
  const here = notes.memory().sweep?.languages[language];
  if (here === undefined || here.done) return undefined;
  let above = here.rows;
  const move = (token: string, { rows, newest }: Walked): Promise<void> => {
    const { newest: before, seen } = languageOf(notes.memory(), language);
    // Above the first page of the pass is what the search for new reviews looks after.
    const memory = withLanguage(notes.memory(), language, { newest: before ?? newest, seen: Math.max(seen, above + rows) });
    return notes.replace(withSweep(memory, language, { token, rows: above + rows, cuts: 0 }));
  };
  const end = await walkOn({ ...place, token: here.token, until: null }, { ...walking, advance: move }, () => void (above = 0));
  if (end.kind === 'stopped') return stopOf(end, place);
  const judging: Judging = { rows: above + end.walked.rows, known: languageOf(notes.memory(), language), overlap: walking.overlap };
  const { rows, known } = judging;
  if (rows === 0 && known.seen > 0) return strange({ kind: 'none-left', known: known.seen }, place);
  const stop = unbelieved(end, judging, { place, notes });
  const cuts = (notes.memory().sweep?.languages[language]?.cuts ?? 0) + 1;
  // What was doubted for so long before is doubted without stopping anything.
  if (stop === undefined || cuts >= CUTS_MAX || known.doubts >= CUTS_MAX) return endPass(end, judging, { place, notes });
  await notes.replace(withSweep(notes.memory(), language, { cuts }));
  return stop;
}
