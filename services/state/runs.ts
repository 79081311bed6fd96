import { readFileSync, readdirSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { RunRecord } from '../../schema/run-record.ts';
import { jsonFile } from './json-file.ts';

export interface Runs {
  /** Ids of the runs that left a record, newest first. */
  ids(): readonly string[];
  /** A run that was killed never says so; where that can be seen it is told as interrupted. */
  read(id: string): RunRecord | null;
  /** How many records could not be read at the last try. */
  unreadable(): number;
}

const ID = /^\d{8}T\d{9}Z-([0-9a-f]{4})$/;
export const isRunId = (text: string): boolean => ID.test(text);
const HELD_MAX = 64;

/** Who holds or last held the lock of the workspace, as the runner writes it down. */
const Holder = z.object({ pid: z.number().int(), host: z.string() });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Whether a run that says that it is under way was killed. Its id ends with its process; another machine's cannot be seen from here. */
function wasKilled(id: string, holder: z.infer<typeof Holder> | null): boolean {
  if (holder === null) return false;
  const isHolder = ID.exec(id)?.[1] === (holder.pid % 0x10000).toString(16).padStart(4, '0');
  return !isHolder || (holder.host === hostname() && !isAlive(holder.pid));
}

/** The records of the runs, each parsed once and again only when its file changed: a scrape or a request costs a few stats. */
export function openRuns(workspace: string): Runs {
  const folder = path.join(workspace, '.repro', 'runs');
  const lock = jsonFile(path.join(workspace, '.repro', 'lock.json'), Holder);
  const held = new Map<string, { readonly stamp: string; readonly record: RunRecord | null }>();
  const broken = new Set<string>();

  function parse(id: string, stamp: string, text: string): RunRecord | null {
    const parsed = RunRecord.safeParse(JSON.parse(text));
    broken[parsed.success ? 'delete' : 'add'](id);
    const record = parsed.success ? parsed.data : null;
    held.set(id, { stamp, record });
    if (held.size > HELD_MAX) held.delete(held.keys().next().value ?? '');
    return record;
  }
  function recordOf(id: string): RunRecord | null {
    const file = path.join(folder, `${id}.json`);
    try {
      const { mtimeMs, size } = statSync(file);
      const stamp = `${mtimeMs}:${size}`;
      const known = held.get(id);
      return known?.stamp === stamp ? known.record : parse(id, stamp, readFileSync(file, 'utf8'));
    } catch (error) {
      // One that was taken away is not broken any more.
      broken[error instanceof SyntaxError ? 'add' : 'delete'](id);
      return null;
    }
  }
  return {
    ids() {
      try {
        const ids = readdirSync(folder).flatMap((name) => (name.endsWith('.json') && ID.test(name.slice(0, -5)) ? [name.slice(0, -5)] : [])).sort().toReversed();
        if (broken.size > 0) for (const id of broken) if (!ids.includes(id)) broken.delete(id);
        return ids;
      } catch {
        // No run has left a record yet.
        broken.clear();
        return [];
      }
    },
    read(id) {
      if (!ID.test(id)) return null;
      const record = recordOf(id);
      if (record?.outcome !== 'running') return record;
      const holder = lock();
      return wasKilled(id, holder.kind === 'read' ? holder.value : null) ? { ...record, outcome: 'interrupted' } : record;
    },
    unreadable: () => broken.size,
  };
}
