import { addressRemedy } from '../storage/address.ts';
import { folderOf } from '../storage/failure.ts';
import type { StoreFailure } from '../storage/failure.ts';
import { wording as storage } from '../storage/wording.ts';
import type { Strangeness } from './collect/play/answer.ts';
import type { Left, Stop } from './collect/play/language.ts';
import type { Failed } from './wording-data.ts';

/** Every sentence of collecting from the Play Store, and of the stores that collect and publish write to. */

const failed = (problem: string, remedy: string, where?: string): Failed => ({ kind: 'failed', problem, remedy, ...(where === undefined ? {} : { where }) });
const number = (value: number): string => value.toLocaleString('en-GB');

function strangeness(why: Strangeness): string {
  switch (why.kind) {
    case 'not-json':
      return why.start === '' ? 'the answer is empty' : `the answer is not what the library reads, it begins with ${JSON.stringify(why.start)}`;
    case 'no-frame':
      return `the answer has no frame where there was one, but ${why.seen}`;
    case 'other-call':
      return `the answer is of another call than the one for reviews: ${why.seen}`;
    case 'no-payload':
      return `the frame of the reviews holds ${why.seen} instead of a list`;
    case 'no-rows':
      return `the rows are not where they were: there is ${why.seen}`;
    case 'token':
      return `the mark of the next page is ${why.seen} instead of a text`;
    case 'rows':
      return `${number(why.bad)} of ${number(why.of)} rows of a page cannot be read: as "${why.field}" there is ${why.seen}`;
    case 'no-texts':
      return `none of the ${number(why.of)} rows of a page has a text`;
    case 'versions-as-texts':
      return `${number(why.bad)} of ${number(why.of)} texts of a page are numbers of versions`;
    case 'moved-field':
      return `no row of a page has a "${why.field}" at its place, but something like it stands at [${why.index}]`;
    case 'lost':
      return `${number(why.lost)} of ${number(why.had)} known reviews on a page that had a "${why.field}" have none, or another one, though their time is as it was`;
    case 'moved-token':
      return `the mark of the next page is not at its place, but something like it stands at ${why.seen}`;
    case 'unmarked':
      return `page ${why.page} is full and names no next one, though more reviews are known`;
    case 'repeated-token':
      return `page ${why.page} names a next page that was already read`;
    case 'empty-pages':
      return `pages up to ${why.page} are empty and yet name a next one`;
    case 'cut-short':
      return `the list ends on page ${why.page}, before the reviews that are known`;
    case 'none-left':
      return `the store shows no review at all, where ${number(why.known)} were seen before`;
    default: {
      const never: never = why;
      return never;
    }
  }
}

/** The way on where the store is right, since a developer took replies back, say: else each run would fail on the same page. */
function believing(why: Strangeness): string {
  const field = why.kind === 'lost' || why.kind === 'moved-field' ? why.field : why.kind === 'no-texts' || why.kind === 'versions-as-texts' ? 'text' : undefined;
  return field === undefined ? '' : `; where the store itself shows just that, run once with  --set 'collect.play.believe=[${field}]'`;
}

const PLAY = 'https://play.google.com';

/** An app, and the key of params.yaml that names it. */
interface Named {
  readonly app: string;
  readonly key: 'collect.app' | 'collect.play.apps';
}

function refused(refusal: Left, { app, key }: Named, archived: string | undefined): Failed {
  switch (refusal.kind) {
    case 'strange':
      return failed(
        `The store's format changed, or it answers with something else: ${strangeness(refusal.why)}${archived === undefined ? '' : `; the answer is kept in stores/raw/answers/${archived}`}`,
        `look at the kept answer and run "pnpm data drill" to compare; the reviews collected so far are safe, and a later run fills what is missing${believing(refusal.why)}`,
        PLAY,
      );
    case 'no-app':
      return failed(`The Play Store has no app "${app}"`, `check ${key} in params.yaml; an app that was withdrawn can still be read with collect.source: file from an export`, 'params.yaml');
    case 'unreachable':
      return failed(`Cannot reach the Play Store: ${refusal.why}`, 'check the network (a proxy is set by HTTPS_PROXY with NODE_USE_ENV_PROXY=1); the next run goes on from here', PLAY);
    case 'busy':
      return failed(`The Play Store asks to slow down (HTTP ${refusal.status}) and did so to the end of the retries`, 'let some time pass, or raise collect.play.pauseMs and collect.play.backOffMs; the next run goes on from here', PLAY);
    case 'refused':
      return failed(`The Play Store refuses to answer (HTTP ${refusal.status})`, 'try again later; if it stays so, run "pnpm data drill" to see what it says', PLAY);
    case 'no-time':
      return failed('The budget of the run ended before the first page', 'raise collect.play.pagesMax or collect.play.secondsMax in params.yaml', 'params.yaml');
    case 'unclear':
      return failed('A full page of the Play Store names no next one, so that it is not clear where the list ends', 'the next run asks again; run "pnpm data drill" to compare', PLAY);
    case 'empty':
      return failed('The Play Store shows no review in this language', 'the next run asks again; check collect.play.languages in params.yaml', 'params.yaml');
    default: {
      const never: never = refusal;
      return never;
    }
  }
}

const ASIDE: Readonly<Record<Left['kind'], string>> = {
  strange: 'the format of an answer changed', 'no-app': 'there is no such app', unreachable: 'the store could not be reached',
  busy: 'the store asked to slow down', refused: 'the store refused to answer', 'no-time': 'the budget of the run ended',
  unclear: 'a full page names no next one, so there may be more reviews than the store shows', empty: 'no review in the first answer of this language',
};

export const wording = {
  strangeness,
  stopped: (stop: Stop, named: Named): Failed => refused(stop.refusal, named, stop.archived),
  /** Of a further app, in the headline; without a stop it is its backup that cannot be read. */
  trouble: (app: string, stop: Stop | undefined): string => `${app} failed (${stop === undefined ? 'its backup cannot be read' : ASIDE[stop.refusal.kind]})`,
  nothingFound: (app: string): Failed =>
    failed(`The Play Store shows no review of "${app}" in any of the languages`, 'check collect.app, collect.play.languages and collect.play.country in params.yaml', 'params.yaml'),
  left: (stop: Stop): string => `${stop.language}: ${ASIDE[stop.refusal.kind]}; the next run ${stop.refusal.kind === 'unclear' || stop.refusal.kind === 'empty' ? 'asks again' : 'goes on from there'}`,
  doubtful: (rows: number): string => `${number(rows)} known reviews were not shown in the full pass: too many to be deletions, so the list was probably cut short and all are kept`,
  heldBy: (holder: string, target: string): Failed => failed(`Another collector (${holder}) is writing to ${target}`, 'wait until it ends: two at once would only ask the store twice', target),
  lostBackup: (problem: string, where: string): Failed =>
    failed(`The raw store holds no review, and its backup cannot be read: ${problem}`, 'mend that file; or move it away, and the store is filled from the source alone, without what was edited or deleted before', where),
  noBackup: (problem: string): string => `the backup is not looked at, and written anew: ${problem}`,
  takenBack: (reviews: number, dataset: string, target: string): string => `${target} did not hold all that the backup of ${dataset} tells: ${number(reviews)} reviews were written from it`,
  /** In the headline. */
  cameBack: (reviews: number): string => `${number(reviews)} ${reviews === 1 ? 'review' : 'reviews'} came back from the backup`,
  brought: (facts: { readonly added: number; readonly edited: number; readonly gone: number; readonly isOpen: boolean; readonly troubles: readonly string[] }): string => {
    const parts = [`${number(facts.added)} new ${facts.added === 1 ? 'review' : 'reviews'}`];
    if (facts.edited > 0) parts.push(`${number(facts.edited)} edited`);
    if (facts.gone > 0) parts.push(`${number(facts.gone)} deleted`);
    if (facts.isOpen) parts.push('more to come in the next run');
    return [parts.join(', '), ...facts.troubles].join('; ');
  },
  store: ({ kind, target, why }: StoreFailure): Failed => {
    const folder = folderOf(target);
    switch (kind) {
      case 'unreachable':
        return failed(`Cannot reach ${target}: ${why}`, 'check that the server runs and that its address is right; nothing is lost, the next run catches up', target);
      case 'denied':
        return failed(`${target} does not let us in: ${why}`, 'check user and password in the environment (.env.example shows the form)', target);
      case 'full':
        return failed(`${target} is full: ${why}`, 'free some space; what was stored before is intact, the next run catches up', target);
      case 'busy':
        return failed(`${target} is in use: ${why}`, 'wait until the other process ends, or stop it', target);
      case 'schema':
        return failed(
          `The tables of ${target} are not those that were made there: ${why}`,
          `run it again: what was dropped is made and filled anew; what was changed by hand has to be dropped first${folder !== undefined ? `; or move ${folder} away, and the next run fills a new one` : ', or DATABASE_URL to name an empty database, which the next run fills'}`,
          target,
        );
      case 'address':
        return failed(`Cannot use the address in ${target}: ${why}`, addressRemedy(target), target);
      case 'oversized':
        return failed(`Cannot keep everything in ${target}: ${why}`, storage.oversizedRemedy, target);
      case 'broken':
        return failed(`Cannot use ${target}: ${why}`, `if it cannot be mended, move ${folder ?? 'it'} away: the next run fills it again, or "pnpm data restore" from data/collect`, target);
      default: {
        const never: never = kind;
        return never;
      }
    }
  },
} as const;
