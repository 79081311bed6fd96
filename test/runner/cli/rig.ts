import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const entry = path.join(import.meta.dirname, '..', '..', '..', 'runner', 'repro.js');

export interface Ended {
  readonly status: number | null;
  /** stdout: data. */
  readonly out: string;
  /** stderr: messages for people. */
  readonly messages: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until its messages so far have these words. */
  says(words: string): Promise<void>;
}

/** A folder with a pipeline.yaml, and the real command in a process of its own. */
export class Folder {
  readonly root = mkdtempSync(path.join(tmpdir(), 'repro-cli-'));

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}, node = process.execPath): Started {
    const child = spawn(node, [entry, ...args], { cwd: this.root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1', ...env } });
    let [out, messages] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (messages += text));
    const ended = new Promise<Ended>((resolve) => child.on('close', (status) => resolve({ status, out, messages })));
    const says = async (words: string): Promise<void> => {
      for (let waits = 0; !messages.includes(words); waits++) {
        if (waits > 6000 || child.exitCode !== null) throw new Error(`it did not say "${words}": ${messages}`);
        await sleep(10);
      }
    };
    return { child, ended, says };
  }

  repro(...args: readonly string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  write(name: string, text: string): this {
    mkdirSync(path.dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), text);
    return this;
  }

  at(name: string): string {
    return path.join(this.root, name);
  }

  read(name: string): string {
    return readFileSync(this.at(name), 'utf8');
  }

  has(name: string): boolean {
    return existsSync(this.at(name));
  }

  list(name: string): readonly string[] {
    return this.has(name) ? readdirSync(this.at(name)).sort() : [];
  }

  /** Waits for a file that a stage writes to say how far it is. */
  async until(name: string): Promise<void> {
    for (let waits = 0; !this.has(name); waits++) {
      if (waits > 6000) throw new Error(`${name} did not appear`);
      await sleep(10);
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Removed when the test ends. */
export function folder(context: { after(remove: () => void): void }, pipeline: string): Folder {
  const made = new Folder();
  context.after(() => made.remove());
  return made.write('pipeline.yaml', pipeline);
}
