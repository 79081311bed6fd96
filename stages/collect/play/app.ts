import { attempt } from '../../../storage/failure.ts';
import type { StoreFailure } from '../../../storage/failure.ts';
import type { RawStore } from '../../../storage/raw-store.ts';
import type { Review } from '../../../schema/review.ts';
import type { PlayParams } from '../../../schema/params.ts';
import { datasetOf } from '../../../schema/app.ts';
import { archiveAnswer } from './archive.ts';
import { ask } from './ask.ts';
import type { AskOptions } from './ask.ts';
import type { Notes, Stop } from './language.ts';
import { languageOf, memoryOf, planSweep, telling, withShown } from './memory.ts';
import type { Memory, Sweep } from './memory.ts';
import { fetchNewest, fillGaps } from './newest.ts';
import { lostOn } from './page.ts';
import { sweepOn } from './pass.ts';
import type { StoreReview } from './row.ts';
import type { Walking } from './walk.ts';

export interface PlayOptions {
  readonly params: PlayParams;
  readonly raw: RawStore;
  /** The instant of the run, whole seconds. */
  readonly asOf: string;
  /** Takes names off and masks texts. */
  readonly door: (found: StoreReview) => Review;
  /** Older reviews are not kept; null keeps all. */
  readonly since: string | null;
  readonly log: (line: string) => void;
  /** Folder for answers that could not be understood. */
  readonly answers: string;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  readonly random: () => number;
  /** For tests. */
  readonly prefixUrl?: string;
  readonly sleep?: AskOptions['sleep'];
}

/** What a run brought in of one app. `stops`: what was left for the next run, and why. */
export interface Brought {
  readonly added: number;
  readonly edited: number;
  readonly unchanged: number;
  readonly gone: number;
  readonly pages: number;
  readonly odd: number;
  /** Reviews that a full pass did not show, but too many to believe that they were deleted. */
  readonly doubtful: number;
  readonly stops: readonly Stop[];
}

/** Pages and time of a run, shared by all its apps. */
export interface Budget {
  pages: number;
  readonly endMs: number;
}

export function openBudget({ params, clock }: PlayOptions): Budget {
  return { pages: params.pagesMax, endMs: clock() + params.secondsMax * 1000 };
}

/** More missing reviews than this share, and the list was cut short: that many people do not delete at once. */
const GONE_SHARE_MAX = 0.2;

interface Tally {
  added: number;
  edited: number;
  unchanged: number;
  pages: number;
  odd: number;
}

function walkingOf({ app, language }: { app: string; language: string }, use: { options: PlayOptions; budget: Budget; notes: Notes; tally: Tally }): Omit<Walking, 'advance'> {
  const { options, budget, notes, tally } = use;
  const { params, raw, clock, log, door, since, asOf } = options;
  const dataset = datasetOf('play', app);
  const msLeft = (): number => budget.endMs - clock();
  const { timeoutMs, retries, backOffMs } = params;
  const asking: AskOptions = { timeoutMs, retries, backOffMs, msLeft, random: options.random, log, ...(options.prefixUrl === undefined ? {} : { prefixUrl: options.prefixUrl }), ...(options.sleep === undefined ? {} : { sleep: options.sleep }) };
  const sleep = options.sleep ?? ((ms: number) => new Promise((done) => setTimeout(done, ms)));
  return {
    log, overlap: params.overlap, believe: params.believe, now: Math.floor(Date.parse(asOf) / 1000),
    async ask(question) {
      if (tally.pages > 0) await sleep(Math.min(params.pauseMs * (0.5 + options.random() / 2), Math.max(0, msLeft())));
      return ask(question, asking);
    },
    async keep(rows, odd) {
      const ids = rows.map(({ review }) => review.id);
      const isOld = ({ review: { at } }: StoreReview): boolean => since !== null && at !== null && at < since;
      const wanted = rows.filter((row) => !isOld(row)).map(door);
      const held = new Map((await raw.read(dataset, ids)).map((review) => [review.id, review]));
      const lost = lostOn(wanted, held, params.believe);
      if (lost !== undefined) return lost;
      const known = new Set(held.keys());
      const shown = rows.length === 0 ? notes.memory() : withShown(notes.memory(), language);
      // Before they are stored: a run that is killed in between may leave them to one that does not ask for this language.
      if (shown !== notes.memory()) await notes.replace(shown);
      // Without full passes nothing could ever tell which of two lists lags behind.
      const done = await raw.upsert(dataset, wanted, { sweep: notes.memory().sweeps, isTrusted: params.believe.length > 0 || params.backfill === 'never' });
      // What is too old or erased for good will never be held, and is no news: it ends a search as well as what is.
      for (const row of rows) if (isOld(row)) known.add(row.review.id);
      if (done.refused > 0) for (const id of await raw.erased(dataset, ids)) known.add(id);
      tally.added += done.added;
      tally.edited += done.edited;
      tally.unchanged += done.unchanged;
      tally.pages++;
      tally.odd += odd;
      return known;
    },
    spend: () => msLeft() > 0 && budget.pages-- > 0,
    archive: (body, page) => archiveAnswer(body, { folder: options.answers, how: params.answers, name: `${asOf}-${app}-${language}-${page}` }),
  };
}

/** Reviews that the source no longer shows, as far as the languages of the pass can tell. */
async function missing(memory: Memory, sweep: Sweep, { raw, dataset, passes }: { readonly raw: RawStore; readonly dataset: string; readonly passes: number }): Promise<readonly string[]> {
  const told = telling(memory, sweep, passes);
  if (told === null) return [];
  const untold = new Set(told.from === 0 ? [] : await raw.unseen(dataset, told.from));
  return (await raw.unseen(dataset, told.to)).filter((id) => !untold.has(id));
}

/** After a full pass: what it did not show is marked as deleted, where that can be believed. */
async function endSweep(app: string, notes: Notes, { raw, params, asOf }: PlayOptions): Promise<{ readonly gone: number; readonly doubtful: number }> {
  const memory = notes.memory();
  const { sweep } = memory;
  if (sweep === null || Object.values(sweep.languages).some(({ done }) => !done)) return { gone: 0, doubtful: 0 };
  // A pass whose end was doubted tells nothing of deletions: the next one takes its number.
  if (Object.values(sweep.languages).some(({ doubted }) => doubted)) {
    await notes.replace({ ...memory, sweep: null, sweeps: sweep.number - 1, sweptAt: sweep.startedAt });
    return { gone: 0, doubtful: 0 };
  }
  const dataset = datasetOf('play', app);
  const seen = Object.values(sweep.languages).reduce((sum, { rows }) => sum + rows, 0);
  const unseen = await missing(memory, sweep, { raw, dataset, passes: params.goneAfter });
  const isDoubtful = unseen.length > Math.max(10, (seen + unseen.length) * GONE_SHARE_MAX);
  const gone = isDoubtful || unseen.length === 0 ? 0 : await raw.markGone(dataset, unseen, asOf);
  await notes.replace({ ...memory, sweep: null, sweptAt: sweep.startedAt });
  return { gone, doubtful: isDoubtful ? unseen.length : 0 };
}

async function languageRun(place: { app: string; language: string; country: string }, notes: Notes, walking: Omit<Walking, 'advance'>): Promise<Stop | undefined> {
  // Before the first pass everything is missing: it begins at the newest review anyway.
  const isFirst = notes.memory().sweep !== null && languageOf(notes.memory(), place.language).newest === null;
  const steps = isFirst ? [sweepOn] : [fetchNewest, fillGaps, sweepOn];
  let told: Stop | undefined;
  for (const step of steps) {
    const stop = await step(place, notes, walking);
    if (stop !== undefined && stop.refusal.kind !== 'unclear') return stop;
    // Only told: what comes after it is not in its way.
    told ??= stop;
  }
  return told;
}

/** What one language meets, the next one would meet as well. */
const BEYOND: ReadonlySet<Stop['refusal']['kind']> = new Set(['no-app', 'unreachable', 'busy', 'no-time']);

/** Brings in what is new of one app in all its languages. A failure of the raw store is a value; what was stored before it stays. */
export async function collectApp(app: string, options: PlayOptions, budget: Budget): Promise<{ readonly ok: true; readonly value: Brought } | { readonly ok: false; readonly failure: StoreFailure }> {
  const { raw, params, asOf } = options;
  const dataset = datasetOf('play', app);
  const tally: Tally = { added: 0, edited: 0, unchanged: 0, pages: 0, odd: 0 };
  return attempt(raw.failureOf, async () => {
    const { languages, backfill, sweepDays, country } = params;
    let memory: Memory = planSweep(memoryOf(await raw.readMemory(dataset)), { languages, backfill, sweepDays, now: asOf });
    const notes: Notes = {
      memory: () => memory,
      async replace(next) {
        memory = next;
        await raw.writeMemory(dataset, next);
      },
    };
    const stops: Stop[] = [];
    for (const language of languages) {
      const stop = await languageRun({ app, language, country }, notes, walkingOf({ app, language }, { options, budget, notes, tally }));
      if (stop !== undefined) stops.push(stop);
      // Nothing else would be reached either.
      if (stop !== undefined && BEYOND.has(stop.refusal.kind)) break;
    }
    const ended = await endSweep(app, notes, options);
    return { ...tally, ...ended, stops };
  });
}
