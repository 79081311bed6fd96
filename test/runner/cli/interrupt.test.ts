import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { folder } from './rig.ts';

/** `slow` says that it is under way by "here", and goes on once there is "go". */
const SLOW = `stages:
  quick:
    cmd: echo quick > quick.txt
    outs: [quick.txt]
  slow:
    cmd: echo half > slow.txt; touch here; n=0; while [ ! -e go ] && [ $n -lt 600 ]; do sleep 0.05; n=$((n+1)); done; cat source > slow.txt; echo slow >> ran
    deps: [quick.txt, source]
    outs: [slow.txt]
`;

describe('a run that is under way', () => {
  test('is told by status and why, which do not take its stages for killed; gc leaves it alone', async (t) => {
    const made = folder(t, SLOW).write('source', '1').write('go', '');
    await made.repro();
    made.write('source', '2');
    for (const name of ['go', 'here']) rmSync(made.at(name));
    const { ended } = made.start([]);
    await made.until('here');
    const status = await made.repro('status');
    assert.match(status.messages, /^A run is under way \(process \d+, since .*\): this is how things stand at this moment\n/);
    assert.match(status.out, /slow .*it is running now\n/);
    assert.match((await made.repro('why', 'slow')).out, /^slow: to run\n {2}it is running now\n/);
    const cleared = await made.repro('gc', '--no-wait');
    assert.deepEqual([cleared.status, /Cannot clear the cache while process \d+ works/.test(cleared.messages)], [2, true], cleared.messages);
    made.write('go', '');
    assert.equal((await ended).status, 0);
    assert.equal((await made.repro('status')).messages, '');
  });
});

describe('an interrupted run', () => {
  test('by Ctrl-C ends its stages, keeps what is finished, exits with 130, and goes on next time', async (t) => {
    const made = folder(t, SLOW).write('source', '1');
    const { child, ended } = made.start([]);
    await made.until('here');
    child.kill('SIGINT');
    const run = await ended;
    assert.equal(run.status, 130, run.messages);
    assert.match(run.messages, /stopping: what runs is asked to end/);
    assert.match(run.messages, /2 stages: 1 ran, 1 interrupted/);
    assert.ok(made.has('quick.txt') && !made.has('slow.txt') && !made.has('ran'));
    const [name = ''] = made.list('.repro/runs');
    assert.equal(JSON.parse(made.read(`.repro/runs/${name}`)).outcome, 'interrupted');
    made.write('go', '');
    assert.match((await made.repro()).messages, /1 ran, 1 fresh/);
  });

  test('by kill -9 takes its stages along; the next run repairs by itself', async (t) => {
    const made = folder(t, SLOW).write('source', '1').write('go', '');
    await made.repro();
    assert.equal(made.read('slow.txt'), '1');
    made.write('source', '2');
    for (const name of ['go', 'here']) rmSync(made.at(name));
    const { child, ended } = made.start([]);
    await made.until('here');
    child.kill('SIGKILL');
    await ended;
    assert.equal(made.read('slow.txt').trim(), 'half');
    assert.match((await made.repro('status')).out, /slow .*was killed last time/);
    made.write('go', '');
    await sleep(300);
    assert.equal(made.read('ran'), 'slow\n', 'the stage of the killed run must not go on');
    const next = await made.repro();
    assert.equal(next.status, 0, next.messages);
    assert.match(next.messages, /an earlier run was killed while it ran slow/);
    assert.match(next.messages, /1 ran, 1 fresh/);
    assert.equal(made.read('slow.txt'), '2');
    const outcomes = made.list('.repro/runs').map((name) => JSON.parse(made.read(`.repro/runs/${name}`)).outcome);
    assert.deepEqual(outcomes, ['done', 'interrupted', 'done']);
    assert.match((await made.repro()).messages, /Nothing to do/);
  });

  test('by a second Ctrl-C ends at once', async (t) => {
    const made = folder(t, `stages:\n  deaf:\n    cmd: trap '' INT TERM; echo $$ > pid; touch here; sleep 60\n    outs: [x]\n`);
    const { child, ended, says } = made.start([]);
    await made.until('here');
    child.kill('SIGINT');
    await says('stopping: what runs is asked to end');
    child.kill('SIGINT');
    assert.equal((await ended).status, 130);
    const pid = Number(made.read('pid'));
    const lives = (): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        // There is no such process any more, which is what is asked.
        return false;
      }
    };
    for (let waits = 0; lives() && waits < 100; waits++) await sleep(50);
    assert.ok(!lives(), 'a stage that does not listen must die with its run');
  });
});

describe('two runs at once', () => {
  test('one waits for the other and then finds the work done', async (t) => {
    const made = folder(t, SLOW).write('source', '1');
    const first = made.start([]);
    await made.until('here');
    const second = made.start([]);
    const third = await made.repro('--no-wait');
    assert.equal(third.status, 2);
    assert.match(third.messages, new RegExp(`Cannot start as another repro works in this workspace \\(pid ${first.child.pid}\\)`));
    await second.says('waiting for another repro');
    made.write('go', '');
    const [one, two] = await Promise.all([first.ended, second.ended]);
    assert.deepEqual([one.status, two.status], [0, 0], two.messages);
    assert.match(two.messages, new RegExp(`waiting for another repro in this workspace \\(pid ${first.child.pid}, since `));
    assert.match(two.messages, /Nothing to do/);
    assert.equal(made.read('ran'), 'slow\n');
  });

  test('the lock of a killed run is free at once', async (t) => {
    const made = folder(t, SLOW).write('source', '1');
    const first = made.start([]);
    await made.until('here');
    first.child.kill('SIGKILL');
    await first.ended;
    made.write('go', '');
    const next = await made.repro('--no-wait');
    assert.equal(next.status, 0, next.messages);
  });

  test('a run with nothing to do neither waits nor locks', async (t) => {
    const made = folder(t, `stages:\n  other:\n    cmd: echo x > x\n    outs: [x]\n`);
    await made.repro();
    made.write('slow.yaml', SLOW).write('source', '1');
    const first = made.start(['--file', 'slow.yaml']);
    await made.until('here');
    const idle = await made.repro('--no-wait', '--file', 'pipeline.yaml', 'status');
    assert.equal(idle.status, 0);
    made.write('go', '');
    assert.equal((await first.ended).status, 0);
  });
});
