import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeJson } from '../records/json.ts';
import { readDataset } from '../registry/registry.ts';
import { readVersion } from '../registry/versions.ts';
import { AppId, Source, datasetOf } from '../schema/app.ts';
import { Decision } from '../schema/registry.ts';
import type { Champion } from '../schema/registry.ts';
import type { StageRun } from './context.ts';
import { readJson } from './learning/json-files.ts';
import { parseParams } from './learning/params.ts';
import { wording } from './wording-learning.ts';

const Params = z.object({ collect: z.object({ source: Source, app: AppId }) });

/** The model to serve: the one that the registry calls champion of this dataset, as files beside each other. */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { collect } = parsed.params;
  const dataset = datasetOf(collect.source, collect.app);
  const models = path.dirname(context.path('models/registry.json'));
  const { champion: version } = readDataset(models, dataset).aliases;
  if (version === null) return wording.noChampion(dataset, readJson(context.path('data/promote/decision.json'), Decision).reason);
  const found = readVersion(models, version);
  const folder = path.posix.join('models/versions', version);
  if (found === null) return wording.lostVersion(version, folder);
  const { manifest, model } = found;
  if (manifest.dataset !== dataset) return wording.otherDataset(folder, manifest.dataset, dataset);
  const champion: Champion = { app: collect.app, dataset, version, manifest };
  mkdirSync(context.path('data/champion'), { recursive: true });
  writeFileSync(context.path('data/champion/model.json'), model);
  writeJson(context.path('data/champion/champion.json'), champion);
  return { kind: 'done', facts: { version, estimator: manifest.estimator }, headline: wording.serving(version, manifest.estimator) };
};
