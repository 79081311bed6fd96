import { existsSync } from 'node:fs';
import path from 'node:path';
import { listFolder, readJson } from './disk.ts';
import type { Disk } from './disk.ts';
import { isRecord, readRecord, recordAsJson, removeRecord, writeRecord } from './record.ts';
import type { Attempt, StageRecord } from './record.ts';

/** Where an out of before waits while its stage runs. */
interface Slot {
  readonly path: string;
  /** False: nothing was there, so whatever a failed run left is taken away again. */
  readonly existed: boolean;
  /** What was there, if it is not what the record says: a version of somebody's own, never thrown away. */
  readonly foreign: string | null;
}

/**
 * Written before the first out is moved: what an interrupted or killed run needs to be undone.
 * It lies in `.repro/aside/<run>/<stage>/journal.json`, the outs beside it by number.
 */
export interface Journal {
  readonly version: 1;
  readonly run: string;
  readonly stage: string;
  /** Hash of the fingerprint that is tried. */
  readonly hash: string;
  readonly record: StageRecord | null;
  readonly slots: readonly Slot[];
}

const asideOf = (workspace: string): string => path.join(workspace, '.repro', 'aside');
const folderOf = (workspace: string, journal: Journal): string => path.join(asideOf(workspace), journal.run, encodeURIComponent(journal.stage));

function isJournal(value: unknown): value is Journal {
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== 1) return false;
  return 'slots' in value && Array.isArray(value.slots) && 'stage' in value && 'record' in value && (value.record === null || isRecord(value.record));
}

/** Invalidates a stage: its record goes, its outs of before are set aside, and a journal says how to undo both. */
export async function setAside(options: { readonly disk: Disk; readonly workspace: string }, journal: Journal): Promise<void> {
  const { disk, workspace } = options;
  const folder = folderOf(workspace, journal);
  // A kill needs no fsync to find the journal; a power cut does, where there is an out of before to find again.
  const fsync = journal.slots.some(({ existed }) => existed);
  await disk.write(path.join(folder, 'journal.json'), JSON.stringify({ ...journal, record: recordAsJson(journal.record ?? undefined) }), { fsync });
  await removeRecord(disk, workspace, journal.stage);
  for (const [index, slot] of journal.slots.entries()) {
    if (slot.existed) await disk.move(path.resolve(workspace, slot.path), path.join(folder, String(index)));
  }
}

/** Undoes what came to nothing: the last good outs and their record are back, with a note of the attempt if it was one. */
export async function bringBack(options: { readonly disk: Disk; readonly workspace: string }, journal: Journal, kind: Attempt['kind'] | undefined): Promise<void> {
  const { disk, workspace } = options;
  const folder = folderOf(workspace, journal);
  for (const [index, slot] of journal.slots.entries()) {
    const [aside, place] = [path.join(folder, String(index)), path.resolve(workspace, slot.path)];
    // An out that was there and is not aside was never moved: it is the good one.
    if (slot.existed && !existsSync(aside)) continue;
    await disk.remove(place);
    if (slot.existed) await disk.move(aside, place);
  }
  const { record } = journal;
  if (record !== null) await writeRecord(disk, workspace, kind === undefined ? record : { ...record, attempt: { kind, hash: journal.hash } });
  await disk.remove(folder);
}

/** After the new record is written: the old outs go, but for a version of somebody's own. Returns where those are kept. */
export async function letGo(options: { readonly disk: Disk; readonly workspace: string }, journal: Journal, outs: Readonly<Record<string, string>>): Promise<readonly { out: string; place: string }[]> {
  const { disk, workspace } = options;
  const folder = folderOf(workspace, journal);
  const kept: { out: string; place: string }[] = [];
  for (const [index, slot] of journal.slots.entries()) {
    const aside = path.join(folder, String(index));
    if (slot.foreign === null || slot.foreign === outs[slot.path] || !existsSync(aside)) continue;
    const place = path.join('.repro', 'kept', journal.run, slot.path.replaceAll('..', '_'));
    await disk.move(aside, path.resolve(workspace, place));
    kept.push({ out: slot.path, place });
  }
  await disk.remove(folder);
  return kept;
}

/** Journals that a killed run left; while another run is at work these are its own. */
export function journalsOf(workspace: string): readonly Journal[] {
  const aside = asideOf(workspace);
  return listFolder(aside).flatMap((run) =>
    listFolder(path.join(aside, run)).flatMap((stage) => {
      const value: unknown = readJson(path.join(aside, run, stage, 'journal.json'));
      return isJournal(value) ? [value] : [];
    }),
  );
}

/** Whether there is anything to repair; as cheap as one look at a folder. */
export function hasJournals(workspace: string): boolean {
  return listFolder(asideOf(workspace)).some((run) => listFolder(path.join(asideOf(workspace), run)).length > 0);
}

/** At the end of a run: its empty folder goes, so that the next one sees at a glance that there is nothing to repair. */
export async function tidyAside(disk: Disk, workspace: string): Promise<void> {
  if (!hasJournals(workspace)) await disk.remove(asideOf(workspace));
}

/** Under the workspace lock: undoes what killed runs left. Returns the stages whose last good results are back. */
export async function repair(options: { readonly disk: Disk; readonly workspace: string }): Promise<readonly string[]> {
  const { disk, workspace } = options;
  const repaired: string[] = [];
  for (const journal of journalsOf(workspace)) {
    const record = readRecord(workspace, journal.stage);
    if (record?.run === journal.run && record.attempt === null) await letGo(options, journal, record.outs);
    else {
      await bringBack(options, journal, 'killed');
      repaired.push(journal.stage);
    }
  }
  // A journal of another version or a torn one: what lies beside it may be somebody's last good result.
  if (hasJournals(workspace)) await disk.move(asideOf(workspace), path.join(workspace, '.repro', 'kept', `aside-${process.pid}`));
  await disk.remove(asideOf(workspace));
  await disk.remove(path.join(workspace, '.repro', 'tmp'));
  return repaired;
}
