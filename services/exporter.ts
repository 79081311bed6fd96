import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { runCommand } from './command.ts';
import { createDataView } from './exporter/data.ts';
import { openFiles } from './exporter/files.ts';
import { createSheet } from './exporter/gauges.ts';
import type { Sheet } from './exporter/gauges.ts';
import { createModelView } from './exporter/model.ts';
import { createPipelineView } from './exporter/pipeline.ts';
import { createSystemView } from './exporter/system.ts';
import { tellCrowd } from './http/crowd.ts';
import { drain, listen, onStop, portOf } from './http/listen.ts';
import type { Place } from './http/listen.ts';
import { sendJson, sendProblem } from './http/problem.ts';
import { openLog } from './log.ts';
import type { Logger } from './log.ts';
import { numberOf, rootsOf } from './settings.ts';
import { openRuns } from './state/runs.ts';
import { wording } from './wording.ts';

const USAGE = `Usage: pnpm exporter [--port 8000] [--host 127.0.0.1] [--workspace DIR]

Metrics of pipeline, data, model and machine for Prometheus, at /metrics. Reads small files; opens no store.`;

/** Renders everything anew at each scrape; what cannot be read at the moment costs its own metrics and no others. */
export function createScrape(workspace: string, log: Logger): () => Promise<{ readonly text: string; readonly type: string }> {
  const files = openFiles(workspace);
  const views: Readonly<Record<string, (sheet: Sheet) => void>> = {
    pipeline: createPipelineView(workspace, files, openRuns(workspace)), data: createDataView(files), model: createModelView(workspace, files), system: createSystemView(workspace),
  };
  return async () => {
    const start = performance.now();
    const sheet = createSheet();
    const outcomes = Object.entries(views).map(([name, view]) => {
      try {
        view(sheet);
        return { labels: { view: name }, value: 1 };
      } catch (error) {
        log.error({ err: error, view: name }, 'a part of the metrics could not be read');
        return { labels: { view: name }, value: 0 };
      }
    });
    sheet.gauge('ulasan_exporter_view_success', 'Whether a part of the metrics could be read.', outcomes);
    sheet.gauge('ulasan_exporter_file_read_success', 'Whether a file that metrics come from is whole; one that is not there yet is.', files.success());
    sheet.gauge('ulasan_exporter_scrape_duration_seconds', 'How long reading them took.', [{ value: (performance.now() - start) / 1000 }]);
    return { text: await sheet.registry.metrics(), type: sheet.registry.contentType };
  };
}

export interface RunningExporter {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startExporter({ workspace, log, ...place }: Place & { readonly workspace: string; readonly log: Logger }): Promise<RunningExporter> {
  const scrape = createScrape(workspace, log);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [pathname] = (request.url ?? '/').split('?', 1);
    if (request.method !== 'GET' && request.method !== 'HEAD') return sendProblem(response, { status: 405, detail: wording.wrongMethod(request.method ?? '', 'GET, HEAD'), headers: { Allow: 'GET, HEAD' } });
    if (pathname === '/healthz' || pathname === '/livez') return sendJson(response, { status: 'ok' });
    if (pathname !== '/metrics' && pathname !== '/') return sendProblem(response, { status: 404, detail: wording.notFound('/metrics is all there is') });
    const { text, type } = await scrape();
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    response.end(text);
    return undefined;
  };
  const server = await listen((request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.error({ err: error }, wording.bug);
      sendProblem(response, { status: 500, detail: wording.bug });
    });
  }, place, {
    areClientsBounded: true,
    onDropped: tellCrowd(log, wording.dropped),
    unreadable: { headers: { 'X-Content-Type-Options': 'nosniff' }, onAnswered: (request, status) => log.debug({ request, status }, 'request that could not be read') },
  });
  return { port: portOf(server), stop: () => drain(server) };
}

export async function main(args: readonly string[]): Promise<void> {
  await runCommand<{ readonly port?: string; readonly 'exporter-port'?: string; readonly host?: string; readonly workspace?: string }>(args, {
    usage: USAGE,
    options: { port: { type: 'string' }, 'exporter-port': { type: 'string' }, host: { type: 'string' }, workspace: { type: 'string' } },
    async run(flags) {
      const { workspace } = rootsOf(flags.workspace);
      // As `pnpm start` is told it, and hands it on: a sentence about the port names what was typed.
      const flag = flags['exporter-port'] === undefined ? '--port' : '--exporter-port';
      const port = numberOf(flag, flags['exporter-port'] ?? flags.port ?? process.env.PORT, { least: 0, most: 65_535, otherwise: 8000 });
      const host = flags.host ?? process.env.HOST ?? '127.0.0.1';
      const log = openLog({ service: 'exporter', folder: path.join(workspace, 'logs') });
      const running = await startExporter({ workspace, log, host, port, flag });
      log.info(wording.listening('metrics', host, running.port));
      onStop(async (signal) => {
        log.info(wording.stopping(signal));
        await running.stop();
        process.exit(0);
      });
      return undefined;
    },
  });
}
