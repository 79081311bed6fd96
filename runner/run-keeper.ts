import { writeRun } from './run-record.ts';
import type { RunOutcome, RunRecord, StageReport } from './run-record.ts';
import type { Selection } from './selection.ts';
import type { Session } from './session.ts';

/** Keeps the record of a run on disk while the run goes on: one write at a time, each with the newest state. */
export interface RunKeeper {
  update(reports: ReadonlyMap<string, StageReport>): void;
  /** Resolves when everything that was told so far is on disk; rejects with the first error of a write. */
  flush(): Promise<void>;
  finish(outcome: RunOutcome): Promise<RunRecord>;
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;

function pending(name: string): StageReport {
  return { name, state: 'pending', reasons: [], seconds: 0, secondsSaved: 0, log: null, facts: {}, headline: null, problem: null, events: [], changed: false };
}

export function keepRunRecord(session: Session, selection: Selection): RunKeeper {
  const { now, disk, command } = session.surroundings;
  const { workspace } = session.pipeline.roots;
  const startMs = now().getTime();
  let reports: ReadonlyMap<string, StageReport> = new Map();
  let writing: Promise<void> = Promise.resolve();
  let isQueued = false;
  let failure: unknown;

  function snapshot(outcome: RunOutcome): RunRecord {
    const atMs = now().getTime();
    const stages = selection.stages.map(({ name }) => reports.get(name) ?? pending(name));
    return {
      version: 1,
      id: session.run,
      startedAt: session.asOf,
      finishedAt: outcome === 'running' ? null : new Date(atMs).toISOString(),
      command,
      overrides: session.pipeline.overrides,
      outcome,
      seconds: milliseconds((atMs - startMs) / 1000),
      secondsSaved: milliseconds(stages.reduce((sum, stage) => sum + stage.secondsSaved, 0)),
      asOf: session.asOf,
      stages,
    };
  }

  async function writeNow(): Promise<void> {
    isQueued = false;
    await writeRun(disk, workspace, snapshot('running'));
  }

  return {
    update(current) {
      reports = current;
      if (isQueued) return;
      isQueued = true;
      writing = writing.then(writeNow).catch((error: unknown) => {
        failure ??= error;
      });
    },
    async flush() {
      await writing;
      if (failure !== undefined) throw failure;
    },
    async finish(outcome) {
      await writing;
      const run = snapshot(outcome);
      await writeRun(disk, workspace, run);
      return run;
    },
  };
}
