import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../../records/atomic.ts';
import type { Message } from './message.ts';

export const outboxFolder = (workspace: string): string => path.join(workspace, '.repro', 'alerts', 'outbox');

/** What a process that was killed while it sent has taken is sent again after this. */
const TAKEN_MS = 120_000;
/** More than this wait for nobody: the oldest are dropped. */
const KEPT = 200;

/** A message is on disk before it is sent, and leaves when somebody took it: an outage or a kill loses none. */
export function putOut(workspace: string, message: Message): void {
  const folder = outboxFolder(workspace);
  mkdirSync(folder, { recursive: true });
  writeAtomic(path.join(folder, `${message.at.replaceAll(/[-:.]/g, '')}-${message.id}.json`), JSON.stringify(message));
  for (const name of waiting(workspace).slice(0, -KEPT)) rmSync(path.join(folder, name), { force: true });
}

function waiting(workspace: string): readonly string[] {
  const folder = outboxFolder(workspace);
  if (!existsSync(folder)) return [];
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const taken = name.endsWith('.sending') ? statSync(file, { throwIfNoEntry: false }) : undefined;
    if (taken !== undefined && Date.now() - taken.ctimeMs > TAKEN_MS) moveIfThere(file, file.replace(/\.\d+\.sending$/, ''));
  }
  return readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
}

/** False where another process was quicker. */
function moveIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** What sending a message looks at; the rest of it is for whoever gets it. */
const Sendable = z.looseObject({ id: z.string(), kind: z.string(), stage: z.string().nullable(), run: z.looseObject({ id: z.string() }) });

/** Null where the file was cut, or holds something else. */
function read(file: string): Message | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Sendable.safeParse(value).success ? (value as Message) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

interface Emptied {
  readonly sent: readonly Message[];
  readonly left: number;
  /** Files that hold no whole message: set aside under this name, since no later try would make more of them. */
  readonly cut: readonly string[];
}

/** Sends what waits, oldest first, each by one process alone; stops at the first that nobody takes. */
export async function emptyOutbox(workspace: string, send: (message: Message) => Promise<boolean>): Promise<Emptied> {
  const folder = outboxFolder(workspace);
  const sent: Message[] = [];
  const cut: string[] = [];
  for (const name of waiting(workspace)) {
    const taken = path.join(folder, `${name}.${process.pid}.sending`);
    if (!moveIfThere(path.join(folder, name), taken)) continue;
    const message = read(taken);
    if (message === null) {
      renameSync(taken, path.join(folder, `${name}.cut`));
      cut.push(`${name}.cut`);
    } else if (await send(message)) {
      rmSync(taken, { force: true });
      sent.push(message);
    } else {
      renameSync(taken, path.join(folder, name));
      break;
    }
  }
  return { sent, left: waiting(workspace).length, cut };
}
