import { hostname } from 'node:os';
import type { RawStore } from '../../storage/raw-store.ts';
import { wording } from '../wording-collect.ts';
import type { Failed } from '../wording-data.ts';

/** So long a collector is believed to be at work after it last said so; it says so four times as often. */
const SECONDS = 240;

const holderOf = (): string => `process ${process.pid} on ${hostname()}`;

/** Whether a holder of this machine is gone: killed, it could not let go. Of other machines nothing is known. */
function isGone(holder: string): boolean {
  const [, pid, host] = /^process (\d+) on (.*)$/.exec(holder) ?? [];
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** One collector of a dataset at a time, also across machines. */
export async function alone<T>(raw: RawStore, dataset: string, work: () => Promise<T>): Promise<T | Failed> {
  const holder = holderOf();
  let held = await raw.hold(dataset, holder, { seconds: SECONDS });
  if ('heldBy' in held && isGone(held.heldBy)) held = await raw.hold(dataset, holder, { seconds: SECONDS, over: held.heldBy });
  if ('heldBy' in held) return wording.heldBy(held.heldBy, raw.target);
  // An outage shows in the work itself: here it would only be told twice.
  const beat = setInterval(() => void raw.hold(dataset, holder, { seconds: SECONDS }).catch(() => undefined), (SECONDS * 1000) / 4);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await held.release();
  }
}
