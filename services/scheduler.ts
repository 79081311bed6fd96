import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from './command.ts';
import { logTrouble } from './disk.ts';
import { onStop } from './http/listen.ts';
import { openLog } from './log.ts';
import { flushOutbox } from './notify/notify.ts';
import { webhookOf } from './notify/webhook.ts';
import { isAlive, takePlace } from './schedule/alone.ts';
import { runOnce } from './schedule/child.ts';
import { readHistory } from './schedule/history.ts';
import { ScheduleLoop } from './schedule/loop.ts';
import type { LoopOptions } from './schedule/loop.ts';
import { clearCache } from './schedule/clear-cache.ts';
import { readScheduleParams } from './schedule/params.ts';
import { requestRun, takeRequest } from './schedule/request.ts';
import { BEAT_MS, pauseFile, readState, setPaused, stoppedState, writeState } from './schedule/state.ts';
import { timesOf } from './schedule/times.ts';
import { UsageError, rootsOf } from './settings.ts';
import type { Roots } from './settings.ts';
import { openRuns } from './state/runs.ts';
import { wording } from './wording.ts';

const USAGE = `Usage: pnpm schedule [trigger | pause | resume | status] [--workspace DIR]

Without a word: runs the pipeline at the times of schedule.cron in params.yaml, catches up once after sleep, retries a run that
failed, and sends alerts that nobody took.

  trigger   asks the scheduler for a run now      (API: POST /api/runs)
  pause     no run begins by itself until resume
  status    when the next run begins, and how the last ones ended`;

/** Runs that `status` shows. */
const SHOWN = 10;
const LOOK_MS = 1000;
const FLUSH_MS = 60_000;
/** A fraction of 2^32: the jitter is no statistic, but the seeded generator is for those. */
const random = (): number => randomInt(2 ** 32) / 2 ** 32;

type Told = Parameters<LoopOptions['told']>[0];

function sentence(event: Told, timezone: string): string {
  switch (event.kind) {
    case 'next':
      return wording.scheduling(event.at, timezone);
    case 'over':
      return wording.scheduleOver;
    case 'paused':
      return wording.pausedSkip;
    case 'retry':
      return wording.retryLater(event.seconds);
    case 'gave-up':
      return wording.gaveUp(event.tries);
    case 'unsaved':
      return wording.unsaved;
    case 'saved':
      return wording.savedAgain;
    default: {
      const never: never = event;
      return never;
    }
  }
}

/** Goes on until it is stopped; a run that is under way is stopped with it, and its work up to then kept. */
async function schedule(roots: Roots): Promise<undefined> {
  const { workspace } = roots;
  const params = readScheduleParams(roots.code);
  const times = timesOf(params);
  const webhook = webhookOf(process.env);
  if (!takePlace(workspace)) throw new UsageError(wording.schedulerTwice(readState(workspace).pid));
  const log = openLog({ service: 'scheduler', folder: path.join(workspace, 'logs') });
  const stopping = new AbortController();
  const runs = openRuns(workspace);
  const loop = new ScheduleLoop({
    params, times, now: () => new Date(), random,
    async run(cause, attempt) {
      const outcome = await runOnce({ roots, sets: params.set, log, signal: stopping.signal }, cause, attempt);
      // Not waited for: whoever asks for a run meanwhile gets one, which waits for the workspace by itself.
      if (outcome === 'done' && !stopping.signal.aborted) void clearCache({ roots, keep: params.cache, log });
      return outcome;
    },
    takeRequest: () => takeRequest(workspace), isPaused: () => existsSync(pauseFile(workspace)), save: (state) => writeState(workspace, state),
    told: (event) => (event.kind === 'unsaved' ? logTrouble(log, event.error, wording.unsaved) : log[event.kind === 'gave-up' ? 'error' : 'info'](sentence(event, params.timezone))),
  }, readState(workspace), { isFirst: runs.ids().length === 0 });
  let looking: Promise<void> | undefined;
  const look = setInterval(() => {
    looking ??= loop.look().catch((error: unknown) => logTrouble(log, error, wording.lookFailed)).finally(() => (looking = undefined));
  }, LOOK_MS);
  const beat = setInterval(() => loop.beat(), BEAT_MS);
  const flush = setInterval(() => void (webhook !== null && flushOutbox({ workspace, webhook, log })), FLUSH_MS);
  onStop(async (signal) => {
    for (const timer of [look, beat, flush]) clearInterval(timer);
    log.info(wording.stopping(signal));
    stopping.abort();
    await looking;
    try {
      writeState(workspace, stoppedState(readState(workspace)));
    } catch (error) {
      logTrouble(log, error, wording.stopUnsaved);
    }
    process.exit(0);
  });
  return undefined;
}

function status(workspace: string): number {
  const state = readState(workspace);
  const alive = isAlive(workspace, state, new Date());
  console.log(`scheduler  ${alive ? `running${state.pid === null ? '' : ` (process ${state.pid})`}` : 'not running'}${existsSync(pauseFile(workspace)) ? ', paused' : ''}`);
  console.log(`next run   ${alive ? (state.running ? 'now' : (state.next ?? 'none')) : 'none'}`);
  console.log(`last start ${state.lastStart ?? 'never'}${state.failures > 0 ? `; failed ${state.failures} times in a row` : ''}`);
  for (const { at, outcome, seconds, cause, reason, attempt, run } of readHistory(workspace, SHOWN)) console.log(`  ${at.slice(0, 16).replace('T', ' ')} UTC  ${outcome.padEnd(11)} ${`${seconds.toFixed(1)} s`.padStart(8)}  ${wording.scheduled(cause, { number: attempt, reason })}${run === null ? '' : `  ${run}`}`);
  return 0;
}

function trigger(workspace: string): number {
  const asked = requestRun(workspace, { source: 'command', reason: '', now: new Date() });
  const [text, code] = asked === 'taken' ? [wording.triggered, 0] : [asked === 'busy' ? wording.busyRun : wording.noScheduler, 1];
  console[code === 0 ? 'log' : 'error'](text);
  return code;
}

export async function main(args: readonly string[]): Promise<void> {
  await runCommand<{ readonly workspace?: string }>(args, {
    usage: USAGE,
    options: { workspace: { type: 'string' } }, takesWords: true,
    async run(flags, [word, ...more]) {
      const roots = rootsOf(flags.workspace);
      if (more.length > 0) throw new UsageError(wording.unknownFlag(`There is no "${more.join(' ')}" here`, USAGE));
      switch (word) {
        case undefined:
          return schedule(roots);
        case 'trigger':
          return trigger(roots.workspace);
        case 'status':
          return status(roots.workspace);
        case 'pause':
        case 'resume':
          setPaused(roots.workspace, word === 'pause');
          console.log(word === 'pause' ? wording.paused : wording.resumed);
          return 0;
        default:
          throw new UsageError(wording.unknownFlag(`There is no "${word}" here`, USAGE));
      }
    },
  });
}
