import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../../records/atomic.ts';
import type { Message } from './message.ts';
import type { Sent, Unsent } from './send.ts';

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

/** Keeps a file for a person to look at under this name, out of the way of the others; of many the newest. */
function setAside(workspace: string, { taken, name, why }: { readonly taken: string; readonly name: string; readonly why: 'cut' | 'refused' }): string {
  const folder = outboxFolder(workspace);
  renameSync(taken, path.join(folder, `${name}.${why}`));
  for (const old of readdirSync(folder).filter((each) => each.endsWith(`.${why}`)).sort().slice(0, -KEPT)) rmSync(path.join(folder, old), { force: true });
  return `${name}.${why}`;
}

/** What became of a file of the outbox: sent; or set aside under a name, since it holds no whole message or its receiver will never take it; or left. */
export type Fate =
  | { readonly kind: 'sent'; readonly message: Message }
  | { readonly kind: 'cut'; readonly name: string }
  | { readonly kind: 'refused'; readonly message: Message; readonly name: string; readonly answer: Unsent }
  | { readonly kind: 'left'; readonly message: Message; readonly answer: Unsent };

/** Sends what waits, oldest first, each by one process alone, and tells of each; stops at the first that could only be sent later. */
export async function* emptyOutbox(workspace: string, send: (message: Message) => Promise<Sent>): AsyncGenerator<Fate> {
  const folder = outboxFolder(workspace);
  for (const name of waiting(workspace)) {
    const taken = path.join(folder, `${name}.${process.pid}.sending`);
    if (!moveIfThere(path.join(folder, name), taken)) continue;
    const message = read(taken);
    if (message === null) {
      yield { kind: 'cut', name: setAside(workspace, { taken, name, why: 'cut' }) };
      continue;
    }
    const answer = await send(message);
    if (answer.kind === 'taken') {
      rmSync(taken, { force: true });
      yield { kind: 'sent', message };
    } else if (answer.kind === 'refused') yield { kind: 'refused', message, name: setAside(workspace, { taken, name, why: 'refused' }), answer };
    else {
      renameSync(taken, path.join(folder, name));
      yield { kind: 'left', message, answer };
      return;
    }
  }
}

export const countWaiting = (workspace: string): number => waiting(workspace).length;
