import { randomBytes } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { onStop } from './http/listen.ts';
import type { Logger } from './log.ts';
import { CODE } from './settings.ts';
import { codeIdOf, removeServerState, writeServerState } from './state/server.ts';
import type { ServerState } from './state/server.ts';
import { sumMetrics } from './worker-metrics.ts';
import { WorkerPool } from './worker-pool.ts';
import { wording } from './wording.ts';

/** What a folder with a version of the code starts. */
export const ENTRY = path.join('services', 'serve.js');

export interface Supervised {
  readonly workers: number;
  readonly log: Logger;
  /** A link to the version of the code that workers run; this very code where there is none. */
  readonly current: string | undefined;
  readonly workspace: string;
}

function versionOf(current: string | undefined): { readonly entry: string | undefined; readonly code: string } {
  if (current === undefined) return { entry: undefined, code: codeIdOf(CODE) };
  const folder = realpathSync(current);
  const entry = path.join(folder, ENTRY);
  if (!existsSync(entry)) throw new Error(wording.noVersion(current));
  return { entry, code: codeIdOf(folder) };
}

/**
 * One process or several behind one port. One that dies is replaced; SIGHUP replaces all of them, one by one. A SIGHUP that comes
 * meanwhile is not lost: all of them are replaced again afterwards, since the link may lead elsewhere by then.
 */
export async function superviseWorkers({ workers, log, current, workspace }: Supervised): Promise<void> {
  const instance = randomBytes(8).toString('hex');
  let state: ServerState = { pid: process.pid, instance, current: current ?? null, workers, deaths: 0, asked: 0, ended: null };
  const tell = (change: Partial<ServerState>): void => {
    state = { ...state, ...change };
    try {
      writeServerState(workspace, state);
    } catch (error) {
      // A full disk costs the deployment, never the readers.
      log.error({ err: error }, wording.noServerState);
    }
  };
  const leave = (code: number): void => {
    removeServerState(workspace, instance);
    process.exit(code);
  };
  const pool = new WorkerPool({ size: workers, log, version: () => versionOf(current), env: { SERVER_INSTANCE: instance }, died: () => tell({ deaths: state.deaths + 1 }), giveUp: leave });

  let rolling: Promise<void> | undefined;
  async function roll(): Promise<void> {
    for (let turn = 0; turn < state.asked; ) {
      turn = state.asked;
      const done = (await pool.roll()) && pool.ready() === workers;
      log[done ? 'info' : 'error'](done ? wording.rolled : wording.rollFailed);
      tell({ ended: { turn, done, code: pool.code() } });
    }
  }
  process.on('SIGHUP', () => {
    tell({ asked: state.asked + 1 });
    rolling ??= roll().finally(() => {
      rolling = undefined;
    });
  });
  onStop(async (signal) => {
    log.info(wording.stopping(signal));
    await pool.stop();
    leave(0);
  });
  sumMetrics();
  await pool.start();
  // Told now, since it names a server that answers.
  tell({});
  if (pool.ready() === workers) log.info(wording.workersReady(workers));
}
