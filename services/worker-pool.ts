import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from './log.ts';
import { wording } from './wording.ts';

/** A worker that dies at its start again and again is started again with growing pauses. */
const PAUSE_MS = 200;
const PAUSE_MAX_MS = 30_000;
/** So long a worker may take until it is ready, and one that leaves until it is gone. */
export const READY_MS = 30_000;
export const STOP_MS = 15_000;
/** Of a worker that is used wrongly: another one would end in the same way. */
const USAGE = 2;

/** Where a worker has its place: one that ends by itself is followed by another one in the same place. */
interface Place {
  worker: Worker | undefined;
  code: string;
}

export interface PoolOptions {
  readonly size: number;
  readonly log: Logger;
  /** What the next worker runs: its entry, or this very program where it is undefined; and which code that is. Throws where there is none. */
  readonly version: () => { readonly entry: string | undefined; readonly code: string };
  readonly env: Readonly<Record<string, string>>;
  /** Called when a worker ended by itself. */
  readonly died: () => void;
  /** Called where the first workers are used wrongly, so that none will ever serve. */
  readonly giveUp: (code: number) => void;
}

const gone = (worker: Worker): Promise<void> => new Promise((resolve) => (worker.isDead() ? resolve() : worker.once('exit', () => resolve())));

function untilReady(worker: Worker): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), READY_MS);
    const settle = (ready: boolean): void => {
      clearTimeout(timer);
      resolve(ready);
    };
    worker.on('message', (message: { readonly kind?: unknown } | null) => void (message?.kind === 'ready' && settle(true)));
    worker.once('exit', () => settle(false));
  });
}

/** So many processes behind one port, each in its place; all of them can be replaced while they serve. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #places: readonly Place[];
  readonly #ready = new WeakSet<Worker>();
  #everReady = false;
  #stopping = false;
  #pause = PAUSE_MS;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.size }, () => ({ worker: undefined, code: '' }));
  }

  /** Resolves when the first worker of each place is ready, or was not. */
  async start(): Promise<void> {
    await Promise.all(this.#places.map((place) => this.#fill(place)));
  }

  ready(): number {
    return this.#places.filter(({ worker }) => worker !== undefined && this.#ready.has(worker)).length;
  }

  /** The one code that all of them run, or null. */
  code(): string | null {
    const [first, ...more] = new Set(this.#places.map(({ code }) => code));
    return first === undefined || more.length > 0 ? null : first;
  }

  /**
   * Replaces all of them, one by one: a new one is ready before an old one finishes what it has under way. Where a new one is not
   * ready in time it is ended, no other takes its turn, and the answer is false: the old ones go on.
   */
  async roll(): Promise<boolean> {
    for (const place of this.#places) {
      const fresh = this.#fork();
      if (fresh === undefined) return false;
      if (!(await this.#becomesReady(fresh.worker))) {
        await this.#end(fresh.worker);
        return false;
      }
      const old = place.worker;
      this.#put(place, fresh);
      if (old !== undefined) await this.#retire(old);
      if (this.#stopping) return false;
    }
    return true;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(Object.values(cluster.workers ?? {}).flatMap((worker) => (worker === undefined ? [] : [this.#retire(worker)])));
  }

  #fork(): { readonly worker: Worker; readonly code: string } | undefined {
    const { log, env, version } = this.#options;
    try {
      // Looked up each time: a deployment has led the link to another version of the code meanwhile.
      const { entry, code } = version();
      if (entry !== undefined) cluster.setupPrimary({ exec: entry });
      const worker = cluster.fork(env);
      // What was said to one that is just ending is lost, which is no reason to end with it.
      worker.on('error', (error) => log.warn({ err: error }, wording.workerUnheard(worker.process.pid ?? 0)));
      if (worker.process.pid !== undefined) return { worker, code };
    } catch (error) {
      log.error({ err: error }, wording.noWorker);
    }
    return undefined;
  }

  #put(place: Place, { worker, code }: { readonly worker: Worker; readonly code: string }): void {
    [place.worker, place.code] = [worker, code];
    worker.once('exit', (exit) => {
      // It was replaced, or everything ends: nobody takes its place.
      if (place.worker !== worker || this.#stopping) return;
      place.worker = undefined;
      if (exit === USAGE && !this.#everReady) return this.#options.giveUp(USAGE);
      this.#options.log.error({ code: exit }, wording.workerDied(worker.process.pid ?? 0, this.#pause));
      this.#options.died();
      this.#later(place);
    });
  }

  async #fill(place: Place): Promise<void> {
    // A roll was quicker.
    if (this.#stopping || place.worker !== undefined) return;
    const fresh = this.#fork();
    if (fresh === undefined) return this.#later(place);
    this.#put(place, fresh);
    if (await this.#becomesReady(fresh.worker)) return;
    // One that neither serves nor ends would hold the place for ever.
    await this.#end(fresh.worker);
  }

  #later(place: Place): void {
    void sleep(this.#pause).then(() => this.#fill(place));
    this.#pause = Math.min(PAUSE_MAX_MS, this.#pause * 2);
  }

  async #becomesReady(worker: Worker): Promise<boolean> {
    if (!(await untilReady(worker))) return false;
    this.#ready.add(worker);
    this.#everReady = true;
    this.#pause = PAUSE_MS;
    return true;
  }

  async #end(worker: Worker): Promise<void> {
    worker.process.kill('SIGKILL');
    await gone(worker);
  }

  /** Lets it finish what it has under way; one that serves nothing yet has nothing to finish. */
  async #retire(worker: Worker): Promise<void> {
    if (!this.#ready.has(worker) || !worker.isConnected()) return this.#end(worker);
    worker.send({ kind: 'stop' }, () => undefined);
    const timer = setTimeout(() => worker.process.kill('SIGKILL'), STOP_MS);
    await gone(worker);
    clearTimeout(timer);
  }
}
