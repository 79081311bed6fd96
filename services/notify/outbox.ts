import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
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
    if (name.endsWith('.sending') && Date.now() - statSync(file).ctimeMs > TAKEN_MS) renameSync(file, file.replace(/\.\d+\.sending$/, ''));
  }
  return readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
}

/** Sends what waits, oldest first, each by one process alone; stops at the first that nobody takes. How many were sent, and what is left. */
export async function emptyOutbox(workspace: string, send: (message: Message) => Promise<boolean>): Promise<{ readonly sent: readonly Message[]; readonly left: number }> {
  const folder = outboxFolder(workspace);
  const sent: Message[] = [];
  for (const name of waiting(workspace)) {
    const taken = path.join(folder, `${name}.${process.pid}.sending`);
    try {
      renameSync(path.join(folder, name), taken);
    } catch {
      // Another process was quicker.
      continue;
    }
    const message = JSON.parse(readFileSync(taken, 'utf8')) as Message;
    if (await send(message)) {
      rmSync(taken, { force: true });
      sent.push(message);
    } else {
      renameSync(taken, path.join(folder, name));
      break;
    }
  }
  return { sent, left: waiting(workspace).length };
}
