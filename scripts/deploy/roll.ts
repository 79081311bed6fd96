import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readServerState } from '../../services/state/server.ts';
import { healthOf } from './health.ts';
import { forget, isVersionLink, lastGood, lockLink, point, remember } from './link.ts';
import type { Rolled } from './rolled.ts';
import { findServer, restart } from './server.ts';
import type { Live, Running } from './server.ts';
import { wording } from './wording.ts';

/** The new version has to be well for so long before it counts as deployed, and to make a prediction before so long. */
const PROBATION_MS = 3000;
const LIMITED_MS = 20_000;

export interface RollOptions {
  /** Starts the version beside the running one and asks it what a reader would; why it is not well, or null. */
  readonly rehearse: () => Promise<string | null>;
  readonly say: (line: string) => void;
  /** Somebody wants it to end: what was begun is undone. */
  readonly signal: AbortSignal;
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Looks for a while whether the version that now serves is well; why it is not, or null. */
async function probation({ url, workspace }: Running, { say, signal }: RollOptions): Promise<string | null> {
  const deaths = readServerState(workspace)?.deaths;
  const beganMs = Date.now();
  for (let predicted = false; ; await sleep(200, undefined, { signal })) {
    const health = await healthOf(url, workspace);
    if (health.kind === 'ill') return health.why;
    if (readServerState(workspace)?.deaths !== deaths) return wording.died;
    predicted ||= health.kind !== 'limited';
    const passedMs = Date.now() - beganMs;
    if (passedMs < PROBATION_MS || (!predicted && passedMs < LIMITED_MS)) continue;
    if (health.kind === 'empty') say(wording.empty);
    if (!predicted) say(wording.onlyLimited);
    return null;
  }
}

async function attempt(work: () => Promise<string | null>, signal: AbortSignal): Promise<string | null> {
  try {
    return await work();
  } catch (error) {
    return signal.aborted ? wording.stopped : reason(error);
  }
}

/** Whatever goes wrong from the moment on at which the link leads to the version, the one before comes back. */
async function replace(running: Running, version: string, options: RollOptions & { readonly live: Live }): Promise<Rolled> {
  const { current } = running;
  const { say, signal, live } = options;
  const { version: before, cut } = lastGood(current);
  if (cut) say(wording.afterCut(before));
  const why = await attempt(async () => {
    remember(current, { before, trying: version });
    say(wording.rolling(path.basename(before), path.basename(version)));
    point(current, version);
    return (await restart(running, version, { live, signal })) ?? (await probation(running, options));
  }, signal);
  if (why === null) {
    forget(current);
    return { kind: 'deployed' };
  }
  say(wording.goingBack(why, path.basename(before)));
  const never = new AbortController().signal;
  const notBack = await attempt(async () => {
    point(current, before);
    forget(current);
    return restart(running, before, { live, signal: never });
  }, never);
  return { kind: 'rolled-back', why: notBack === null ? why : `${why}; ${wording.notBack(notBack)}` };
}

/**
 * Rolls a version of the code over the one that runs, process by process, and looks whether it is well; where it is not, the
 * version before comes back the same way. The new version starts beside the old one first: what cannot even start never touches
 * what runs. Nothing is touched either where the server cannot be told from somebody else's process.
 */
export async function roll(running: Running, typed: string, options: RollOptions): Promise<Rolled> {
  const { current } = running;
  if (!existsSync(path.join(typed, 'services', 'serve.js'))) return { kind: 'refused', why: wording.noEntry(typed) };
  if (!isVersionLink(current)) return { kind: 'refused', why: wording.noLink(current) };
  const lock = lockLink(current);
  if (lock.kind !== 'held') return { kind: 'refused', why: lock.kind === 'busy' ? wording.busy(current) : wording.noLock(current, lock.why) };
  try {
    const first = await findServer(running);
    if (!first.ok) return { kind: 'refused', why: first.why };
    const sick = await attempt(options.rehearse, options.signal);
    if (sick !== null) return { kind: 'not-started', why: sick };
    // It may have ended during the rehearsal.
    const found = await findServer(running);
    return found.ok ? await replace(running, realpathSync(typed), { ...options, live: found.live }) : { kind: 'refused', why: found.why };
  } finally {
    lock.release();
  }
}
