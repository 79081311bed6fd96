import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { reportUrlOf } from './address.ts';
import { runCommand } from './command.ts';
import { numberOf, rootsOf } from './settings.ts';
import { wording } from './wording.ts';

const USAGE = `Usage: pnpm start [--port 8501] [--exporter-port 8000] [--host 127.0.0.1] [--workspace DIR]

Everything on this machine: the report and the API, the metrics, and the scheduler, which makes the first run where there is
none yet. One Ctrl-C stops all three.`;

const SERVICES = ['serve', 'exporter', 'schedule'] as const;
type Service = (typeof SERVICES)[number];

/** Answers are short-lived and small: a small young generation saves 30 MB and costs a tenth of the speed. */
const SMALL_YOUNG = ['--max-semi-space-size=4'];
/** Each arena of glibc keeps what it once had: two are enough for services that mostly wait. */
const MEMORY = { MALLOC_ARENA_MAX: '2' };

const PAUSE_MS = 500;
const PAUSE_MAX_MS = 30_000;
/** After so long a service that ends is no longer one that cannot start. */
const STEADY_MS = 10_000;
const STOP_MS = 15_000;

interface Running {
  readonly service: Service;
  readonly child: ChildProcess;
}

/**
 * Starts a service again when it ends by itself. One that is used wrongly (exit 2) at its first start ends all, since trying again
 * helps nobody; one that ran before waits for what was broken meanwhile, as params.yaml in the middle of an edit, while the others serve.
 */
function keepUp(service: Service, use: { readonly args: readonly string[]; readonly report: string; readonly running: Map<Service, Running>; readonly isStopping: () => boolean; readonly giveUp: (code: number) => void }): void {
  let pause = PAUSE_MS;
  let isFirst = true;
  const start = (): void => {
    const startedMs = Date.now();
    const child = spawn(process.execPath, [...(service === 'serve' ? SMALL_YOUNG : []), path.join(import.meta.dirname, `${service}.js`), ...use.args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { ...MEMORY, REPORT_URL: use.report, ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) }, detached: true });
    use.running.set(service, { service, child });
    child.once('exit', (code) => {
      use.running.delete(service);
      if (use.isStopping()) return;
      const isSteady = Date.now() - startedMs > STEADY_MS;
      if (code === 2 && isFirst && !isSteady) return use.giveUp(2);
      isFirst = false;
      if (isSteady) pause = PAUSE_MS;
      console.error(wording.serviceEnded(service, code, pause));
      void sleep(pause).then(() => (use.isStopping() ? undefined : start()));
      pause = Math.min(PAUSE_MAX_MS, pause * 2);
      return undefined;
    });
  };
  start();
}

export async function main(args: readonly string[]): Promise<void> {
  await runCommand<{ readonly port?: string; readonly 'exporter-port'?: string; readonly host?: string; readonly workspace?: string }>(args, {
    usage: USAGE,
    options: { port: { type: 'string' }, 'exporter-port': { type: 'string' }, host: { type: 'string' }, workspace: { type: 'string' } },
    async run(flags) {
      const { workspace } = rootsOf(flags.workspace);
      const range = { least: 0, most: 65_535 };
      const ports = { serve: numberOf('--port', flags.port, { ...range, otherwise: 8501 }), exporter: numberOf('--exporter-port', flags['exporter-port'], { ...range, otherwise: 8000 }) };
      const host = flags.host ?? process.env.HOST ?? '127.0.0.1';
      const place = (flag: string, port: number): readonly string[] => [flag, String(port), '--host', host];
      const own: Readonly<Record<Service, readonly string[]>> = { serve: place('--port', ports.serve), exporter: place('--exporter-port', ports.exporter), schedule: [] };
      // Where alerts lead to, unless REPORT_URL says another address.
      const report = reportUrlOf(host, ports.serve);
      const running = new Map<Service, Running>();
      let stopping = false;
      const stop = async (code: number): Promise<void> => {
        stopping = true;
        const children = [...running.values()].map(({ child }) => child);
        for (const child of children) child.kill('SIGTERM');
        await Promise.race([Promise.all(children.map((child) => new Promise((resolve) => child.once('exit', resolve)))), sleep(STOP_MS)]);
        for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
        process.exit(code);
      };
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void (stopping || stop(0)));
      for (const service of SERVICES) keepUp(service, { args: ['--workspace', workspace, ...own[service]], report, running, isStopping: () => stopping, giveUp: (code) => void (stopping || stop(code)) });
      await new Promise(() => undefined);
      return undefined;
    },
  });
}
