import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { healthOf } from './health.ts';
import { wording } from './wording.ts';

const START_MS = 20_000;
/** One process, which writes neither a log nor a file that names it, may change nothing, and is asked as often as we like. */
const FLAGS = ['--host', '127.0.0.1', '--port', '0', '--workers', '1', '--rate', '0'];
const QUIET = { LOG_FILES: '0', API_TOKEN: '', API_TOKEN_FILE: '' };

/** The port on which it says that it is ready; undefined where it ends before. */
function portOf(child: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.on('message', (message: { readonly kind?: unknown; readonly port?: unknown } | null) => void (message?.kind === 'ready' && typeof message.port === 'number' && resolve(message.port)));
    child.once('exit', () => resolve(undefined));
  });
}

export interface Rehearsed {
  readonly workspace: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Starts a version on a port of its own and asks it what a reader would ask; why it is not well, or null. */
export async function rehearse(version: string, { workspace, say, signal }: Rehearsed): Promise<string | null> {
  // By the channel it learns that we are gone, even by kill -9: it would serve for ever.
  const child = spawn(process.execPath, [path.join(version, 'services/serve.js'), '--workspace', workspace, ...FLAGS], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: { ...process.env, ...QUIET } });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()).once('error', () => resolve()));
  try {
    const port = await Promise.race([portOf(child), sleep(START_MS, null, { signal, ref: false })]);
    if (port === null) return wording.noAnswer;
    if (port === undefined) {
      await ended;
      return wording.ended(child.exitCode, said.trim().split('\n').slice(-3).join(' '));
    }
    const health = await healthOf(`http://127.0.0.1:${port}`, workspace);
    if (health.kind === 'empty') say(wording.empty);
    return health.kind === 'ill' ? health.why : null;
  } finally {
    // Nobody uses it: there is nothing to finish.
    child.kill('SIGKILL');
    await ended;
  }
}
