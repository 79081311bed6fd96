import path from 'node:path';
import { z } from 'zod';
import { sendJson } from '../http/problem.ts';
import { route } from '../http/route.ts';
import type { Route } from '../http/route.ts';
import type { Release } from '../release/load.ts';
import { CODE } from '../settings.ts';
import { codeIdOf } from '../state/server.ts';
import { wording } from '../wording.ts';
import type { Api } from './api.ts';

const Health = z.strictObject({
  status: z.string(), version: z.string().optional().describe('Name of the folder of the code'), code: z.string().optional().describe('Which code: a hash, since two folders may have one name'),
  instance: z.string().optional().describe('Which server, where it has several processes'),
  release: z.string().nullable().optional(), model: z.string().nullable().optional(), detail: z.string().optional(),
});

type Health = z.infer<typeof Health>;

/** `broken` is no `empty`: something is released, and this server cannot show it. `trouble` says why it is not what it should be. */
function healthOf(release: Release | null, trouble: string | null): Health {
  const [id, model] = [release?.id ?? null, release?.model?.version ?? null];
  if (trouble === null) return release === null ? { status: 'empty', release: id, model, detail: wording.noRelease } : { status: 'ok', release: id, model };
  return { status: release === null ? 'broken' : 'degraded', release: id, model, detail: trouble };
}

export function healthRoutes(api: Api): readonly Route[] {
  const common = { method: 'GET', tag: 'health', answer: Health, unlimited: true } as const;
  const { SERVER_INSTANCE: instance } = process.env;
  const live: Health = { status: 'ok', version: path.basename(CODE), code: codeIdOf(CODE), ...(instance === undefined ? {} : { instance }) };
  return [
    route({ ...common, path: '/livez', summary: 'The process answers', handle: ({ response }) => sendJson(response, live) }),
    route({
      ...common, path: '/healthz', answers: { 503: Health }, summary: 'A release is served, and it is the one that it should be',
      handle({ response, release }) {
        sendJson(response, healthOf(release, api.releases.trouble()), { status: release === null ? 503 : 200 });
      },
    }),
    route({
      ...common, path: '/readyz', answers: { 503: Health }, summary: 'New requests may be sent here',
      handle({ response, release }) {
        const ready = release !== null && !api.isStopping();
        sendJson(response, { status: ready ? 'ready' : 'not ready', release: release?.id ?? null }, { status: ready ? 200 : 503 });
      },
    }),
    route({
      method: 'GET', path: '/metrics', tag: 'health', summary: 'For Prometheus', types: ['text/plain; version=0.0.4'], unlimited: true,
      async handle({ response }) {
        const text = await api.metrics.render();
        response.writeHead(200, { 'Content-Type': api.metrics.registry.contentType, 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'no-store' });
        response.end(text);
      },
    }),
    route({
      method: 'GET', path: '/api/events', tag: 'reviews', summary: 'Server-sent events: a message whenever another release serves', types: ['text/event-stream'],
      handle({ request, response, release }) {
        api.hub.listen(request, response, release);
      },
    }),
  ];
}
