import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { ownEnv, root } from '../../pipeline/rig.ts';
import { until } from '../../services/rig.ts';

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** A program of the project or of Debian, with all that it said. */
export class Program {
  readonly child: ChildProcess;
  output = '';

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...ownEnv(), ...env } });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  /** One of services/*.js. */
  static service(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
    return new Program(process.execPath, [path.join(root, 'services', `${name}.js`), ...args], env);
  }

  /** Waits until an address answers with a good status. */
  async answers(url: string, timeoutMs = 20_000): Promise<void> {
    await until(async () => {
      if (this.child.exitCode !== null) throw new Error(`it ended with ${this.child.exitCode}: ${this.output}`);
      const response = await fetch(url).catch(() => undefined);
      return response?.ok === true ? true : undefined;
    }, `${url}: ${this.output.slice(-500)}`, timeoutMs);
  }

  /** Waits until it ends by itself, and all that it said has come. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    return new Promise((resolve) => this.child.once('close', resolve));
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const ended = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    this.child.kill(signal);
    return ended;
  }
}
