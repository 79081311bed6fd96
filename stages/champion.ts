import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeJson } from '../records/json.ts';
import { AppId, Source, datasetOf } from '../schema/app.ts';
import { Decision } from '../schema/registry.ts';
import type { Champion } from '../schema/registry.ts';
import type { StageRun } from './context.ts';
import { readJson } from './learning/json-files.ts';
import { readStanding } from './learning/standing.ts';
import { parseParams } from './params/parse.ts';
import { wording } from './wording-learning.ts';

const Params = z.object({ collect: z.object({ source: Source, app: AppId }) });

/** The model to serve: the one that the registry calls champion of this dataset, as files beside each other. */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { collect } = parsed.params;
  const dataset = datasetOf(collect.source, collect.app);
  const standing = readStanding(path.dirname(context.path('models/registry.json')), dataset);
  if (standing.kind === 'failed') return standing;
  if (standing.champion === null) return wording.noChampion(dataset, readJson(context.path('data/promote/decision.json'), Decision).reason);
  const { manifest, model } = standing.champion;
  const { version } = manifest;
  if (manifest.dataset !== dataset) return wording.otherDataset(`models/versions/${version}`, manifest.dataset, dataset);
  const champion: Champion = { app: collect.app, dataset, version, manifest };
  mkdirSync(context.path('data/champion'), { recursive: true });
  writeFileSync(context.path('data/champion/model.json'), model);
  writeJson(context.path('data/champion/champion.json'), champion);
  return { kind: 'done', facts: { version, estimator: manifest.estimator } };
};
