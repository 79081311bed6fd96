import type { RunRecord, StageReport } from '../run-record.ts';
import type { EngineEvent } from '../session.ts';
import type { Reason } from '../model.ts';
import { wording } from '../wording.ts';
import { cliWording } from '../wording-cli.ts';
import { openBoard } from './board.ts';
import type { Output } from './output.ts';
import { failureLines } from './problem.ts';
import { summaryLines } from './summary.ts';
import { paint, plain } from './style.ts';
import type { Screen } from './style.ts';

export interface ProgressOptions {
  readonly screen: Screen;
  readonly output: Output;
  readonly cwd: string;
  /** Logs are named relative to it. */
  readonly workspace: string;
  readonly verbose: boolean;
  readonly nowMs: () => number;
}

const FRAME_MS = 120;

/** Shows a run to people: on a terminal a list that stays in place, elsewhere one line an event; the summary at its end. */
export function showProgress(options: ProgressOptions): (event: EngineEvent) => void {
  const { screen, output, verbose, nowMs } = options;
  const board = openBoard(screen, nowMs);
  let timer: NodeJS.Timeout | undefined;

  function started(name: string, reasons: readonly Reason[]): void {
    board.start(name, reasons);
    if (screen.isLive) output.region(board.frame());
    else output.line(`▸ ${plain(name)} ${cliWording.started(reasons[0] === undefined ? undefined : plain(reasons[0].text))}`);
  }

  /** On a terminal in the place of the reasons; elsewhere as a line now and then. */
  function said(name: string, line: string): void {
    const isDue = board.say(name, line);
    if (!screen.isLive && (isDue || verbose)) output.line(`    ${plain(name)}: ${plain(line)}`);
  }

  function ended(report: StageReport, tail: readonly string[]): void {
    board.settle(report);
    const isQuiet = report.state === 'fresh' || report.state === 'held' || report.state === 'blocked';
    if (!screen.isLive && (!isQuiet || verbose)) for (const line of board.row(report.name)) output.line(line);
    if (verbose) for (const reason of report.reasons) output.line(`    ${plain(report.name)}: ${plain(reason.text)}`);
    if (report.problem !== null) for (const line of failureLines({ problem: report.problem, tail, log: report.log }, screen, options)) output.line(line);
    if (screen.isLive) output.region(board.frame());
  }

  function finished(run: RunRecord): void {
    clearInterval(timer);
    output.region([]);
    if (!screen.isLive) output.line('');
    for (const line of summaryLines(run, screen)) output.line(line);
  }

  return (event) => {
    switch (event.kind) {
      case 'waiting':
        return output.line(wording.waiting(event.holder.pid, event.holder.since));
      case 'warning':
        return output.line(paint(screen, 'yellow', cliWording.warning(plain(event.text))));
      case 'run-started':
        board.open(event.stages);
        if (screen.isLive) timer = setInterval(() => output.region(board.frame()), FRAME_MS).unref();
        return undefined;
      case 'stage-started':
        return started(event.stage, event.reasons);
      case 'stage-said':
        return said(event.stage, event.line);
      case 'stage-settled':
        return ended(event.report, event.tail);
      case 'run-finished':
        return finished(event.run);
      default: {
        const never: never = event;
        return never;
      }
    }
  };
}
