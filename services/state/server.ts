import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../../records/atomic.ts';

/** What a server of several processes tells of itself, in `.repro/server.json`: a deployment reads whom to signal, and how it ended. */
export const ServerState = z.object({
  pid: z.number().int().positive(),
  /** Made at the start, and in the answer of /livez: what answers there is the server that wrote this, and it is alive. */
  instance: z.string(),
  /** The link that its processes follow; null where they run the code of the server itself. */
  current: z.string().nullable(),
  workers: z.number().int().positive(),
  /** So many of its processes ended by themselves. */
  deaths: z.number().int(),
  /** So many times it was asked, by SIGHUP, to replace its processes. */
  asked: z.number().int(),
  /** How that ended the last time: at the so-manieth, and which code they all run since then (null: not the same). */
  ended: z.object({ turn: z.number().int(), done: z.boolean(), code: z.string().nullable() }).nullable(),
});
export type ServerState = z.infer<typeof ServerState>;

export const serverStateFile = (workspace: string): string => path.join(workspace, '.repro', 'server.json');

/** Null where no server wrote one, or it cannot be read. */
export function readServerState(workspace: string): ServerState | null {
  try {
    return ServerState.safeParse(JSON.parse(readFileSync(serverStateFile(workspace), 'utf8'))).data ?? null;
  } catch {
    return null;
  }
}

export function writeServerState(workspace: string, state: ServerState): void {
  mkdirSync(path.dirname(serverStateFile(workspace)), { recursive: true });
  writeAtomic(serverStateFile(workspace), `${JSON.stringify(state)}\n`);
}

/** Where it is still this server's: another one may have written its own meanwhile. */
export function removeServerState(workspace: string, instance: string): void {
  if (readServerState(workspace)?.instance === instance) rmSync(serverStateFile(workspace), { force: true });
}

/** One name for a link, however it was typed; the link itself is not followed. */
export function linkOf(typed: string): string {
  const full = path.resolve(typed);
  return path.join(realpathSync(path.dirname(full)), path.basename(full));
}

/** Which code: two folders of one name are two versions, and nobody outside learns where they lie. */
export function codeIdOf(folder: string): string {
  return createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 12);
}
