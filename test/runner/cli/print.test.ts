import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, test } from 'node:test';
import { openOutput } from '../../../runner/print/output.ts';
import { problemLines } from '../../../runner/print/problem.ts';
import { showProgress } from '../../../runner/print/progress.ts';
import { nameWidth, rowLines } from '../../../runner/print/row.ts';
import { cut, plain, screenOf, timeText, widthOf } from '../../../runner/print/style.ts';
import type { Screen } from '../../../runner/print/style.ts';
import type { RunRecord, StageReport } from '../../../runner/run-record.ts';

/** A stream that keeps what is written to it; a terminal of so many columns, or a pipe. */
function stream(columns: number | undefined): NodeJS.WriteStream & { readonly text: () => string } {
  let text = '';
  const made = Object.assign(new EventEmitter(), { isTTY: columns !== undefined, columns, rows: 12, write: (more: string) => ((text += more), true), text: () => text, getColorDepth: () => 1, hasColors: () => false });
  return made as unknown as NodeJS.WriteStream & { readonly text: () => string };
}

const screen = (columns: number | undefined, env: Record<string, string> = {}): Screen & { stream: ReturnType<typeof stream> } => {
  const made = stream(columns);
  return { ...screenOf(made, env), stream: made };
};

const row = { name: 'train@logistic-regression', state: 'ran', seconds: 12.34, reasons: [{ kind: 'param', text: 'params train.logistic-regression.C: 1 -> 4' }, { kind: 'dep', text: 'dep x changed' }] } as const;

describe('a line', () => {
  test('shows state, name, time, the first reason and how many more there are', () => {
    const pipe = screen(undefined);
    assert.deepEqual(rowLines(row, pipe, nameWidth([row.name], pipe)), ['✔ train@logistic-regression ran         12.3 s      params train.logistic-regression.C: 1 -> 4 (+1 more)']);
  });

  test('is never wider than the terminal; a narrow one gets two', () => {
    for (const columns of [40, 60, 64, 80, 120]) {
      const terminal = screen(columns);
      const lines = rowLines(row, terminal, nameWidth([row.name], terminal));
      for (const line of lines) assert.ok(widthOf(line) <= columns, `${columns}: ${line}`);
      assert.equal(lines.length, columns < 64 ? 2 : 1);
    }
  });

  test('a terminal that says it has no columns counts as one of 80', () => {
    assert.equal(screen(0).width, 80);
    assert.equal(screen(undefined).width, undefined);
  });

  test('stays in place only on a terminal that can, outside of CI', () => {
    assert.equal(screen(80).isLive, true);
    assert.equal(screen(80, { TERM: 'dumb' }).isLive, false);
    assert.equal(screen(80, { CI: 'true' }).isLive, false);
    assert.equal(screen(undefined).isLive, false);
  });
});

describe('text of others', () => {
  test('loses escape sequences, control characters and marks that turn its direction', () => {
    assert.equal(plain('a\u001b[31mred\u001b[0m\u001b]0;title\u0007b\rc\u0000\u009bd\u202egnp.exe\te'), 'aredbcdgnp.exe  e');
  });

  test('is measured and cut by columns, not by code units', () => {
    assert.equal(widthOf('日本é👍'), 7);
    assert.equal(cut('日本語', 5), '日本…');
    assert.equal(cut('short', 5), 'short');
  });

  test('in a problem cannot forge lines or colours', () => {
    const lines = problemLines({ kind: 'x', message: 'bad \u001b[2Jname', place: { file: 'pipeline.yaml', line: 3, column: 7 }, hint: 'do\u001b[1Athis' }, screen(undefined), '/');
    assert.deepEqual(lines, ['error: bad name', '  --> pipeline.yaml:3:7', '  hint: dothis']);
  });
});

test('times are told in the unit that fits', () => {
  assert.deepEqual([0.004, 9.994, 12.34, 61, 3599.6, 7300].map(timeText), ['0.00 s', '9.99 s', '12.3 s', '1 min 1 s', '1 h 0 min', '2 h 1 min']);
});

const report: StageReport = { name: 'a', state: 'ran', reasons: [{ kind: 'never-ran', text: 'never ran' }], seconds: 1, secondsSaved: 0, log: null, facts: {}, headline: '412 new reviews', problem: null, events: [], changed: true };
const run: RunRecord = { version: 1, id: 'r', startedAt: '', finishedAt: '', command: [], overrides: [], outcome: 'done', seconds: 1.5, secondsSaved: 41, asOf: '', stages: [report, { ...report, name: 'b', state: 'fresh', reasons: [], headline: 'old news' }] };

test('what a stage says of its progress is shown in its place on a terminal, elsewhere now and then', () => {
  for (const columns of [80, undefined]) {
    const made = screen(columns);
    let now = 0;
    const show = showProgress({ screen: made, output: openOutput(made), cwd: '/', workspace: '/', verbose: false, nowMs: () => now });
    show({ kind: 'run-started', run: 'r', stages: ['a', 'b'] });
    show({ kind: 'stage-started', stage: 'a', reasons: [] });
    show({ kind: 'stage-said', stage: 'a', line: 'page 1 of it' });
    show({ kind: 'stage-started', stage: 'b', reasons: [] });
    assert.equal(made.stream.text().includes('page 1 of it'), columns !== undefined, 'too soon for a line of its own');
    now = 10_000;
    show({ kind: 'stage-said', stage: 'a', line: '\u001b[31mpage 2 of it' });
    show({ kind: 'stage-settled', report: { ...report, name: 'b' }, tail: [] });
    assert.ok(made.stream.text().includes('page 2 of it'));
    assert.ok(!made.stream.text().includes('\u001b[31mpage'));
    show({ kind: 'run-finished', run });
  }
});

function play(screenOfTest: Screen & { stream: ReturnType<typeof stream> }): string {
  const show = showProgress({ screen: screenOfTest, output: openOutput(screenOfTest), cwd: '/', workspace: '/', verbose: false, nowMs: () => 0 });
  show({ kind: 'run-started', run: 'r', stages: ['a', 'b'] });
  show({ kind: 'stage-started', stage: 'a', reasons: report.reasons });
  show({ kind: 'stage-settled', report, tail: [] });
  show({ kind: 'warning', stage: 'a', text: 'look here' });
  show({ kind: 'run-finished', run });
  return screenOfTest.stream.text();
}

describe('progress', () => {
  test('in a pipe is one line an event, then the summary with what mattered', () => {
    assert.equal(
      play(screen(undefined)),
      [
        '▸ a started: never ran',
        '✔ a    ran         1.00 s      never ran',
        'warning: look here',
        '',
        '✔ a    ran         1.00 s      never ran',
        '≡ b    fresh',
        '',
        '412 new reviews',
        '',
        '2 stages: 1 ran, 1 fresh in 1.50 s; 41.0 s saved',
        '',
      ].join('\n'),
    );
  });

  test('on a terminal is a list that is taken back before the summary', () => {
    const text = play(screen(80));
    const lines = text.split('\n');
    assert.ok(text.includes('\u001B[2A\u001B[0J'));
    assert.ok(!text.includes('started'));
    // What a terminal shows in the end: play the moves up and the clearing.
    const shown: string[] = [];
    for (const line of lines) {
      const move = /^\u001B\[(\d+)A\u001B\[0J/.exec(line);
      if (move !== null) shown.splice(shown.length - Number(move[1]));
      shown.push(line.replace(/^\u001B\[\d+A\u001B\[0J/, ''));
    }
    assert.deepEqual(shown.slice(0, 3), ['warning: look here', '✔ a    ran         1.00 s      never ran', '≡ b    fresh']);
  });

  test('a closed stream is written to no more', () => {
    const terminal = screen(undefined);
    const output = openOutput(terminal);
    output.line('one');
    terminal.stream.emit('error', Object.assign(new Error('EPIPE'), { code: 'EPIPE' }));
    output.line('two');
    assert.equal(terminal.stream.text(), 'one\n');
  });
});
