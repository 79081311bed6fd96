import type { Reason } from '../model.ts';
import type { StageReport } from '../run-record.ts';
import { nameWidth, rowLines } from './row.ts';
import { paint } from './style.ts';
import type { Screen } from './style.ts';

interface Running {
  readonly reasons: readonly Reason[];
  readonly sinceMs: number;
  /** When its progress was last shown. */
  readonly saidMs: number;
}

/** Where lines stay, a stage's progress is shown at most so often. */
const SAID_MS = 10_000;

/** How each stage of a run stands, as lines. */
export interface Board {
  open(names: readonly string[]): void;
  start(name: string, reasons: readonly Reason[]): void;
  /** Takes what a stage says of its progress in; whether a line of its own is due. */
  say(name: string, line: string): boolean;
  settle(report: StageReport): void;
  row(name: string): readonly string[];
  /** All stages if they fit; else those under way, and how many are done. */
  frame(): readonly string[];
}

export function openBoard(screen: Screen, nowMs: () => number): Board {
  let names: readonly string[] = [];
  let width = 0;
  const running = new Map<string, Running>();
  const settled = new Map<string, StageReport>();

  const row = (name: string): readonly string[] => {
    const [under, done] = [running.get(name), settled.get(name)];
    if (under !== undefined) return rowLines({ name, state: 'running', reasons: under.reasons, seconds: (nowMs() - under.sinceMs) / 1000 }, screen, width);
    if (done !== undefined) return rowLines({ name, state: done.state, reasons: done.reasons, seconds: done.seconds > 0 ? done.seconds : undefined }, screen, width);
    return rowLines({ name, state: 'pending', reasons: [] }, screen, width);
  };

  return {
    row,
    open(all) {
      names = all;
      width = nameWidth(names, screen);
    },
    start: (name, reasons) => void running.set(name, { reasons, sinceMs: nowMs(), saidMs: nowMs() }),
    say(name, line) {
      const under = running.get(name);
      if (under === undefined) return false;
      const isDue = nowMs() - under.saidMs >= SAID_MS;
      running.set(name, { ...under, reasons: [{ kind: 'said', text: line }], saidMs: isDue ? nowMs() : under.saidMs });
      return isDue;
    },
    settle(report) {
      running.delete(report.name);
      settled.set(report.name, report);
    },
    frame() {
      const all = names.flatMap(row);
      if (all.length <= screen.height - 2) return all;
      return [...[...running.keys()].flatMap(row), paint(screen, 'dim', `${settled.size}/${names.length}`)];
    },
  };
}
