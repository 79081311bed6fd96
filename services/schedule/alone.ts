import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { scheduleFolder } from './state.ts';

/**
 * Takes the place of the one scheduler of a workspace for as long as this process lives; false where another has it. An exclusive
 * transaction of SQLite is a lock of the operating system: the kernel frees it when its holder dies, and it holds between
 * containers too, in which every process may have the same number.
 */
export function takePlace(workspace: string): boolean {
  mkdirSync(scheduleFolder(workspace), { recursive: true });
  const database = new DatabaseSync(path.join(scheduleFolder(workspace), 'lock.db'));
  try {
    database.exec('begin exclusive');
    held.push(database);
    return true;
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) return false;
    throw error;
  }
}

/** Kept from the collector of garbage, which would close it. */
const held: DatabaseSync[] = [];
