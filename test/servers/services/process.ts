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
  /** That it has ended and all that it said has come; what it started may hold its output open for longer than it lives itself. */
  readonly #closed: Promise<number | null>;

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...ownEnv(), ...env } });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.#closed = new Promise((resolve) => {
      this.child.once('close', resolve).once('exit', (code) => setTimeout(() => resolve(code), 2000).unref());
    });
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

  /** Waits until it says something. */
  async says(words: string | RegExp, timeoutMs = 20_000): Promise<void> {
    const saying = (): boolean => (typeof words === 'string' ? this.output.includes(words) : words.test(this.output));
    await until(() => (saying() ? true : undefined), `the words: ${String(words)}`, timeoutMs).catch((error: unknown) => {
      throw new Error(`${String(error)}, but: ${this.output.slice(-2000)}`);
    });
  }

  /** Waits until it ends by itself, and all that it said has come. */
  ended(): Promise<number | null> {
    return this.#closed;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.#closed;
  }
}
