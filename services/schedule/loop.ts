import type { ScheduleParams } from '../../schema/params.ts';
import type { RunRequest } from './request.ts';
import type { ScheduleState } from './state.ts';
import type { Times } from './times.ts';

export type RunOutcome = 'done' | 'failed' | 'interrupted' | 'elsewhere';
export type Cause = 'time' | 'catch-up' | 'first' | 'retry' | RunRequest['source'];

/** Once that the pipeline is run. */
export interface Attempt {
  readonly number: number;
  /** No retry follows a failure, so that the team has to be told. */
  readonly isLast: boolean;
  /** What whoever asked for it said of it; empty where nobody did. */
  readonly reason: string;
}

export interface LoopOptions {
  readonly params: Pick<ScheduleParams, 'jitterSeconds' | 'retries' | 'retrySeconds'>;
  readonly times: Times;
  readonly now: () => Date;
  /** 0 to 1, for the jitter. */
  readonly random: () => number;
  readonly run: (cause: Cause, attempt: Attempt) => Promise<RunOutcome>;
  readonly takeRequest: () => RunRequest | null;
  readonly isPaused: () => boolean;
  /** May fail, on a full disk say: the schedule goes on without its memory. */
  readonly save: (state: ScheduleState) => void;
  readonly told: (event: { readonly kind: 'next'; readonly at: Date } | { readonly kind: 'over' } | { readonly kind: 'paused' } | { readonly kind: 'retry'; readonly seconds: number } | { readonly kind: 'gave-up'; readonly tries: number } | { readonly kind: 'unsaved'; readonly error: unknown } | { readonly kind: 'saved' }) => void;
}

interface Plan {
  /** Null where the pattern has no further time: then a run begins only if somebody asks. */
  readonly due: Date | null;
  readonly cause: Cause;
  readonly attempt: number;
  /** Of the run that is tried again. */
  readonly reason: string;
}

/**
 * Decides, a look at a time, whether a run begins: at its time, once for all that were slept through, after a failure, or since
 * somebody asked. A look compares the clock with a moment, so that a machine which slept needs nothing else.
 */
export class ScheduleLoop {
  readonly #options: LoopOptions;
  #state: ScheduleState;
  #plan: Plan;
  /** Told once, not at each of the tries that follow every second. */
  #isUnsaved = false;

  constructor(options: LoopOptions, before: ScheduleState, { isFirst }: { readonly isFirst: boolean }) {
    this.#options = options;
    this.#plan = this.#firstPlan(before, isFirst);
    this.#state = { ...before, pid: process.pid, since: before.since ?? options.now().toISOString(), running: false };
    // Saved first: whoever hears when the next run begins finds the same in the state.
    this.#save();
    this.#tellPlan();
  }

  get due(): Date | null {
    return this.#plan.due;
  }

  /** Where the one before left off: its retry, a run that it did not see the end of, a time that went by meanwhile. */
  #firstPlan(before: ScheduleState, isFirst: boolean): Plan {
    const { times, now: clock } = this.#options;
    const now = clock();
    if (isFirst) return { due: now, cause: 'first', attempt: 1, reason: '' };
    if (before.cause === 'retry' && before.next !== null && !before.running) return { due: new Date(Math.max(now.getTime(), Date.parse(before.next))), cause: 'retry', attempt: before.attempt, reason: before.reason };
    const last = times.last(now);
    const missed = before.lastStart !== null && last !== null && Date.parse(before.lastStart) < last.getTime();
    if (missed || before.running) return { due: now, cause: 'catch-up', attempt: 1, reason: '' };
    return this.#nextPlan();
  }

  #nextPlan(): Plan {
    const { times, now } = this.#options;
    return { due: this.#jittered(times.next(now())), cause: 'time', attempt: 1, reason: '' };
  }

  #jittered(at: Date | null): Date | null {
    return at === null ? null : new Date(at.getTime() + Math.floor(this.#options.random() * this.#options.params.jitterSeconds * 1000));
  }

  #save(changes: Partial<ScheduleState> = {}): void {
    const { now, isPaused, save, told } = this.#options;
    const { due, cause, attempt, reason } = this.#plan;
    this.#state = { ...this.#state, ...changes, aliveAt: now().toISOString(), next: due?.toISOString() ?? null, cause, attempt, reason, paused: isPaused() };
    try {
      save(this.#state);
      if (this.#isUnsaved) told({ kind: 'saved' });
      this.#isUnsaved = false;
    } catch (error) {
      if (!this.#isUnsaved) told({ kind: 'unsaved', error });
      this.#isUnsaved = true;
    }
  }

  #planNext(): void {
    this.#plan = this.#nextPlan();
    this.#tellPlan();
  }

  #tellPlan(): void {
    const { due } = this.#plan;
    this.#options.told(due === null ? { kind: 'over' } : { kind: 'next', at: due });
  }

  /** A moment that lies beyond the next but one was planned by a clock that was wrong; so was none, where there is a next one. */
  #isBeyond(): boolean {
    const { times, now, params } = this.#options;
    const { due, cause } = this.#plan;
    const next = times.next(now());
    if (due === null) return next !== null;
    if (cause === 'retry') return due.getTime() > now().getTime() + params.retrySeconds * 2 ** params.retries * 1000;
    const last = (next === null ? null : times.next(next)) ?? next ?? now();
    return due.getTime() > last.getTime() + params.jitterSeconds * 1000;
  }

  /** Says that it lives, and runs what is due. Resolves when that run, if there was one, has ended. */
  async look(): Promise<void> {
    const { now, takeRequest, isPaused, told } = this.#options;
    if (this.#isBeyond()) this.#planNext();
    const { due } = this.#plan;
    const isDue = due !== null && now().getTime() >= due.getTime();
    // Taken last: whatever goes wrong before loses nobody's request.
    const request = takeRequest();
    // What somebody asks for runs in a pause too: they know what they do.
    if (request !== null) await this.#run(request.source, request.reason);
    else if (isDue && isPaused()) {
      told({ kind: 'paused' });
      this.#planNext();
    } else if (isDue) await this.#run(this.#plan.cause, this.#plan.reason);
    this.#save();
  }

  /** Kept up while a run goes on, so that others see that the scheduler lives. */
  beat(): void {
    this.#save();
  }

  async #run(cause: Cause, reason: string): Promise<void> {
    const { params, now, run, told } = this.#options;
    const { attempt } = this.#plan;
    const isLast = attempt > params.retries;
    this.#save({ running: true, lastStart: now().toISOString() });
    // Whatever goes wrong around a run counts as a failure of it: the next one is planned in any case.
    let outcome: RunOutcome = 'failed';
    try {
      outcome = await run(cause, { number: attempt, isLast, reason });
    } finally {
      const key = `${cause}:${outcome}`;
      const failures = outcome === 'failed' ? this.#state.failures + 1 : outcome === 'done' ? 0 : this.#state.failures;
      const triggers = { ...this.#state.triggers, [key]: (this.#state.triggers[key] ?? 0) + 1 };
      if (outcome === 'failed' && !isLast) {
        const seconds = params.retrySeconds * 2 ** (attempt - 1);
        told({ kind: 'retry', seconds });
        this.#plan = { due: new Date(now().getTime() + seconds * 1000), cause: 'retry', attempt: attempt + 1, reason };
      } else {
        if (outcome === 'failed') told({ kind: 'gave-up', tries: attempt });
        this.#planNext();
      }
      // One that was stopped is made up for at the next start: its end was not seen.
      this.#save({ running: outcome === 'interrupted', failures, triggers, ...(outcome === 'done' ? { lastDone: now().toISOString() } : {}) });
    }
  }
}
