import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../pipeline/rig.ts';

/** What an image does when it is started, and what it holds beside its code. */
export interface Image {
  /** Is it well beside what runs, and where it serves? */
  readonly rehearsal?: boolean;
  readonly answers?: boolean;
  /** Services that never become healthy with it. */
  readonly unhealthy?: readonly string[];
  /** Files that differ from the project's, by name; null leaves one out. */
  readonly files?: Readonly<Record<string, string | null>>;
}

export interface Call {
  readonly args: readonly string[];
  /** The image of the project's services at that time. */
  readonly image: string;
  /** What it read from its input: a program that reads takes it away from the script. */
  readonly read: number;
}

const STAND_INS = path.join(import.meta.dirname, 'stand-ins');

/** A machine that runs compose, without an engine: `ssh` is a shell here, and `docker` a stand-in that answers as it is documented to. */
export class Machine {
  readonly #home = mkdtempSync(path.join(tmpdir(), 'ulasan-machine-'));
  readonly folder = path.join(this.#home, 'srv');

  constructor() {
    mkdirSync(this.folder);
    const bin = path.join(this.#home, 'bin');
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'docker'), `#!/bin/sh\nexec "${process.execPath}" "${STAND_INS}/docker.ts" "$@"\n`);
    writeFileSync(path.join(bin, 'ssh'), readFileSync(path.join(STAND_INS, 'ssh.sh')));
    for (const name of ['docker', 'ssh']) chmodSync(path.join(bin, name), 0o755);
    mkdirSync(path.join(this.#home, 'images'));
  }

  image(name: string, { files = {}, ...behaviour }: Image = {}): void {
    const app = path.join(this.#home, 'images', encodeURIComponent(name));
    for (const part of ['docker-compose.yml', '.env.example', 'monitoring', 'services/gateway', 'scripts/secrets.js', 'scripts/alerting.js']) cpSync(path.join(root, part), path.join(app, part), { recursive: true });
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(app, file)), { recursive: true });
      if (text === null) rmSync(path.join(app, file));
      else writeFileSync(path.join(app, file), text);
    }
    writeFileSync(path.join(app, 'behaviour.json'), JSON.stringify(behaviour));
  }

  /** `pnpm deploy:host`; rejects nothing: how it ended, and what it said. */
  deploying(image: string, { host = 'deploy@machine', ...env }: Readonly<Record<string, string>> = {}): { readonly child: ReturnType<typeof spawn>; readonly ended: Promise<{ readonly status: number | null; readonly output: string }> } {
    const child = spawn(process.execPath, [path.join(root, 'scripts/deploy/host.ts'), '--host', host, '--image', image, '--folder', this.folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: `${this.#home}/bin:${process.env.PATH ?? ''}`, HOME: this.#home, TMPDIR: this.#home, MACHINE: this.#home, DEPLOY_KEY: 'the-private-key', DEPLOY_KNOWN_HOSTS: 'machine ssh-ed25519 AAAA', ...env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    return { child, ended: new Promise((resolve) => child.once('close', (status) => resolve({ status, output }))) };
  }

  deploy(image: string, env: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number | null; readonly output: string }> {
    return this.deploying(image, env).ended;
  }

  #lines(file: string): readonly string[] {
    return existsSync(path.join(this.#home, file)) ? readFileSync(path.join(this.#home, file), 'utf8').trimEnd().split('\n') : [];
  }

  /** What `docker` was called for, in order. */
  calls(): readonly Call[] {
    return this.#lines('calls.jsonl').map((line) => JSON.parse(line) as Call);
  }

  /** The calls as words, where they begin so. */
  said(...words: readonly string[]): readonly string[] {
    return this.calls().map(({ args }) => args.join(' ')).filter((line) => line.startsWith(words.join(' ')));
  }

  /** How `ssh` was called. */
  connections(): readonly string[] {
    return this.#lines('connections');
  }

  /** Which image each service runs. */
  running(): Readonly<Record<string, string>> {
    return JSON.parse(this.#lines('running.json')[0] ?? '{}') as Readonly<Record<string, string>>;
  }

  has(file: string): boolean {
    return existsSync(path.join(this.folder, file));
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8');
  }

  write(file: string, text: string): void {
    mkdirSync(path.dirname(path.join(this.folder, file)), { recursive: true });
    writeFileSync(path.join(this.folder, file), text);
  }

  /** Programs that wait go on. */
  goOn(): void {
    writeFileSync(path.join(this.#home, 'go-on'), '');
  }

  remove(): void {
    // What a failed test left waiting would wait for ever.
    this.goOn();
    rmSync(this.#home, { recursive: true, force: true });
  }
}
