import { z } from 'zod';
import { RequestProblem, sendJson } from '../http/problem.ts';
import { route } from '../http/route.ts';
import type { Route } from '../http/route.ts';
import { wording } from '../wording.ts';

const Counts = z.record(z.string(), z.number().int());
const Summary = z.strictObject({
  release: z.string(),
  run: z.string().describe('The run that made the report'),
  app: z.string(),
  dataset: z.string(),
  model: z.string().nullable().describe('The model that serves'),
  predictedBy: z.string().nullable().describe('The model that made the labels of the reviews'),
  reviews: z.number().int(),
  oldest: z.string().nullable(),
  newest: z.string().nullable(),
  ageSeconds: z.number().nullable().describe('How old the newest review is'),
  rating: z.number().nullable().describe('Mean of the stars'),
  labels: Counts,
  languages: Counts,
  ratings: Counts,
});

export function summaryRoutes(): readonly Route[] {
  return [
    route({
      method: 'GET', path: '/api/summary', tag: 'reviews', summary: 'What is served, how old it is, and how many reviews of each label', answer: Summary,
      handle({ response, release }) {
        if (release === null) throw new RequestProblem({ status: 503, detail: wording.noRelease });
        const { id, manifest, tally, model } = release;
        const newest = tally?.newest ?? null;
        const summary: z.infer<typeof Summary> = {
          release: id, run: manifest.run, app: manifest.app, dataset: manifest.dataset, model: model?.version ?? null, predictedBy: manifest.predictedBy ?? manifest.champion,
          reviews: tally?.reviews ?? 0, oldest: tally?.oldest ?? null, newest, ageSeconds: newest === null ? null : Math.round((Date.now() - Date.parse(newest)) / 1000),
          rating: tally?.rating ?? null, labels: { ...tally?.labels }, languages: { ...tally?.languages }, ratings: { ...tally?.ratings },
        };
        sendJson(response, summary);
      },
    }),
  ];
}
