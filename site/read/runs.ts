import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { RunRecord } from '../../schema/run-record.ts';

/** The newest runs of a folder of records, newest first; the one given as `current` is always among them. */
export function readRuns(record: string | null, shownMax: number): { readonly current: RunRecord | null; readonly runs: readonly RunRecord[] } {
  if (record === null) return { current: null, runs: [] };
  const folder = path.dirname(record);
  const upTo = path.basename(record);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && name <= upTo).sort().reverse().slice(0, shownMax);
  const runs = names.flatMap((name) => {
    // A record of an older format, or one cut by a crash, is left out: the list is a help, not a proof.
    const read = RunRecord.safeParse(parseOrNull(readFileSync(path.join(folder, name), 'utf8')));
    return read.success ? [read.data] : [];
  });
  const current = runs.find(({ id }) => `${id}.json` === upTo) ?? null;
  return { current, runs: runs.map((run) => (run === current ? settled(run) : run)) };
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** While the report is built its own run still goes on: its outcome is what the stages before it say. */
function settled(run: RunRecord): RunRecord {
  if (run.outcome !== 'running') return run;
  const failed = run.stages.some(({ state }) => state === 'failed' || state === 'blocked');
  const seconds = run.seconds > 0 ? run.seconds : run.stages.reduce((sum, stage) => sum + (stage.state === 'ran' || stage.state === 'failed' ? stage.seconds : 0), 0);
  return { ...run, seconds, outcome: failed ? 'failed' : 'done' };
}
