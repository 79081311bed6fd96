import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { writeRows } from '../../records/csv.ts';
import { writeJsonl } from '../../records/jsonl.ts';
import { Review } from '../../schema/review.ts';
import type { ReviewRevision } from '../../schema/review.ts';
import { COLLECTED, HISTORY, OTHERS, REVIEWS } from '../../storage/backup.ts';
import type { StageContext } from '../context.ts';
import { inOrder } from './order.ts';

/**
 * What goes on through the pipeline, which is the backup as well: the reviews by time and id, and what they said before. Written
 * beside the old files, which stay until both are complete: also where the run is killed, or its store goes away.
 */
export interface Export {
  reviews(rows: readonly Review[]): void;
  history(revisions: readonly ReviewRevision[]): void;
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
  return {
    reviews: (rows) => writeRows(drafts[0], Review, inOrder(rows)),
    history: (revisions) => writeJsonl(drafts[1], revisions),
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

/** Writes both files of a backup into a folder of their own. */
export function writeBackup(folder: string, reviews: readonly Review[], history: readonly ReviewRevision[]): void {
  const files = openFiles({ reviews: path.join(folder, REVIEWS), history: path.join(folder, HISTORY), draft: folder });
  try {
    files.reviews(reviews);
    files.history(history);
    files.commit();
  } finally {
    files.discard();
  }
}
