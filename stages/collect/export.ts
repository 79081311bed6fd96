import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Target } from '../../records/blocks.ts';
import { writeRows } from '../../records/csv.ts';
import { writeJsonl } from '../../records/jsonl.ts';
import { Review } from '../../schema/review.ts';
import type { ReviewRevision } from '../../schema/review.ts';
import { COLLECTED, HISTORY, OTHERS, REVIEWS, nameOf } from '../../storage/backup.ts';
import type { Backup } from '../../storage/versions.ts';
import type { StageContext } from '../context.ts';
import { inOrder } from './order.ts';

/**
 * What goes on through the pipeline, which is the backup as well: the reviews by time and id, and what they said before. Written
 * beside the old files, which stay until both are complete: also where the run is killed, or its store goes away.
 */
export interface Export {
  reviews(rows: readonly Review[]): void;
  history(revisions: readonly ReviewRevision[]): void;
  /** Of what was written, by its bytes, once both are: what a store remembers of it. */
  name(): string;
  /** Puts both in their place. */
  commit(): void;
  /** Takes away what was not put in its place. */
  discard(): void;
}

interface Places {
  readonly reviews: string;
  readonly history: string;
  /** A folder of the same file system, for what is not complete yet. */
  readonly draft: string;
}

function openFiles({ reviews, history, draft }: Places): Export {
  const drafts = [REVIEWS, HISTORY].map((name) => path.join(draft, `.${name}.new`)) as [string, string];
  mkdirSync(draft, { recursive: true });
  const hashes: [string | null, string | null] = [null, null];
  // Taken as the bytes pass: nothing is read again for it.
  const passing = (place: 0 | 1, write: (target: Target) => void): void => {
    const hash = createHash('sha256');
    write({ file: drafts[place], hash });
    hashes[place] = hash.digest('hex');
  };
  return {
    reviews: (rows) => passing(0, (target) => writeRows(target, Review, inOrder(rows))),
    history: (revisions) => passing(1, (target) => writeJsonl(target, revisions)),
    name: () => nameOf(hashes),
    commit() {
      renameSync(drafts[0], reviews);
      renameSync(drafts[1], history);
    },
    discard: () => drafts.forEach((file) => rmSync(file, { force: true })),
  };
}

/** The export of the configured dataset, in data/collect. */
export function openExport(context: StageContext): Export {
  const [reviews, history] = [REVIEWS, HISTORY].map((name) => context.path(`${COLLECTED}/${name}`)) as [string, string];
  return openFiles({ reviews, history, draft: context.path(OTHERS) });
}

/** Writes both files of a backup into a folder of their own; `remember` gets to know its name before it is in its place. */
export async function writeBackup(folder: string, { reviews, history }: Backup, remember?: (name: string) => Promise<void>): Promise<void> {
  const files = openFiles({ reviews: path.join(folder, REVIEWS), history: path.join(folder, HISTORY), draft: folder });
  try {
    files.reviews(reviews);
    files.history(history);
    await remember?.(files.name());
    files.commit();
  } finally {
    files.discard();
  }
}
