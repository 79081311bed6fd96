import type { RunRecord, StageReport } from '../run-record.ts';
import type { EngineEvent } from '../session.ts';
import type { Reason } from '../model.ts';
import { wording } from '../wording.ts';
import { cliWording } from '../wording-cli.ts';
import type { Output } from './output.ts';
import { failureLines } from './problem.ts';
import { nameWidth, rowLines } from './row.ts';
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

/** Where lines stay, a stage's progress is shown at most so often. */
const SAID_MS = 10_000;

interface Running {
  readonly reasons: readonly Reason[];
  readonly sinceMs: number;
  /** When its progress was last shown. */
  readonly saidMs: number;
}

/** Shows a run to people: on a terminal a list that stays in place, elsewhere one line an event; the summary at its end. */
export function showProgress(options: ProgressOptions): (event: EngineEvent) => void {
  const { screen, output, verbose, nowMs } = options;
  let names: readonly string[] = [];
  let width = 0;
  let timer: NodeJS.Timeout | undefined;
  const running = new Map<string, Running>();
  const settled = new Map<string, StageReport>();

  const row = (name: string): readonly string[] => {
    const [under, done] = [running.get(name), settled.get(name)];
    if (under !== undefined) return rowLines({ name, state: 'running', reasons: under.reasons, seconds: (nowMs() - under.sinceMs) / 1000 }, screen, width);
    if (done !== undefined) return rowLines({ name, state: done.state, reasons: done.reasons, seconds: done.seconds > 0 ? done.seconds : undefined }, screen, width);
    return rowLines({ name, state: 'pending', reasons: [] }, screen, width);
  };

  /** All stages if they fit; else those under way, and how many are done. */
  function frame(): readonly string[] {
    const all = names.flatMap(row);
    if (all.length <= screen.height - 2) return all;
    return [...[...running.keys()].flatMap(row), paint(screen, 'dim', `${settled.size}/${names.length}`)];
  }

  function started(name: string, reasons: readonly Reason[]): void {
    running.set(name, { reasons, sinceMs: nowMs(), saidMs: nowMs() });
    if (screen.isLive) output.region(frame());
    else output.line(`▸ ${plain(name)} ${cliWording.started(reasons[0] === undefined ? undefined : plain(reasons[0].text))}`);
  }

  /** On a terminal in the place of the reasons; elsewhere as a line now and then. */
  function said(name: string, line: string): void {
    const under = running.get(name);
    if (under === undefined) return;
    if (screen.isLive) running.set(name, { ...under, reasons: [{ kind: 'said', text: line }] });
    else if (verbose || nowMs() - under.saidMs >= SAID_MS) {
      running.set(name, { ...under, saidMs: nowMs() });
      output.line(`    ${plain(name)}: ${plain(line)}`);
    }
  }

  function ended(report: StageReport, tail: readonly string[]): void {
    running.delete(report.name);
    settled.set(report.name, report);
    const isQuiet = report.state === 'fresh' || report.state === 'held' || report.state === 'blocked';
    if (!screen.isLive && (!isQuiet || verbose)) for (const line of row(report.name)) output.line(line);
    if (verbose) for (const reason of report.reasons) output.line(`    ${plain(report.name)}: ${plain(reason.text)}`);
    if (report.problem !== null) for (const line of failureLines({ problem: report.problem, tail, log: report.log }, screen, options)) output.line(line);
    if (screen.isLive) output.region(frame());
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
        names = event.stages;
        width = nameWidth(names, screen);
        if (screen.isLive) timer = setInterval(() => output.region(frame()), FRAME_MS).unref();
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
