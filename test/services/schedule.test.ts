import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { ScheduleLoop } from '../../services/schedule/loop.ts';
import type { LoopOptions, RunOutcome } from '../../services/schedule/loop.ts';
import { readScheduleParams } from '../../services/schedule/params.ts';
import { EMPTY } from '../../services/schedule/state.ts';
import type { ScheduleState } from '../../services/schedule/state.ts';
import { timesOf } from '../../services/schedule/times.ts';
import { UsageError } from '../../services/settings.ts';
import { root } from '../pipeline/rig.ts';

/** A loop under a clock that the test turns. */
class Rig {
  now = new Date('2026-01-01T00:00:00Z');
  outcomes: (RunOutcome | 'throws')[] = [];
  readonly ran: string[] = [];
  readonly told: string[] = [];
  paused = false;
  asked = false;
  reason = '';
  full = false;
  /** Whether no time can be told. */
  broken = false;
  state: ScheduleState = EMPTY;
  random = 0;

  loop({ isFirst = false, before = EMPTY, cron = '0 */6 * * *', timezone = 'UTC' }: { isFirst?: boolean; before?: ScheduleState; cron?: string; timezone?: string } = {}): ScheduleLoop {
    const times = timesOf({ cron, timezone }, this.now);
    const next = (from: Date): Date | null => {
      if (this.broken) throw new Error('a bug');
      return times.next(from);
    };
    const options: LoopOptions = {
      params: { jitterSeconds: 60, retries: 2, retrySeconds: 100 }, times: { ...times, next }, now: () => this.now, random: () => this.random,
      run: async (cause, { number, isLast, reason }) => {
        this.ran.push(`${this.now.toISOString().slice(0, 16)} ${cause} ${number}${isLast ? ' last' : ''}${reason === '' ? '' : ` (${reason})`}`);
        const outcome = this.outcomes.shift() ?? 'done';
        if (outcome === 'throws') throw new Error('a bug');
        return outcome;
      },
      takeRequest: () => {
        const asked = this.asked;
        this.asked = false;
        return asked ? { source: 'api', reason: this.reason, at: '' } : null;
      },
      isPaused: () => this.paused, told: ({ kind }) => void this.told.push(kind),
      save: (state) => {
        if (this.full) throw new Error('no space left');
        this.state = state;
      },
    };
    return new ScheduleLoop(options, before, { isFirst });
  }

  /** Looks once a minute, as a scheduler does more often. */
  async pass(loop: ScheduleLoop, minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute++) {
      this.now = new Date(this.now.getTime() + 60_000);
      await loop.look();
    }
  }
}

describe('the scheduler', () => {
  test('runs every six hours, and at once where there never was a run', async () => {
    const rig = new Rig();
    const loop = rig.loop({ isFirst: true });
    await loop.look();
    await rig.pass(loop, 12 * 60 + 1);
    assert.deepEqual(rig.ran, ['2026-01-01T00:00 first 1', '2026-01-01T06:00 time 1', '2026-01-01T12:00 time 1']);
  });

  test('keeps to the clock of its time zone through both changes of it', () => {
    const { next } = timesOf({ cron: '30 2 * * *', timezone: 'Europe/Berlin' });
    const at = (from: string): string => next(new Date(from))?.toISOString() ?? '';
    assert.equal(at('2026-03-28T00:00:00Z'), '2026-03-28T01:30:00.000Z');
    assert.ok(['2026-03-29T01:00:00.000Z', '2026-03-29T01:30:00.000Z'].includes(at('2026-03-28T02:00:00Z')), 'half past two does not exist that night, and the run is not left out');
    assert.equal(at('2026-03-29T12:00:00Z'), '2026-03-30T00:30:00.000Z');
    const autumn = next(new Date('2026-10-24T12:00:00Z'));
    assert.ok(autumn !== null);
    assert.equal(autumn.toISOString(), '2026-10-25T00:30:00.000Z', 'half past two comes twice that night, and the run once');
    assert.equal(next(autumn)?.toISOString(), '2026-10-26T01:30:00.000Z');
    assert.equal(timesOf({ cron: '17 1,7,13,19 * * *', timezone: 'Asia/Jakarta' }).next(new Date('2026-01-01T00:00:00Z'))?.toISOString(), '2026-01-01T00:17:00.000Z');
  });

  test('catches up once after sleep, however many times were slept through', async () => {
    const rig = new Rig();
    const loop = rig.loop();
    rig.now = new Date('2026-01-04T03:00:00Z');
    await loop.look();
    await rig.pass(loop, 60);
    assert.deepEqual(rig.ran, ['2026-01-04T03:00 time 1']);
  });

  test('catches up once after a restart, and only where a time went by', async () => {
    const rig = new Rig();
    rig.now = new Date('2026-01-01T09:00:00Z');
    await rig.loop({ before: { ...EMPTY, lastStart: '2026-01-01T00:00:00.000Z' } }).look();
    assert.deepEqual(rig.ran, ['2026-01-01T09:00 catch-up 1']);
    await rig.loop({ before: { ...EMPTY, lastStart: '2026-01-01T06:00:00.000Z' } }).look();
    assert.equal(rig.ran.length, 1);
  });

  test('starts up to so much later, so that many do not ask at once', () => {
    const rig = new Rig();
    rig.random = 0.5;
    assert.equal(rig.loop().due?.toISOString(), '2026-01-01T06:00:30.000Z');
  });

  test('tries a failed run again with growing pauses, then waits for the next time and says so', async () => {
    const rig = new Rig();
    rig.outcomes = ['failed', 'failed', 'failed'];
    const loop = rig.loop();
    await rig.pass(loop, 12 * 60 + 1);
    assert.deepEqual(rig.ran, ['2026-01-01T06:00 time 1', '2026-01-01T06:02 retry 2', '2026-01-01T06:06 retry 3 last', '2026-01-01T12:00 time 1']);
    assert.deepEqual(rig.told.filter((kind) => kind !== 'next'), ['retry', 'retry', 'gave-up']);
    assert.deepEqual([rig.state.failures, rig.state.triggers], [0, { 'time:failed': 1, 'retry:failed': 2, 'time:done': 1 }]);
  });

  test('a retry that works ends the trouble', async () => {
    const rig = new Rig();
    rig.outcomes = ['failed', 'done'];
    await rig.pass(rig.loop(), 7 * 60);
    assert.deepEqual([rig.ran.length, rig.state.failures, rig.told.includes('gave-up')], [2, 0, false]);
  });

  test('a run elsewhere in the fleet is no failure', async () => {
    const rig = new Rig();
    rig.outcomes = ['elsewhere'];
    await rig.pass(rig.loop(), 7 * 60);
    assert.deepEqual([rig.ran.length, rig.state.failures], [1, 0]);
  });

  test('runs when somebody asks, in a pause too; what is due in a pause is left out', async () => {
    const rig = new Rig();
    const loop = rig.loop();
    rig.asked = true;
    await rig.pass(loop, 1);
    rig.paused = true;
    await rig.pass(loop, 7 * 60);
    rig.asked = true;
    await rig.pass(loop, 1);
    assert.deepEqual(rig.ran, ['2026-01-01T00:01 api 1', '2026-01-01T07:02 api 1']);
    assert.ok(rig.told.includes('paused'));
    assert.equal(rig.state.paused, true);
  });

  test('why somebody asked goes with the run and its retries, also after a restart, and no further', async () => {
    const rig = new Rig();
    const loop = rig.loop();
    rig.asked = true;
    rig.reason = 'new corrections';
    rig.outcomes = ['failed', 'failed'];
    await rig.pass(loop, 3);
    await rig.pass(rig.loop({ before: rig.state }), 6 * 60);
    assert.deepEqual(rig.ran, ['2026-01-01T00:01 api 1 (new corrections)', '2026-01-01T00:03 retry 2 (new corrections)', '2026-01-01T00:07 retry 3 last (new corrections)', '2026-01-01T06:00 time 1']);
  });

  test('a restart between a failure and its next try goes on where it was', async () => {
    const rig = new Rig();
    rig.outcomes = ['failed', 'failed'];
    await rig.pass(rig.loop(), 6 * 60 + 3);
    assert.deepEqual(rig.ran, ['2026-01-01T06:00 time 1', '2026-01-01T06:02 retry 2']);
    const again = rig.loop({ before: rig.state });
    await rig.pass(again, 6);
    assert.deepEqual(rig.ran.slice(2), ['2026-01-01T06:06 retry 3 last']);
    rig.outcomes = ['failed'];
    await rig.pass(again, 6 * 60 - 8);
    const [before] = [rig.state];
    rig.now = new Date('2026-01-02T03:00:00Z');
    await rig.loop({ before }).look();
    assert.equal(rig.ran.at(-1), '2026-01-02T03:00 retry 2', 'one that is long due begins at once');
  });

  test('a run whose end was not seen is made up for, whether it was stopped or killed', async () => {
    const rig = new Rig();
    rig.outcomes = ['interrupted'];
    await rig.pass(rig.loop(), 6 * 60);
    assert.equal(rig.state.running, true);
    await rig.loop({ before: rig.state }).look();
    assert.deepEqual(rig.ran, ['2026-01-01T06:00 time 1', '2026-01-01T06:00 catch-up 1']);
    await rig.loop({ before: rig.state }).look();
    assert.equal(rig.ran.length, 2, 'once');
  });

  test('a state that cannot be saved, and a run that throws, cost neither the schedule nor a pause', async () => {
    const rig = new Rig();
    const loop = rig.loop();
    rig.full = true;
    rig.outcomes = ['throws', 'done'];
    await rig.pass(loop, 6 * 60 - 1);
    await assert.rejects(rig.pass(loop, 1), /a bug/);
    await rig.pass(loop, 6 * 60);
    assert.deepEqual(rig.ran, ['2026-01-01T06:00 time 1', '2026-01-01T06:02 retry 2', '2026-01-01T12:00 time 1']);
    const saving = (): readonly string[] => rig.told.filter((kind) => kind.includes('saved'));
    assert.deepEqual(saving(), ['unsaved'], 'said once');
    rig.full = false;
    await rig.pass(loop, 2);
    rig.full = true;
    await rig.pass(loop, 2);
    assert.deepEqual(saving(), ['unsaved', 'saved', 'unsaved']);
  });

  test('a clock that was far ahead and is set right brings the runs back', async () => {
    const rig = new Rig();
    rig.now = new Date('2027-05-01T00:00:00Z');
    const loop = rig.loop();
    rig.now = new Date('2026-01-01T05:00:00Z');
    await rig.pass(loop, 8 * 60);
    assert.deepEqual(rig.ran, ['2026-01-01T06:00 time 1', '2026-01-01T12:00 time 1']);
  });

  test('a pattern that comes to its end ends no more than itself: what somebody asks for runs, and a clock that is set right brings it back', async () => {
    const rig = new Rig();
    const loop = rig.loop({ cron: '0 0 0,6,12 1 1 * 2026', before: { ...EMPTY, lastStart: '2026-01-01T00:00:00.000Z' } });
    await rig.pass(loop, 12 * 60);
    assert.deepEqual([rig.ran, rig.told.at(-1), rig.state.next], [['2026-01-01T06:00 time 1', '2026-01-01T12:00 time 1'], 'over', null]);
    rig.asked = true;
    await rig.pass(loop, 2);
    assert.equal(rig.ran.at(-1), '2026-01-01T12:01 api 1');
    assert.equal(rig.told.filter((kind) => kind === 'over').length, 2, 'once after each run');
    rig.now = new Date('2026-01-01T05:30:00Z');
    await rig.pass(loop, 31);
    assert.deepEqual([rig.ran.length, rig.ran.at(-1)], [4, '2026-01-01T06:00 time 1']);
  });

  test('a look that goes wrong before a run loses nobody\'s request', async () => {
    const rig = new Rig();
    const loop = rig.loop();
    rig.asked = true;
    rig.broken = true;
    await assert.rejects(loop.look(), /a bug/);
    rig.broken = false;
    await loop.look();
    assert.deepEqual(rig.ran, ['2026-01-01T00:00 api 1']);
  });

  test('a clock that is set back starts nothing twice', async () => {
    const rig = new Rig();
    const loop = rig.loop();
    await rig.pass(loop, 6 * 60 + 1);
    rig.now = new Date('2026-01-01T05:30:00Z');
    await rig.pass(loop, 60);
    assert.equal(rig.ran.length, 1);
  });
});

describe('schedule in params.yaml', () => {
  function refused(schedule: Parameters<typeof timesOf>[0], now?: Date): string {
    try {
      timesOf(schedule, now);
    } catch (error) {
      assert.ok(error instanceof UsageError, String(error));
      return error.message;
    }
    return 'was taken';
  }

  test('is read, and the environment wins', () => {
    const params = readScheduleParams(root, { SCHEDULE_SET: ' collect.source=play  x=1 ', SCHEDULE_TIMEZONE: 'UTC' });
    assert.deepEqual([params.timezone, params.set, params.cron], ['UTC', ['collect.source=play', 'x=1'], '17 1,7,13,19 * * *']);
  });

  test('a pattern or a time zone that is none is told with what was seen', () => {
    for (const cron of ['61 * * * *', 'often', '0 0 30 2 *']) assert.match(refused({ cron, timezone: 'UTC' }), new RegExp(`^Cannot schedule runs by "${cron.replaceAll('*', '\\*')}" \\(UTC\\), as schedule\\.cron says: .*; give a pattern`), cron);
    assert.equal(refused({ cron: '0 * * * *', timezone: 'Mars/Olympus' }), 'Cannot schedule runs in "Mars/Olympus", as schedule.timezone says: there is no such time zone; give one such as "Asia/Jakarta" or "UTC"');
  });

  test('and so is where it stands: in a variable, or at a place in params.yaml', () => {
    const lines = readFileSync(path.join(root, 'params.yaml'), 'utf8').split('\n');
    const place = (key: string): string => `params.yaml:${lines.findIndex((line) => line.startsWith(`  ${key}: `)) + 1}:3`;
    const { places } = readScheduleParams(root, { SCHEDULE_CRON: ' ' });
    assert.deepEqual(places, { cron: `schedule.cron (${place('cron')})`, timezone: `schedule.timezone (${place('timezone')})` });
    assert.match(refused({ ...readScheduleParams(root, {}), cron: 'often' }), /as schedule\.cron \(params\.yaml:\d+:3\) says: /);
    assert.match(refused(readScheduleParams(root, { SCHEDULE_CRON: '61 * * * *' })), /^Cannot schedule runs by "61 \* \* \* \*" \(Asia\/Jakarta\), as SCHEDULE_CRON says: /);
    assert.match(refused(readScheduleParams(root, { SCHEDULE_TIMEZONE: 'WIB' })), /as SCHEDULE_TIMEZONE says: there is no such/);
  });

  test('a pattern that has no two times to come is none: it would end in silence', () => {
    const now = new Date('2026-11-26T00:00:00Z');
    for (const [cron, why] of [['0 0 0 1 1 * 2027', /comes once more \(2027-01-01T00:00:00.000Z\) and never again; give a pattern/], ['2027-01-01T00:00:00', /comes once more/], ['0 0 0 1 1 * 2026', /never comes/], ['2026-01-01T00:00:00', /never comes/]] as const) {
      assert.match(refused({ cron, timezone: 'UTC' }, now), why, cron);
    }
    assert.ok(timesOf({ cron: '0 0 0 1 1 * 2027-2028', timezone: 'UTC' }, now).next(now));
  });
});
