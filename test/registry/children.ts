import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Task } from './child.ts';

export interface Child {
  readonly process: ChildProcess;
  /** Lines that it has printed, each a value. */
  readonly told: unknown[];
  /** How it ended, with all that it told. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly told: readonly unknown[]; readonly errors: string }>;
  /** Resolves when it has told something like this. */
  until(wanted: (told: unknown) => boolean): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Ends whoever still runs, also where it was stopped: for after a test, which may have failed. */
export function endChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts a process of its own that does a task; `shell` comes before it, as `ulimit -f 8`. */
export function start(task: Task, shell?: string): Child {
  const argv = [path.join(import.meta.dirname, 'child.ts'), JSON.stringify(task)];
  const [file, args] = shell === undefined ? [process.execPath, argv] : ['/bin/sh', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, ...argv]];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('close', () => running.delete(child));
  const told: unknown[] = [];
  const waiting: (() => void)[] = [];
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${output}${text}`.split('\n');
    output = lines.pop() ?? '';
    told.push(...lines.map((line) => JSON.parse(line) as unknown));
    for (const look of waiting) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended: Child['ended'] = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, told, errors })));
  return {
    process: child, told, ended,
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => void (told.some(wanted) && resolve());
        waiting.push(look);
        look();
        void ended.then((end) => reject(new Error(`It ended (${end.code ?? end.signal}) before it told that: ${end.errors}`)));
      }),
  };
}
