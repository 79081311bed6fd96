import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

export interface Command {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called before each run, outside of the measured time. */
  readonly prepare?: () => void;
}

export interface Timing {
  readonly name: string;
  /** Seconds, sorted. */
  readonly seconds: readonly number[];
  readonly median: number;
}

export function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function once(command: Command): number {
  command.prepare?.();
  const [file, ...args] = command.argv;
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(file, args, { cwd: command.cwd, env: { ...process.env, ...command.env }, encoding: 'utf8' });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) throw new Error(`Cannot measure ${command.name} as it ended with ${status}: ${stderr.slice(-500)}`);
  return seconds;
}

/** Runs all commands in turn, again and again, so that what disturbs the machine disturbs each of them alike. */
export function interleave(commands: readonly Command[], rounds: number): readonly Timing[] {
  const seen = commands.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, command] of commands.entries()) seen[index]?.push(once(command));
  }
  return commands.map((command, index) => {
    const seconds = (seen[index] ?? []).toSorted((a, b) => a - b);
    return { name: command.name, seconds, median: median(seconds) };
  });
}

interface TreeMemory {
  readonly total: number;
  /** Of the process that has most. */
  readonly largest: number;
}

/** Resident memory in bytes of a process and all its descendants, from /proc; 0 where there is none. */
function treeMemory(root: number): TreeMemory {
  const children = new Map<number, number[]>();
  const memory = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const status = readFileSync(`/proc/${entry}/status`, 'utf8');
      const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
      memory.set(Number(entry), Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // The process ended between the listing and the reading: it no longer counts.
      continue;
    }
  }
  let [total, largest] = [0, 0];
  const visit = (pid: number): void => {
    total += memory.get(pid) ?? 0;
    largest = Math.max(largest, memory.get(pid) ?? 0);
    for (const child of children.get(pid) ?? []) visit(child);
  };
  visit(root);
  return { total, largest };
}

/** One run with the largest resident memory of its process tree, sampled ten times a second while `counts`: of all together, and of one process alone. */
export async function timeWithMemory(command: Command, counts = (): boolean => true): Promise<{ seconds: number; bytesMax: number; largestBytesMax: number }> {
  command.prepare?.();
  const [file, ...args] = command.argv;
  const start = process.hrtime.bigint();
  const child = spawn(file, args, { cwd: command.cwd, env: { ...process.env, ...command.env }, stdio: 'ignore' });
  let [bytesMax, largestBytesMax] = [0, 0];
  const timer = setInterval(() => {
    if (child.pid === undefined || process.platform !== 'linux' || !counts()) return;
    const { total, largest } = treeMemory(child.pid);
    bytesMax = Math.max(bytesMax, total);
    largestBytesMax = Math.max(largestBytesMax, largest);
  }, 100);
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(timer);
  if (status !== 0) throw new Error(`Cannot measure ${command.name} as it ended with ${status}`);
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, bytesMax, largestBytesMax };
}
