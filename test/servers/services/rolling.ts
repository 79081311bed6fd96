import assert from 'node:assert/strict';
import { readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readServerState } from '../../../services/state/server.ts';
import { makeImage } from '../../deployment/image.ts';
import { root } from '../../pipeline/rig.ts';
import { Deployment, post } from '../../services/rig.ts';
import { Program, freePort } from './process.ts';

export interface Deployed {
  readonly status: number | null;
  readonly output: string;
}

/** The answers of a server to somebody who asks without a pause. */
export interface Load {
  readonly answered: number;
  readonly limited: number;
  readonly failed: number;
}

/** What makes a version ill: a line of its code, and what stands there instead. */
export type Edit = readonly [file: string, from: string, to: string];

const PREDICT = 'services/api/predict.ts';
const HANDLE = 'async handle({ response, body, release }) {';
const inWorker = (code: string): string => `if ((await import('node:cluster')).default.isWorker) { ${code} }`;

export const ILL = {
  cannotStart: ['services/server.ts', 'const USAGE', 'throw new Error("out of order");\nconst USAGE'],
  /** Well at the rehearsal, ill in the place of the old one. */
  predictsNot: [PREDICT, HANDLE, `${HANDLE} ${inWorker('throw new RequestProblem({ status: 503, detail: "sick" });')}`],
  hangs: [PREDICT, HANDLE, `${HANDLE} ${inWorker('for (;;);')}`],
  diesAsWorker: ['services/serve.js', 'const { main }', `${inWorker('process.exit(3);')}\nconst { main }`],
  isNeverReady: ['services/serve.js', 'const { main }', `${inWorker('await new Promise((resolve) => setTimeout(resolve, 1e8));')}\nconst { main }`],
  diesSoonAfter: ['services/serve.js', 'const { main }', `${inWorker('setTimeout(() => process.exit(3), 1500);')}\nconst { main }`],
} as const satisfies Readonly<Record<string, Edit>>;

export const TWO = ['--workers', '2', '--rate', '0'];

/** Processes that run a version as a server. */
export function serving(version: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(path.join(version, 'services/serve.js'));
    } catch {
      // It ended while we looked.
      return false;
    }
  });
}

/** A server whose processes follow a link, and versions of the code beside each other. */
export class Rolling {
  readonly deployment = new Deployment();
  readonly current = this.deployment.at('current');
  base = '';
  #server: Program | undefined;
  readonly #deploys: Program[] = [];

  /** The first version runs; each has a folder of its own beneath `versions`. */
  async start(flags: readonly string[], first = 'v1'): Promise<void> {
    this.deployment.release('r1', 1);
    symlinkSync(this.version(first), this.current);
    const port = await freePort();
    this.base = `http://127.0.0.1:${port}`;
    this.#server = new Program(process.execPath, [path.join(root, 'services/serve.js'), '--workspace', this.deployment.workspace, '--port', String(port), '--current', this.current, ...flags]);
    await this.#server.answers(`${this.base}/readyz`);
    // It says so a moment after its first process is ready.
    while (this.state() === null) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  get server(): Program {
    assert.ok(this.#server !== undefined);
    return this.#server;
  }

  /** Makes a version, ill where something is edited; its folder. */
  version(name: string, edit?: Edit): string {
    const folder = this.deployment.at('versions', name);
    makeImage(folder);
    if (edit === undefined) return folder;
    const [file, from, to] = edit;
    const text = readFileSync(path.join(folder, file), 'utf8');
    assert.ok(text.includes(from), from);
    writeFileSync(path.join(folder, file), text.replace(from, to));
    return folder;
  }

  deploying(version: string, ...flags: readonly string[]): Program {
    const program = new Program(process.execPath, [path.join(root, 'scripts/deploy/local.ts'), '--version', version, '--current', this.current, '--url', this.base, '--workspace', this.deployment.workspace, ...flags]);
    this.#deploys.push(program);
    return program;
  }

  async deploy(version: string, ...flags: readonly string[]): Promise<Deployed> {
    const program = this.deploying(version, ...flags);
    return { status: await program.ended(), output: program.output };
  }

  /** Five readers ask without a pause while `work` goes on. */
  async underLoad<T>(work: () => Promise<T>): Promise<readonly [T, Load]> {
    const state = { stop: false };
    const load = { answered: 0, limited: 0, failed: 0 };
    const ask = async (): Promise<void> => {
      while (!state.stop) {
        const status = await post(`${this.base}/api/predict`, { text: 'gagal' }).then((response) => response.arrayBuffer().then(() => response.status), () => 0);
        load[status === 200 ? 'answered' : status === 429 ? 'limited' : 'failed']++;
      }
    };
    const asking = Promise.all(Array.from({ length: 5 }, ask));
    const result = await work().finally(() => (state.stop = true));
    await asking;
    return [result, load];
  }

  /** Which versions answer, by the name of their folder. */
  async answers(): Promise<readonly string[]> {
    const seen = new Set<string>();
    for (let round = 0; round < 8; round++) seen.add(((await (await fetch(`${this.base}/livez`, { headers: { Connection: 'close' } })).json()) as { version: string }).version);
    return [...seen].sort();
  }

  state(): ReturnType<typeof readServerState> {
    return readServerState(this.deployment.workspace);
  }

  /** The processes of the server, its parent left out. */
  workers(): readonly string[] {
    const pid = this.server.child.pid ?? 0;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((child) => child.trim() !== '');
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#deploys, ...(this.#server === undefined ? [] : [this.#server])].map((program) => program.stop('SIGKILL')));
    await this.deployment.remove();
  }
}
