import { RequestProblem } from '../http/problem.ts';
import type { ServedReviews, Tally } from '../../storage/served-reviews.ts';
import { wording } from '../wording.ts';

export type Step = ServedReviews['step'];

/** The reviews of a release, and who is reading them. */
export interface HeldReviews {
  readonly tally: Tally;
  /** The file stays open until `work` has ended. A step of a release that has left the disk meanwhile throws, and the answer ends cut. */
  read<T>(work: (step: Step) => Promise<T>): Promise<T>;
  /** Another release serves: closes the file when the last reader has ended. */
  retire(): void;
  /** Closes the file now. */
  close(): void;
  isClosed(): boolean;
}

/** Counts once; a file that is no database throws. */
function tallyOf(reviews: ServedReviews): Tally {
  try {
    return reviews.tally();
  } catch (error) {
    reviews.close();
    throw error;
  }
}

export function holdReviews(reviews: ServedReviews): HeldReviews {
  const tally = tallyOf(reviews);
  let readers = 0;
  let [retired, closed] = [false, false];
  const close = (): void => {
    if (!closed) reviews.close();
    closed = true;
  };
  const step: Step = (...asked) => {
    if (closed) throw new RequestProblem({ status: 503, detail: wording.releaseLeft });
    return reviews.step(...asked);
  };
  return {
    tally,
    async read(work) {
      readers++;
      try {
        return await work(step);
      } finally {
        readers--;
        if (retired && readers === 0) close();
      }
    },
    retire() {
      retired = true;
      if (readers === 0) close();
    },
    close,
    isClosed: () => closed,
  };
}
