import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Dealer, Subscriber } from 'zeromq';
import { DIE_WITH_PARENT } from './child.ts';
import { createWire } from './kernel-wire.ts';
import type { Message } from './kernel-wire.ts';

const READY_MS = 30_000;
const ASK_AGAIN_MS = 100;

/** What a cell gave: its messages in order, and the reply. */
export interface Executed {
  readonly messages: readonly Message[];
  readonly reply: Message | undefined;
  /** Whether it came to its end, took too long, or took the kernel with it: its process is gone. */
  readonly end: 'done' | 'timeout' | 'gone';
}

export interface Kernel {
  execute(code: string, timeoutMs: number): Promise<Executed>;
  close(): void;
}

/** Ports that are free now: the kernel wants them named before it starts. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Deno's own binary, from the package of this platform: its wrapper would be one process more to lose. */
export function denoBinary(code: string): string {
  const manifest = realpathSync(path.join(code, 'node_modules', 'deno-runtime', 'package.json'));
  const platform = `@deno/${process.platform}-${process.arch}${process.platform === 'linux' ? '-glibc' : ''}`;
  const folder = path.dirname(createRequire(manifest).resolve(`${platform}/package.json`));
  return path.join(folder, process.platform === 'win32' ? 'deno.exe' : 'deno');
}

class Connection {
  private readonly listeners = new Set<(message: Message, channel: 'shell' | 'iopub') => unknown>();
  private readonly waiting = new Set<(message: Message | undefined) => void>();
  private closed = false;
  // What a kernel that is gone never took would keep this process from ending: by default a socket holds on to it for ever.
  private readonly shell = new Dealer({ linger: 0 });
  private readonly iopub = new Subscriber({ linger: 0 });
  private readonly wire: ReturnType<typeof createWire>;

  constructor(key: string, ports: { shell: number; iopub: number }) {
    this.wire = createWire(key);
    this.shell.connect(`tcp://127.0.0.1:${ports.shell}`);
    this.iopub.connect(`tcp://127.0.0.1:${ports.iopub}`);
    this.iopub.subscribe();
    void this.pump(this.shell, 'shell');
    void this.pump(this.iopub, 'iopub');
  }

  private async pump(socket: Dealer | Subscriber, channel: 'shell' | 'iopub'): Promise<void> {
    for await (const frames of socket) {
      const message = this.wire.decode(frames);
      if (message !== undefined) for (const listener of this.listeners) listener(message, channel);
    }
  }

  async send(type: string, content: unknown): Promise<string> {
    const { id, frames } = this.wire.encode(type, content);
    if (!this.closed) await this.shell.send([...frames]);
    return id;
  }

  /** Shows every message to a listener until the function that it gives back is called. */
  listen(listener: (message: Message, channel: 'shell' | 'iopub') => unknown): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Waits until `done` says so of a message, or the time is over: then undefined. */
  wait(timeoutMs: number, done: (message: Message, channel: 'shell' | 'iopub') => boolean): Promise<Message | undefined> {
    return new Promise((resolve) => {
      const finish = (message: Message | undefined): void => {
        clearTimeout(timer);
        this.listeners.delete(listener);
        this.waiting.delete(finish);
        resolve(message);
      };
      const listener = (message: Message, channel: 'shell' | 'iopub'): void => {
        if (done(message, channel)) finish(message);
      };
      const timer = setTimeout(() => finish(undefined), timeoutMs);
      if (this.closed) finish(undefined);
      else {
        this.listeners.add(listener);
        this.waiting.add(finish);
      }
    });
  }

  isClosed(): boolean {
    return this.closed;
  }

  /** Whoever still waits is told that nothing comes any more. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const finish of Array.from(this.waiting)) finish(undefined);
    this.shell.close();
    this.iopub.close();
  }
}

/**
 * A subscriber that joins late misses what was sent before: kernel_info is asked until something comes on iopub. Without
 * this the first cell can wait for ever.
 */
async function ready(connection: Connection): Promise<boolean> {
  const deadline = READY_MS / ASK_AGAIN_MS;
  for (let attempt = 0; attempt < deadline; attempt++) {
    if (connection.isClosed()) return false;
    const heard = connection.wait(ASK_AGAIN_MS, (_, channel) => channel === 'iopub');
    await connection.send('kernel_info_request', {});
    if ((await heard) !== undefined) return true;
  }
  return false;
}

/** Results may come after "idle": one more question and its own idle make sure that nothing is still on its way. */
async function flush(connection: Connection): Promise<void> {
  let id = '';
  const idle = connection.wait(5000, (message, channel) => channel === 'iopub' && message.parent === id && message.content.execution_state === 'idle');
  id = await connection.send('kernel_info_request', {});
  await idle;
}

async function execute(connection: Connection, code: string, timeoutMs: number): Promise<Executed> {
  const messages: Message[] = [];
  let reply: Message | undefined;
  let [id, idle] = ['', false];
  const early: [Message, 'shell' | 'iopub'][] = [];
  const take = (message: Message, channel: 'shell' | 'iopub'): boolean => {
    if (id === '') early.push([message, channel]);
    else if (message.parent === id) {
      if (channel === 'shell' && message.type === 'execute_reply') reply = message;
      else if (channel === 'iopub' && message.content.execution_state === 'idle') idle = true;
      else if (channel === 'iopub' && message.type !== 'status' && message.type !== 'execute_input') messages.push(message);
    }
    return reply !== undefined && idle;
  };
  const stop = connection.listen(take);
  const finished = connection.wait(timeoutMs, () => reply !== undefined && idle);
  id = await connection.send('execute_request', { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true });
  for (const [message, channel] of early) take(message, channel);
  await finished;
  const isDone = reply !== undefined && idle;
  if (isDone) await flush(connection);
  stop();
  return { messages, reply, end: isDone ? 'done' : connection.isClosed() ? 'gone' : 'timeout' };
}

export interface KernelOptions {
  readonly code: string;
  /** Folder that the cells' relative imports start from. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Descriptor that takes what the kernel itself prints. */
  readonly log: number;
}

function startProcess(options: KernelOptions, file: string): ChildProcess {
  const command = `${DIE_WITH_PARENT}exec "$0" "$@"`;
  return spawn('/bin/sh', ['-c', command, denoBinary(options.code), 'jupyter', '--kernel', '--conn', file], {
    cwd: options.cwd, env: options.env, detached: true, stdio: ['ignore', options.log, options.log, 'pipe'],
  });
}

/** A kernel that is ready; or that it ended by itself, or did not answer in time. */
async function tryStart(options: KernelOptions): Promise<Kernel | 'gone' | 'silent'> {
  const folder = mkdtempSync(path.join(tmpdir(), 'repro-kernel-'));
  const [shell = 0, iopub = 0, stdin = 0, control = 0, heartbeat = 0] = await freePorts(5);
  const key = randomUUID();
  const file = path.join(folder, 'connection.json');
  const ports = { shell_port: shell, iopub_port: iopub, stdin_port: stdin, control_port: control, hb_port: heartbeat };
  writeFileSync(file, JSON.stringify({ transport: 'tcp', ip: '127.0.0.1', signature_scheme: 'hmac-sha256', key, kernel_name: 'deno', ...ports }));
  const child = startProcess(options, file);
  const connection = new Connection(key, { shell, iopub });
  // Killed, out of memory, or ended by a cell: nothing more comes, and nobody need wait for it.
  child.once('exit', () => connection.close());
  child.once('error', () => connection.close());
  const close = (): void => {
    connection.close();
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The kernel has already ended.
    }
    child.stdio[3]?.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  if (!(await ready(connection))) {
    const why = connection.isClosed() ? 'gone' : 'silent';
    close();
    return why;
  }
  return { execute: (code, timeoutMs) => execute(connection, code, timeoutMs), close };
}

/** It takes five ports, which were free a moment before: now and then somebody else has one of them by then. */
const STARTS_MAX = 5;

/** Starts Deno's kernel; it ends when it is closed, and also when this process is gone. */
export async function startKernel(options: KernelOptions): Promise<Kernel | undefined> {
  for (let attempt = 1; attempt <= STARTS_MAX; attempt++) {
    const kernel = await tryStart(options);
    if (kernel === 'silent') return undefined;
    if (kernel !== 'gone') return kernel;
  }
  return undefined;
}
