import type { ScheduleParams } from '../../schema/params.ts';
import type { RunRequest } from './request.ts';
import type { ScheduleState } from './state.ts';
import type { Times } from './times.ts';

export type RunOutcome = 'done' | 'failed' | 'interrupted' | 'elsewhere';
export type Cause = 'time' | 'catch-up' | 'first' | 'retry' | RunRequest['source'];

export interface LoopOptions {
  readonly params: Pick<ScheduleParams, 'jitterSeconds' | 'retries' | 'retrySeconds'>;
  readonly times: Times;
  readonly now: () => Date;
  /** 0 to 1, for the jitter. */
  readonly random: () => number;
  /** Runs the pipeline once; `isLast` where no retry follows a failure, so that the team has to be told. */
  readonly run: (cause: Cause, attempt: { readonly number: number; readonly isLast: boolean }) => Promise<RunOutcome>;
  readonly takeRequest: () => RunRequest | null;
  readonly isPaused: () => boolean;
  readonly save: (state: ScheduleState) => void;
  readonly told: (event: { readonly kind: 'next'; readonly at: Date } | { readonly kind: 'paused' } | { readonly kind: 'retry'; readonly seconds: number } | { readonly kind: 'gave-up'; readonly tries: number }) => void;
}

/**
 * Decides, a look at a time, whether a run begins: at its time, once for all that were slept through, after a failure, or since
 * somebody asked. A look compares the clock with a moment: a machine that slept, or whose clock was set, needs nothing else.
 */
export class ScheduleLoop {
  readonly #options: LoopOptions;
  #state: ScheduleState;
  #due: Date;
  #cause: Cause = 'time';
  #attempt = 1;

  constructor(options: LoopOptions, before: ScheduleState, { isFirst }: { readonly isFirst: boolean }) {
    this.#options = options;
    const now = options.now();
    this.#state = { ...before, pid: process.pid, running: false };
    this.#due = this.#jittered(options.times.next(now));
    const last = options.times.last(now);
    const missed = before.lastStart !== null && last !== null && Date.parse(before.lastStart) < last.getTime();
    if (isFirst || missed) [this.#due, this.#cause] = [now, isFirst ? 'first' : 'catch-up'];
    options.told({ kind: 'next', at: this.#due });
    this.#save();
  }

  get due(): Date {
    return this.#due;
  }

  #jittered(at: Date): Date {
    return new Date(at.getTime() + Math.floor(this.#options.random() * this.#options.params.jitterSeconds * 1000));
  }

  #save(changes: Partial<ScheduleState> = {}): void {
    const { now, isPaused, save } = this.#options;
    this.#state = { ...this.#state, ...changes, aliveAt: now().toISOString(), next: this.#due.toISOString(), paused: isPaused() };
    save(this.#state);
  }

  #planNext(): void {
    const { times, now, told } = this.#options;
    [this.#due, this.#cause, this.#attempt] = [this.#jittered(times.next(now())), 'time', 1];
    told({ kind: 'next', at: this.#due });
  }

  /** Says that it lives, and runs what is due. Resolves when that run, if there was one, has ended. */
  async look(): Promise<void> {
    const { now, takeRequest, isPaused, told } = this.#options;
    const request = takeRequest();
    const isDue = now().getTime() >= this.#due.getTime();
    // What somebody asks for runs in a pause too: they know what they do.
    if (request !== null) await this.#run(request.source);
    else if (isDue && isPaused()) {
      told({ kind: 'paused' });
      this.#planNext();
    } else if (isDue) await this.#run(this.#cause);
    this.#save();
  }

  /** Kept up while a run goes on, so that others see that the scheduler lives. */
  beat(): void {
    this.#save();
  }

  async #run(cause: Cause): Promise<void> {
    const { params, now, run, told } = this.#options;
    const isLast = this.#attempt > params.retries;
    this.#save({ running: true, lastStart: now().toISOString() });
    const outcome = await run(cause, { number: this.#attempt, isLast });
    const key = `${cause}:${outcome}`;
    const failures = outcome === 'failed' ? this.#state.failures + 1 : outcome === 'done' ? 0 : this.#state.failures;
    const triggers = { ...this.#state.triggers, [key]: (this.#state.triggers[key] ?? 0) + 1 };
    if (outcome === 'failed' && !isLast) {
      const seconds = params.retrySeconds * 2 ** (this.#attempt - 1);
      told({ kind: 'retry', seconds });
      [this.#due, this.#cause, this.#attempt] = [new Date(now().getTime() + seconds * 1000), 'retry', this.#attempt + 1];
    } else {
      if (outcome === 'failed') told({ kind: 'gave-up', tries: this.#attempt });
      this.#planNext();
    }
    this.#save({ running: false, failures, triggers, ...(outcome === 'done' ? { lastDone: now().toISOString() } : {}) });
  }
}
