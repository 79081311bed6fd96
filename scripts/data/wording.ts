import type { RecordsProblem } from '../../records/problem.ts';
import { sentence } from '../../records/wording.ts';
import { addressRemedy } from '../../storage/address.ts';
import { folderOf } from '../../storage/failure.ts';
import type { StoreFailure } from '../../storage/failure.ts';
import { wording as storage } from '../../storage/wording.ts';

/** Every sentence of erasing, pruning and exporting, and of what the commands of `pnpm data` share. */

const reviews = (count: number): string => `${count.toLocaleString('en-GB')} ${count === 1 ? 'review' : 'reviews'}`;
const said = ({ target, why }: StoreFailure): string => `${target}: ${why}`;
/** An embedded store that no further try mends: its folder. */
const damaged = ({ kind, target }: StoreFailure): string | undefined => (kind === 'broken' || kind === 'schema' ? folderOf(target) : undefined);
/** What to do: about a wrong address, or a review that is too large, only one thing helps, and so about a store that is damaged. */
function hint(failure: StoreFailure, otherwise: string, verb: 'move' | 'remove' = 'remove'): string {
  const folder = damaged(failure);
  if (failure.kind === 'address') return `\n  hint: ${addressRemedy(failure.target)}`;
  if (failure.kind === 'oversized') return `\n  hint: ${storage.oversizedRemedy}`;
  return `\n  hint: ${folder === undefined ? otherwise : `if it cannot be mended, ${verb} ${folder}${verb === 'move' ? ' away' : ''}, which the next run or  pnpm data restore  fills again; then run the same command again`}`;
}
/** As one types it in a shell. */
const typed = (sets: readonly string[]): string => sets.map((set) => ` --set ${/^[\w./=:,@-]+$/.test(set) ? set : `'${set.replaceAll("'", String.raw`'\''`)}'`}`).join('');

/** Why a file cannot be written, and what to do about it, by what the system called it. */
const UNWRITTEN: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['no space is left there', 'free some, or name a place elsewhere by --to'],
  EDQUOT: ['no space is left there', 'free some, or name a place elsewhere by --to'],
  EACCES: ['the permission is missing', 'ask for it, or name a place elsewhere by --to'],
  EPERM: ['the permission is missing', 'ask for it, or name a place elsewhere by --to'],
  EROFS: ['its file system is read-only', 'name a place elsewhere by --to'],
  EISDIR: ['it is a folder', 'name a file in it by --to'],
  EPIPE: ['whoever read it went away', 'run the same command again'],
};

/** What names a dataset. */
function flags(dataset: string): string {
  const [source = '', app = ''] = dataset.split(':');
  return `${dataset} has it: if that is meant, say  --source ${source} --app ${app}`;
}

export const wording = {
  notRestoredStore: (failure: StoreFailure): string => `${said(failure)}${hint(failure, 'run the same command again when it can be used; nothing is lost', 'move')}`,
  noWorkspace: (workspace: string, said: string): string => `error: There is no workspace ${workspace}\n  hint: look at ${said}; a run of  pnpm repro  makes one`,
  exported: (rows: number, from: string, to: string): string => `${rows.toLocaleString('en-GB')} rows of ${from} written to ${to}`,
  notExported: (problem: RecordsProblem): string => {
    const { problem: why, remedy } = sentence(problem);
    return `error: ${why}\n  hint: ${problem.kind === 'absent' ? 'run pnpm repro first, or name the workspace by --workspace' : remedy}`;
  },
  notWritten: (to: string, code: string, message: string): string => {
    const [why, hint] = UNWRITTEN[code] ?? [undefined, 'look at --to'];
    return `error: Cannot write ${to}${why === undefined ? `: ${message}` : ` as ${why}`}\n  hint: ${hint}`;
  },
  noId: 'Name the id of a review, as in the column "id" of data/collect/reviews.csv',
  noParams: (file: string, why: string): string => `Cannot read ${file} (${why}): put it back, or say --source and --app`,
  inParams: (message: string, place: { readonly file: string; readonly line: number; readonly column: number } | undefined): string => `${place === undefined ? 'params.yaml' : `${place.file}:${place.line}:${place.column}`}: ${message}`,
  inSet: (message: string): string => `--set: ${message}`,
  disk: ({ message, hint }: { readonly message: string; readonly hint?: string | undefined }): string => `error: ${message}${hint === undefined ? '' : `\n  hint: ${hint}`}`,
  database: (why: string): string => `error: Cannot use a database of the workspace: ${why}\n  hint: if it is one of a release, roll back or promote another; then run the same command again`,
  badPlace: (sources: readonly string[]): string => `--source must be one of ${sources.join(', ')}, and --app an app id`,
  unreadable: (file: string): string => `error: Cannot read ${file}, which says what is still to be erased\n  hint: move it away and name the reviews again`,
  unreachable: (failure: StoreFailure): string => `error: Cannot erase: ${said(failure)}; nothing was erased yet${hint(failure, 'run the same command again when it can be reached')}`,
  /** `others`: datasets that have some of them. */
  unknown: (ids: readonly string[], dataset: string, others: readonly string[]): string =>
    `error: There is no review ${ids.map((id) => JSON.stringify(id)).join(', ')} in ${dataset}; nothing was erased\n  hint: ${others.length === 0 ? 'look at the column "id" of data/collect/reviews.csv, and name another app or source by --app and --source' : [...new Set(others)].map(flags).join('; ')}`,
  notRestored: (count: number): string =>
    `error: Cannot erase, as data/collect holds ${reviews(count)} that the raw store does not, and is the only copy of them\n  hint: run  pnpm data restore  first`,
  elsewhere: (id: string, datasets: readonly string[]): string => `${datasets.join(' and ')} ${datasets.length === 1 ? 'has' : 'have'} a review ${JSON.stringify(id)} as well, which stays: erase it by --source and --app`,
  goesOn: (count: number): string => `goes on with what was begun before: ${reviews(count)}`,
  stores: (found: { readonly raw: number; readonly sql: number; readonly of: number }): string => `stores: ${found.raw} of ${found.of} in the raw store, ${found.sql} in the SQL store`,
  files: (count: number): string => `files: ${count} removed that showed them, or were made of them`,
  backups: (count: number): string => `backups: ${count} written again without them, the rest of them as it was`,
  releases: (count: number): string => `releases: ${count} removed that showed them`,
  left: (failures: readonly StoreFailure[]): string =>
    `error: Not everything is erased: ${failures.map(said).join('; ')}\n  hint: what is left to do is kept; run  pnpm data erase  again when it can be used${failures.map(damaged).filter((folder) => folder !== undefined).map((folder) => `, or remove ${folder}, which the next run fills again`).join('')}${failures.filter(({ kind }) => kind === 'address').map(({ target }) => `; ${addressRemedy(target)}`).join('')}`,
  runFailed: (sets: readonly string[]): string => `error: The run that makes models and the report again failed: mend it and run  pnpm repro${typed(sets)}`,
  otherRun: (dataset: string): string => `${dataset} is not what data/collect holds: its models are trained without them when it is collected again`,
  still: (file: string): string => `still there: ${file}${file.startsWith('stores/') ? '' : ' (it is made from the source itself, or another program writes it)'}`,
  corrections: (file: string): string => `still there: ${file} names them: take those lines out`,
  unfinished: 'error: Not everything is erased yet\n  hint: when that is mended, run  pnpm data erase  to finish',
  terms: (file: string, terms: number): string => `${file} still knows ${terms} terms that only they had: it serves until a newer version is promoted`,
  servers: 'of a server the rows are gone; its vacuum, log and backups are in the hands of whoever runs it',
  verified: 'verified: no file of the workspace shows them',
  pruned: (facts: { readonly objects: number; readonly releases: number; readonly kept: number }): string => `pruned: ${facts.objects} cached results, ${facts.releases} releases and ${facts.kept} kept files of earlier runs`,
  notPruned: (failure: StoreFailure): string => `error: Cannot prune: ${said(failure)}${hint(failure, 'the next run that collects tries again')}`,
  stillOld: (file: string): string => `${file} still has reviews that are too old: what is pruned now is pruned again when a run has gone through`,
  nothingToPrune: 'nothing to prune: no review became too old since the last time',
} as const;
