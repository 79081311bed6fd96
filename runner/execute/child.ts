import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Job } from '../model.ts';

/** How long children may take to end by themselves after they were asked to. */
const GRACE_MS = 3000;
const TAIL_LINES = 20;

/**
 * Put before a shell command: when the pipe on descriptor 3 closes (because the runner is gone, even by kill -9), the
 * whole process group ends. Otherwise an orphan would go on writing into the workspace of the next run.
 */
export const DIE_WITH_PARENT = '{ trap "" HUP INT TERM; read -r _ <&3; kill -KILL 0; } & exec 3<&-; ';

/** Runs `use` with a descriptor of the log file, which takes all that the child prints. */
export function openLog(job: Job, append: boolean): number {
  mkdirSync(path.dirname(job.log), { recursive: true });
  return openSync(job.log, append ? 'a' : 'w');
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error: Error | undefined;
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the group is already gone, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error;
  }
}

/** Waits for a detached child; on abort its whole group is asked to end, then made to. */
export function ended(child: ChildProcess, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      killGroup(child, 'SIGTERM');
      timer = setTimeout(() => killGroup(child, 'SIGKILL'), GRACE_MS);
    };
    const finish = (end: Ended): void => {
      signal.removeEventListener('abort', stop);
      clearTimeout(timer);
      // What the stage left running in the background ends with it.
      killGroup(child, 'SIGKILL');
      resolve(end);
    };
    child.once('error', (error) => finish({ code: null, signal: null, error }));
    child.once('exit', (code, by) => finish({ code, signal: by, error: undefined }));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** The last lines of a log, for a failure. */
export function tailOf(log: string): readonly string[] {
  try {
    return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).filter((line, _, all) => all.length > 1 || line !== '');
  } catch {
    // The log could not even be written: the problem itself is told all the same.
    return [];
  }
}

export function closeLog(descriptor: number): void {
  closeSync(descriptor);
}

/** The environment of every stage: fixed time zone and locale, nothing else of the caller's but what was declared. */
export function baseEnv(job: Job): Record<string, string> {
  const env: Record<string, string> = { TZ: 'UTC', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' };
  const bins = [path.join(job.roots.code, 'node_modules', '.bin'), process.env.PATH ?? ''];
  env.PATH = bins.join(path.delimiter);
  for (const name of ['HOME', 'TMPDIR', 'NODE_COMPILE_CACHE', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_ENV_PROXY', ...job.stage.env]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
