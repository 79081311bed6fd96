import cluster from 'node:cluster';
import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Worker } from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeAtomic } from '../records/atomic.ts';
import { onStop } from './http/listen.ts';
import type { Logger } from './log.ts';
import { sumMetrics } from './worker-metrics.ts';
import { wording } from './wording.ts';

/** A worker that dies at its start again and again is started again with growing pauses. */
const PAUSE_MS = 200;
const PAUSE_MAX_MS = 30_000;
const READY_MS = 30_000;
const STOP_MS = 15_000;

function untilReady(worker: Worker): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), READY_MS);
    worker.on('message', (message: { readonly kind?: unknown } | null) => {
      if (message?.kind !== 'ready') return;
      clearTimeout(timer);
      resolve(true);
    });
    worker.once('exit', () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}

function untilGone(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    if (worker.isDead()) return resolve();
    const timer = setTimeout(() => worker.process.kill('SIGKILL'), STOP_MS);
    worker.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    return undefined;
  });
}

export interface Supervised {
  readonly workers: number;
  readonly log: Logger;
  /** A link to the version of the code that workers run; this very code where there is none. */
  readonly current: string | undefined;
  /** Where a deployment finds whom to signal. */
  readonly pidFile: string;
}

/**
 * Several processes behind one port. One that dies is replaced; SIGHUP replaces all of them, one by one: a new one is ready
 * before an old one finishes what it has under way.
 */
export async function superviseWorkers({ workers, log, current, pidFile }: Supervised): Promise<void> {
  mkdirSync(path.dirname(pidFile), { recursive: true });
  writeAtomic(pidFile, `${process.pid}\n`);
  let stopping = false;
  let pause = PAUSE_MS;
  const leaving = new Set<Worker>();
  sumMetrics();

  async function start(): Promise<Worker | undefined> {
    // Looked up each time: a deployment has led the link to another version of the code meanwhile.
    if (current !== undefined) cluster.setupPrimary({ exec: path.join(realpathSync(current), 'services', 'serve.js') });
    const worker = cluster.fork();
    worker.once('exit', (code) => {
      if (stopping || leaving.delete(worker)) return;
      log.error({ code }, wording.workerDied(worker.process.pid ?? 0, pause));
      void sleep(pause, undefined, { ref: true }).then(() => (stopping ? undefined : start()));
      pause = Math.min(PAUSE_MAX_MS, pause * 2);
    });
    const ready = await untilReady(worker);
    if (ready) pause = PAUSE_MS;
    return ready ? worker : undefined;
  }

  function retire(worker: Worker): Promise<void> {
    leaving.add(worker);
    const gone = untilGone(worker);
    worker.send({ kind: 'stop' });
    return gone;
  }

  let rolling: Promise<void> | undefined;
  async function roll(): Promise<void> {
    for (const old of Object.values(cluster.workers ?? {})) {
      if (old === undefined || stopping) continue;
      const fresh = await start();
      if (fresh === undefined) {
        log.error(wording.rollFailed);
        return;
      }
      await retire(old);
    }
    log.info(wording.rolled);
  }
  process.on('SIGHUP', () => {
    rolling ??= roll().finally(() => {
      rolling = undefined;
    });
  });
  onStop(async (signal) => {
    stopping = true;
    log.info(wording.stopping(signal));
    await Promise.all(Object.values(cluster.workers ?? {}).flatMap((worker) => (worker === undefined ? [] : [retire(worker)])));
    process.exit(0);
  });
  await Promise.all(Array.from({ length: workers }, () => start()));
  log.info(wording.workersReady(workers));
}
