import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import path from 'node:path';
import type { Api } from './api/api.ts';
import { healthRoutes } from './api/health.ts';
import { CLIENT_LISTENERS_MAX, createHub } from './api/hub.ts';
import type { HubOptions } from './api/hub.ts';
import { modelRoutes } from './api/models.ts';
import { openApiRoutes } from './api/openapi.ts';
import { predictRoutes } from './api/predict.ts';
import { reviewRoutes } from './api/reviews.ts';
import { runRoutes } from './api/runs.ts';
import { summaryRoutes } from './api/summary.ts';
import { runCommand } from './command.ts';
import { createCors } from './http/cors.ts';
import { tellCrowd } from './http/crowd.ts';
import { SECURITY, createDispatch } from './http/dispatch.ts';
import { createLimiter } from './http/limit.ts';
import { drain, listen, onStop, portOf } from './http/listen.ts';
import type { Place, Watch } from './http/listen.ts';
import { measureUnreadable } from './http/measure.ts';
import type { Route } from './http/route.ts';
import { openLog } from './log.ts';
import type { Logger } from './log.ts';
import { followReleases } from './release/follow.ts';
import { createServerMetrics } from './server-metrics.ts';
import { UsageError, numberOf, originsOf, rootsOf, secretOf } from './settings.ts';
import { openRuns } from './state/runs.ts';
import { linkOf } from './state/server.ts';
import { wording } from './wording.ts';

const USAGE = `Usage: pnpm serve [--port 8501] [--host 127.0.0.1] [--workspace DIR] [--workers 1] [--rate 50] [--origins URL,...]

Serves the newest report and the API, and follows every new release and rollback without dropping a request.

  --workers N   so many processes behind the port; SIGHUP restarts them one by one
  --current DIR a link to the version of the code that the processes run (pnpm deploy:local leads it elsewhere); one process
                is replaced without a failed request as well
  --rate N      requests a second and client, four times as many at once; each process counts for itself. A client also has
                400 connections and 20 pages that listen to events. 0: no limit of a client, which something before does
  --origins ... sites whose pages may call the API (CORS), as https://dashboard.example.com; none where nothing is said
  API_TOKEN     (or API_TOKEN_FILE) switches on the calls that change something: run, promote, rollback
  LOG_FILES     0 writes no file of the log, only the output
  TRUST_PROXY   1 where a proxy of yours stands before it, and its X-Forwarded-For says who asks`;

interface Flags {
  readonly port?: string;
  readonly host?: string;
  readonly workspace?: string;
  readonly workers?: string;
  readonly rate?: string;
  readonly current?: string;
  readonly origins?: string;
}

export interface ServerOptions extends Place {
  readonly workspace: string;
  readonly rate: number;
  /** Of sites whose pages may call the API. */
  readonly origins?: readonly string[];
  readonly hub?: HubOptions;
  readonly log: Logger;
  /** So long each answer asks its client to close the connection, before connections are closed from here. */
  readonly farewellMs?: number;
}

export interface RunningServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** All endpoints, in the order of the document. */
export function routesOf(api: Api): readonly Route[] {
  const routes = [...predictRoutes(api), ...reviewRoutes(), ...summaryRoutes(), ...modelRoutes(api), ...runRoutes(api), ...healthRoutes(api)];
  return [...routes, ...openApiRoutes(routes)];
}

/** A server that does not listen yet. */
interface Prepared {
  /** Resolves when there is a release to serve, or never was one. */
  readonly servable: Promise<void>;
  listen(): Promise<number>;
  stop(): Promise<void>;
}

async function prepareServer({ workspace, rate, origins = [], hub: listeners, log, farewellMs = 0, ...place }: ServerOptions): Promise<Prepared> {
  const token = secretOf('API_TOKEN');
  const isProxyTrusted = process.env.TRUST_PROXY === '1';
  const metrics = createServerMetrics({ listeners: () => hub.count(), isRefused: () => releases.trouble() !== null });
  // Where requests are not limited clients are not told apart: somebody before this server does that.
  const hub = createHub({ clientListenersMax: rate === 0 ? null : CLIENT_LISTENERS_MAX, isProxyTrusted, onFull: tellCrowd(log, wording.unheard, metrics.unheard), ...listeners });
  const watch: Watch = { areClientsBounded: rate > 0 && !isProxyTrusted, onDropped: tellCrowd(log, wording.dropped, metrics.dropped), unreadable: { headers: SECURITY, onAnswered: measureUnreadable({ metrics, log }) } };
  let stopping = false;
  const { promise: servable, resolve: isServable } = Promise.withResolvers<void>();
  const releases = followReleases({
    workspace,
    onServed: (release) => {
      metrics.swaps.inc({ outcome: 'served' });
      metrics.loadedAt.set(release.loadedAt.getTime() / 1000);
      metrics.release.reset();
      metrics.release.set({ release: release.id }, 1);
      metrics.model.reset();
      metrics.model.set({ version: release.model?.version ?? 'none' }, 1);
      log.info({ release: release.id, run: release.manifest.run }, wording.released(release.id, release.model?.version ?? null));
      hub.tell(release);
      isServable();
    },
    onRefused: (id, sentence) => {
      metrics.swaps.inc({ outcome: 'refused' });
      log.error({ release: id }, sentence);
    },
    onGone: (id, sentence) => log.error({ release: id }, sentence),
  });
  const api: Api = { workspace, releases, runs: openRuns(workspace), hub, metrics, token, isStopping: () => stopping };
  const dispatch = createDispatch({ api, routes: routesOf(api), limiter: createLimiter(rate), cors: createCors(origins), log, isProxyTrusted });
  await releases.look();
  if (releases.current() === null && releases.trouble() === null) isServable();
  let server: Server | undefined;
  const stop = async (): Promise<void> => {
    stopping = true;
    hub.close();
    if (server !== undefined) await drain(server, farewellMs);
    releases.close();
    await metrics.leave();
  };
  let stopped: Promise<void> | undefined;
  return {
    servable,
    async listen() {
      server = await listen(dispatch, place, watch);
      return portOf(server);
    },
    stop: () => (stopped ??= stop()),
  };
}

/** Starts one process's server; resolves when it listens and the newest release, if there is one, is loaded. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const prepared = await prepareServer(options);
  try {
    return { port: await prepared.listen(), stop: () => prepared.stop() };
  } catch (error) {
    await prepared.stop();
    throw error;
  }
}

/** Clients that ask all the time have learned by then that they should connect anew; proxies have looked at /readyz. */
const FAREWELL_MS = 700;

async function serveHere(options: ServerOptions): Promise<void> {
  const { log, host } = options;
  const prepared = await prepareServer({ farewellMs: FAREWELL_MS, ...options });
  let asked = false;
  const stop = async (why: string): Promise<void> => {
    if (asked) return;
    asked = true;
    log.info(wording.stopping(why));
    await prepared.stop();
    log.info(wording.stopped);
    if (cluster.isWorker) cluster.worker?.disconnect();
    else process.exit(0);
  };
  onStop(stop);
  // A worker that is replaced is told by its parent, so that its last answers still go out.
  process.on('message', (message) => {
    if ((message as { readonly kind?: unknown } | null)?.kind === 'stop') void stop('replaced');
  });
  // Beside others, which may serve a release from memory that is broken on the disk by now, one that could only refuse takes
  // no requests from them. Alone it listens, and says what is wrong.
  if (cluster.isWorker) await prepared.servable;
  if (asked) return;
  const port = await prepared.listen();
  log.info(wording.listening('report and API', host, port));
  process.send?.({ kind: 'ready', port });
}

/** The link of --current by its one name; refused where it leads to nothing that could serve. */
function versionLink(typed: string | undefined): string | undefined {
  if (typed === undefined) return undefined;
  if (!existsSync(path.join(typed, 'services', 'serve.js'))) throw new UsageError(wording.noVersion(typed));
  return linkOf(typed);
}

export async function main(args: readonly string[]): Promise<void> {
  await runCommand<Flags>(args, {
    usage: USAGE,
    options: { port: { type: 'string' }, host: { type: 'string' }, workspace: { type: 'string' }, workers: { type: 'string' }, rate: { type: 'string' }, current: { type: 'string' }, origins: { type: 'string' } },
    async run(flags) {
      const { workspace } = rootsOf(flags.workspace);
      const port = numberOf('--port', flags.port ?? process.env.PORT, { least: 0, most: 65_535, otherwise: 8501 });
      const workers = numberOf('--workers', flags.workers ?? process.env.WORKERS, { least: 1, most: 64, otherwise: 1 });
      const rate = numberOf('--rate', flags.rate ?? process.env.RATE, { least: 0, most: 100_000, otherwise: 50 });
      const host = flags.host ?? process.env.HOST ?? '127.0.0.1';
      const origins = originsOf(flags.origins ?? process.env.CORS_ORIGINS);
      // A link can only be followed by somebody who starts processes anew, also where it is a single one.
      const isParent = (workers > 1 || flags.current !== undefined) && cluster.isPrimary;
      const current = isParent ? versionLink(flags.current) : undefined;
      const log = openLog({ service: 'server', folder: process.env.LOG_FILES === '0' ? null : path.join(workspace, 'logs') });
      if (isParent) await (await import('./workers.ts')).superviseWorkers({ workers, log, current, workspace });
      else await serveHere({ workspace, rate, origins, log, host, port });
      return undefined;
    },
  });
  // The channel to whoever started it would keep a process alive that never serves.
  if (process.exitCode === 2 && process.connected) process.exit();
}
