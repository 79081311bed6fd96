import path from 'node:path';
import { z } from 'zod';
import { sendJson } from '../http/problem.ts';
import { route } from '../http/route.ts';
import type { Route } from '../http/route.ts';
import { CODE } from '../settings.ts';
import { wording } from '../wording.ts';
import type { Api } from './api.ts';

const Health = z.strictObject({ status: z.string(), version: z.string().optional().describe('Of the code'), release: z.string().nullable().optional(), detail: z.string().optional() });

export function healthRoutes(api: Api): readonly Route[] {
  const common = { method: 'GET', tag: 'health', answer: Health, unlimited: true } as const;
  return [
    route({ ...common, path: '/livez', summary: 'The process answers', handle: ({ response }) => sendJson(response, { status: 'ok', version: path.basename(CODE) }) }),
    route({
      ...common, path: '/healthz', answers: { 503: Health }, summary: 'A release is served, and it is the one that it should be',
      handle({ response, release }) {
        const trouble = api.releases.trouble();
        const detail = trouble ?? (release === null ? wording.noRelease : undefined);
        const said = release === null ? (trouble === null ? 'empty' : 'broken') : trouble === null ? 'ok' : 'degraded';
        sendJson(response, { status: said, release: release?.id ?? null, ...(detail === undefined ? {} : { detail }) }, { status: release === null ? 503 : 200 });
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
