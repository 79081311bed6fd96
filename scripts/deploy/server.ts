import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { READY_MS, STOP_MS } from '../../services/worker-pool.ts';
import { codeIdOf, readServerState } from '../../services/state/server.ts';
import type { ServerState } from '../../services/state/server.ts';
import { ask, field } from './health.ts';
import { wording } from './wording.ts';

/** A running server whose processes run the code that a link leads to. */
export interface Running {
  /** The link, by the name that `linkOf` gives it. */
  readonly current: string;
  /** As http://127.0.0.1:8501. */
  readonly url: string;
  readonly workspace: string;
}

/** A server that was seen alive, and what tells its process from another one of the same number. */
export interface Live {
  readonly state: ServerState;
  readonly since: string | null;
}

export type Found = { readonly ok: true; readonly live: Live } | { readonly ok: false; readonly why: string };

/** When a process began, as the kernel counts it; null where the system does not say. */
function beganAt(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[19] ?? null;
  } catch {
    // Not Linux, or no such process.
    return null;
  }
}

/**
 * The server of the workspace, if it is alive, follows the link and answers at the address. What stands in its file may be of a
 * server that is long gone, and its process id be somebody else's by now: only an answer with the same name proves that it is not.
 */
export async function findServer({ current, url, workspace }: Running): Promise<Found> {
  const state = readServerState(workspace);
  if (state === null) return { ok: false, why: wording.noServer(workspace, current) };
  if (state.current !== current) return { ok: false, why: wording.otherLink(state.current, current) };
  const answer = await ask(`${url}/livez`);
  if (answer.status !== 200) return { ok: false, why: wording.silent(url, answer.text.slice(0, 200)) };
  if (field(answer, 'instance') !== state.instance) return { ok: false, why: wording.otherServer(url, workspace) };
  return { ok: true, live: { state, since: beganAt(state.pid) } };
}

/** Which codes answer at the address, asked so many times on a connection of its own each. */
async function codesSeen(url: string, times: number): Promise<readonly string[]> {
  const seen = new Set<string>();
  for (let round = 0; round < times; round++) seen.add(field(await ask(`${url}/livez`), 'code') ?? 'none');
  return [...seen];
}

/**
 * Tells a server to replace its processes, and waits until it says that all of them run the version and its answers say so too.
 * Why that is not so, or null. It is not asked anything before: one that no longer answers is what has to be replaced.
 */
export async function restart({ url, workspace }: Running, version: string, { live, signal }: { readonly live: Live; readonly signal: AbortSignal }): Promise<string | null> {
  const { pid, instance, workers } = live.state;
  const before = readServerState(workspace);
  if (before?.instance !== instance || beganAt(pid) !== live.since) return wording.gone;
  process.kill(pid, 'SIGHUP');
  const mostMs = workers * (READY_MS + STOP_MS) + READY_MS;
  const code = codeIdOf(version);
  for (const end = Date.now() + mostMs; Date.now() < end; await sleep(50, undefined, { signal })) {
    const state = readServerState(workspace);
    if (state?.instance !== instance) return wording.gone;
    if (state.ended === null || state.ended.turn <= before.asked) continue;
    if (!state.ended.done) return wording.notAllReady;
    const seen = await codesSeen(url, 2 * workers);
    return state.ended.code === code && seen.length === 1 && seen[0] === code ? null : wording.mixed(seen);
  }
  return wording.tooSlow(mostMs / 1000);
}
