import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JobResult } from '../../../runner/model.ts';
import { rig } from './rig.ts';
import type { Rig } from './rig.ts';

const KEEP = 'cat "$REPRO_EVENT" >> told.jsonl; echo "$REPRO_CODE|$REPRO_WORKSPACE" >> where.txt';
const failure: JobResult = { kind: 'failed', problem: { kind: 'exit', message: 'Cannot go on', hint: 'Mend it' }, tail: [], events: [] };

interface Told {
  readonly kind: string;
  readonly stage: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly emitted: readonly string[];
  readonly problem: unknown;
  readonly run: { readonly id: string; readonly outcome: string };
}

/** Each event is an object of its own, one after the other. */
function told(made: Rig): readonly Told[] {
  return made.has('told.jsonl') ? made.read('told.jsonl').split(/(?<=^\})\n/m).filter((text) => text.trim() !== '').map((text) => JSON.parse(text) as Told) : [];
}

describe('hooks', () => {
  test('get what a stage emitted, with the stage and the run', async (t) => {
    const made = rig(t);
    made.declare({ gate: { outs: ['o'], does: (job) => (made.write('o', job.stage.name), { events: [{ kind: 'rejected', facts: { score: 0.5 } }, { kind: 'unheard', facts: {} }] }) } });
    made.hooks = { rejected: [KEEP] };
    const { id } = await made.record();
    assert.deepEqual(told(made).map(({ kind, stage, facts, run }) => [kind, stage, facts, run.id, run.outcome]), [['rejected', 'gate', { score: 0.5 }, id, 'done']]);
    assert.equal(made.read('where.txt'), `${made.workspace}|${made.workspace}\n`);
  });

  test('are told of a failed stage with its problem, and of how the run ended', async (t) => {
    const made = rig(t);
    made.declare({ a: { outs: ['o'], does: () => failure } });
    made.hooks = { 'stage-failed': [KEEP], 'run-failed': [KEEP], 'run-done': [KEEP] };
    await made.run();
    assert.deepEqual(told(made).map(({ kind, stage, problem }) => [kind, stage, problem]), [['stage-failed', 'a', { message: 'Cannot go on', hint: 'Mend it' }], ['run-failed', null, null]]);
  });

  test('are told with a failure what its stage emitted, so that one incident need not be told twice', async (t) => {
    const made = rig(t);
    made.declare({ a: { outs: ['o'], does: () => ({ ...failure, events: [{ kind: 'bad-data', facts: {} }] }) } });
    made.hooks = { 'stage-failed': [KEEP], 'bad-data': [KEEP], 'run-failed': [KEEP] };
    await made.run();
    assert.deepEqual(told(made).map(({ kind, emitted }) => [kind, emitted]), [['bad-data', ['bad-data']], ['stage-failed', ['bad-data']], ['run-failed', []]]);
  });

  test('hear of an event once: a stage that did not run again tells nothing again', async (t) => {
    const made = rig(t);
    made.declare({
      gate: { outs: ['o'], does: (job) => (made.write('o', job.stage.name), { events: [{ kind: 'rejected', facts: {} }] }) },
      other: { deps: ['in'], outs: ['p'] },
    });
    made.write('in', '1');
    made.hooks = { rejected: [KEEP], 'run-done': [KEEP] };
    await made.run();
    await made.run();
    made.write('in', '2');
    await made.run();
    assert.deepEqual(told(made).map(({ kind }) => kind), ['rejected', 'run-done', 'run-done'], 'a run with nothing to do tells nothing');
  });

  test('that fail are told of, with the log of what they said, and change nothing', async (t) => {
    const made = rig(t);
    made.declare({ a: { outs: ['o'], does: (job) => void made.write('o', job.stage.name) } });
    made.hooks = { 'run-done': ['echo out of order; exit 3', KEEP] };
    const run = await made.record();
    assert.equal(run.outcome, 'done');
    const warning = made.events.find((event) => event.kind === 'warning');
    assert.match(warning?.kind === 'warning' ? warning.text : '', /hook for run-done failed: it ended with 3 \(see \.repro\/logs\/.*hooks\.log\)/);
    assert.match(made.read(`.repro/logs/${run.id}/hooks.log`), /out of order/);
    assert.equal(told(made).length, 1, 'the next command runs all the same');
  });

  test('run when the workspace is free again: a hook may look at it, and start a run', async (t) => {
    const made = rig(t);
    made.declare({ a: { outs: ['o'], does: (job) => void made.write('o', job.stage.name) } });
    made.hooks = { 'run-done': [`node -e "const { DatabaseSync } = require('node:sqlite'); new DatabaseSync('.repro/lock.db').exec('BEGIN EXCLUSIVE')"`] };
    await made.run();
    assert.equal(made.events.some(({ kind }) => kind === 'warning'), false);
  });
});
