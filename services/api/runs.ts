import { z } from 'zod';
import { RunRecord } from '../../schema/run-record.ts';
import { RequestProblem, sendJson } from '../http/problem.ts';
import { route } from '../http/route.ts';
import type { Route } from '../http/route.ts';
import { requestRun } from '../schedule/request.ts';
import { wording } from '../wording.ts';
import type { Api } from './api.ts';

const Run = z.strictObject({
  id: z.string(), startedAt: z.string(), finishedAt: z.string().nullable(), outcome: RunRecord.shape.outcome, seconds: z.number(), secondsSaved: z.number(),
  stages: z.record(z.string(), z.number().int()).describe('How many stages ended in each state'), failed: z.string().nullable(), events: z.array(z.string()),
});
const Query = z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(20), before: z.string().max(64).optional().describe('The id of a run: older ones follow') });
const Page = z.strictObject({ runs: z.array(Run), next: z.string().nullable() });

function brief({ id, startedAt, finishedAt, outcome, seconds, secondsSaved, stages }: RunRecord): z.infer<typeof Run> {
  const counts: Record<string, number> = {};
  for (const { state } of stages) counts[state] = (counts[state] ?? 0) + 1;
  return {
    id, startedAt, finishedAt, outcome, seconds, secondsSaved, stages: counts, failed: stages.find(({ state }) => state === 'failed')?.name ?? null,
    events: stages.flatMap(({ events }) => events.map(({ kind }) => kind)),
  };
}

export function runRoutes(api: Api): readonly Route[] {
  return [
    route({
      method: 'GET', path: '/api/runs', tag: 'runs', summary: 'The runs of the pipeline, newest first', query: Query, answer: Page,
      handle({ response, query }) {
        const ids = api.runs.ids().filter((id) => query.before === undefined || id < query.before);
        const page = ids.slice(0, query.limit);
        const runs = page.flatMap((id) => api.runs.read(id) ?? []).map(brief);
        sendJson(response, { runs, next: ids.length > page.length ? (page.at(-1) ?? null) : null });
      },
    }),
    route({
      method: 'GET', path: '/api/runs/{id}', tag: 'runs', summary: 'What one run did, and why', answer: RunRecord,
      handle({ response, params }) {
        const record = api.runs.read(params.id ?? '');
        if (record === null) throw new RequestProblem({ status: 404, detail: wording.notFound(`/api/runs/${params.id ?? ''}`) });
        sendJson(response, record);
      },
    }),
    route({
      method: 'POST', path: '/api/runs', tag: 'runs', summary: 'Asks the scheduler for a run now', writes: true, status: 202,
      body: z.strictObject({ reason: z.string().trim().max(200).default('').describe('Why: in the history, the log and the alerts of this run') }), answer: z.strictObject({ detail: z.string() }), example: { reason: 'new corrections' },
      handle({ response, body }) {
        const asked = requestRun(api.workspace, { source: 'api', reason: body.reason, now: new Date() });
        switch (asked) {
          case 'taken':
            return sendJson(response, { detail: wording.triggered }, { status: 202 });
          case 'busy':
            throw new RequestProblem({ status: 409, detail: wording.busyRun });
          case 'no-scheduler':
            throw new RequestProblem({ status: 503, detail: wording.noScheduler });
          default: {
            const never: never = asked;
            return never;
          }
        }
      },
    }),
  ];
}
