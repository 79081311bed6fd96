import path from 'node:path';
import { isTaken, takeExclusive } from '../../records/exclusive.ts';
import { saidLately, scheduleFolder } from './state.ts';
import type { ScheduleState } from './state.ts';

/** Whoever asks whether a scheduler lives holds its lock for less than a millisecond. */
const ASKED_MS = 1000;

const lockFile = (workspace: string): string => path.join(scheduleFolder(workspace), 'lock.db');
/** Loaded where it is needed: most requests and scrapes ask nothing of a scheduler. */
const sqlite = (): typeof import('node:sqlite') => process.getBuiltinModule('node:sqlite');

/**
 * Takes the place of the one scheduler of a workspace for as long as this process lives; false where another has it. The kernel
 * frees it when its holder dies, and it holds between containers too, in which every process may have the same number.
 */
export function takePlace(workspace: string): boolean {
  return takeExclusive(sqlite().DatabaseSync, lockFile(workspace), { waitMs: ASKED_MS }) !== null;
}

/**
 * Whether a scheduler of this workspace lives: its lock says so, whatever the clocks say and however it ended. Where the lock cannot
 * be asked, it lives that said so lately.
 */
export function isAlive(workspace: string, state: ScheduleState, now: Date): boolean {
  return isTaken(sqlite().DatabaseSync, lockFile(workspace)) ?? saidLately(state, now);
}
