import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { takeExclusive } from '../../records/exclusive.ts';
import { scheduleFolder } from './state.ts';

/**
 * Takes the place of the one scheduler of a workspace for as long as this process lives; false where another has it. The kernel
 * frees it when its holder dies, and it holds between containers too, in which every process may have the same number.
 */
export function takePlace(workspace: string): boolean {
  return takeExclusive(DatabaseSync, path.join(scheduleFolder(workspace), 'lock.db')) !== null;
}
