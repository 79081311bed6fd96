import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { RunRecord } from '../../schema/run-record.ts';

export interface Runs {
  /** Ids of the runs that left a record, newest first. */
  ids(): readonly string[];
  read(id: string): RunRecord | null;
  /** How many records could not be read at the last try. */
  unreadable(): number;
}

const ID = /^\d{8}T\d{9}Z-[0-9a-f]{4}$/;
const HELD_MAX = 64;

/** The records of the runs, each parsed once and again only when its file changed: a scrape or a request costs a few stats. */
export function openRuns(workspace: string): Runs {
  const folder = path.join(workspace, '.repro', 'runs');
  const held = new Map<string, { readonly stamp: string; readonly record: RunRecord | null }>();
  const broken = new Set<string>();
  return {
    ids() {
      try {
        return readdirSync(folder).flatMap((name) => (name.endsWith('.json') && ID.test(name.slice(0, -5)) ? [name.slice(0, -5)] : [])).sort().toReversed();
      } catch {
        // No run has left a record yet.
        return [];
      }
    },
    read(id) {
      if (!ID.test(id)) return null;
      const file = path.join(folder, `${id}.json`);
      try {
        const { mtimeMs, size } = statSync(file);
        const stamp = `${mtimeMs}:${size}`;
        const known = held.get(id);
        if (known?.stamp === stamp) return known.record;
        const parsed = RunRecord.safeParse(JSON.parse(readFileSync(file, 'utf8')));
        broken[parsed.success ? 'delete' : 'add'](id);
        const record = parsed.success ? parsed.data : null;
        held.set(id, { stamp, record });
        if (held.size > HELD_MAX) held.delete(held.keys().next().value ?? '');
        return record;
      } catch (error) {
        if (error instanceof SyntaxError) broken.add(id);
        return null;
      }
    },
    unreadable: () => broken.size,
  };
}
