import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../records/atomic.ts';
import { Instant } from '../schema/app.ts';

/** Beside the raw store: that reviews left it as they were too old, and results of earlier runs may still show them. */
export const DROPPED_FILE = 'stores/raw/dropped.json';

const Dropped = z.object({ before: Instant });

/** The instant before which nothing is to be kept; null where nothing was dropped since the last time. */
export function readDropped(file: string): string | null {
  return existsSync(file) ? Dropped.parse(JSON.parse(readFileSync(file, 'utf8'))).before : null;
}

export function noteDropped(file: string, before: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeAtomic(file, `${JSON.stringify({ before })}\n`);
}

export function clearDropped(file: string): void {
  rmSync(file, { force: true });
}
