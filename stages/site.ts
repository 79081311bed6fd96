import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { publishRelease } from '../registry/publish.ts';
import type { Published } from '../registry/publish.ts';
import { sentence, unsettled } from '../registry/wording-registry.ts';
import { AppId, Source, datasetOf } from '../schema/app.ts';
import { Champion } from '../schema/registry.ts';
import { SERVED_FILE, writeServedReviews } from '../storage/served-reviews.ts';
import { servedReviews } from './serving/reviews.ts';

/**
 * The last stage, a command: builds the report in a process of its own (`site/` is another room: they share files, not code),
 * then publishes it together with the champion as a release.
 */
const Context = z.object({
  params: z.object({ collect: z.object({ source: Source, app: AppId }) }),
  paths: z.record(z.string(), z.string()),
  runRecord: z.string().nullable(),
  roots: z.object({ code: z.string(), workspace: z.string() }),
});

/** The champion of this dataset; one that is left over from another dataset is not released with this report. */
function championOf(folder: string, dataset: string): Champion | null {
  const file = path.join(folder, 'champion.json');
  if (!existsSync(file)) return null;
  const champion = Champion.parse(JSON.parse(readFileSync(file, 'utf8')));
  return champion.dataset === dataset ? champion : null;
}

/** What the log of the stage says where the release has not the model that the registry may want: the report of the run goes out all the same. */
function warn({ unsettled: why }: Published): void {
  if (why !== null) console.error(why.kind === 'failed' ? unsettled.failed(why.failure) : unsettled.brokenVersion(why.version));
}

async function main(contextFile: string): Promise<number> {
  const built = spawnSync(process.execPath, [path.join(import.meta.dirname, '..', 'site', 'build.ts'), contextFile], { stdio: 'inherit' });
  if (built.status !== 0) return built.status ?? 1;
  const { params, paths, runRecord, roots } = Context.parse(JSON.parse(readFileSync(contextFile, 'utf8')));
  // Without a record the report was built by hand, to look at: only runs are released.
  if (runRecord === null) return 0;
  const at = (declared: string): string => paths[declared] ?? path.join(roots.workspace, declared);
  const dataset = datasetOf(params.collect.source, params.collect.app);
  const champion = championOf(at('data/champion'), dataset);
  const id = path.basename(runRecord, '.json');
  const { app } = params.collect;
  const reviews = servedReviews({ clean: at('data/clean/reviews.csv'), predictions: at('data/predict/predictions.csv'), metrics: at('reports/metrics.json'), record: runRecord, app, dataset });
  const published = await publishRelease({
    workspace: roots.workspace, siteDir: at('site/dist'), modelDir: champion === null ? null : at('data/champion'),
    id, run: id, dataset, app, champion: champion?.version ?? null,
    add: (folder) => void writeServedReviews(path.join(folder, 'data', SERVED_FILE), reviews),
  });
  if (published.ok) warn(published.value);
  else console.error(`error: ${sentence(published.failure)}`);
  return published.ok ? 0 : 1;
}

const { REPRO_CONTEXT: contextFile } = process.env;
if (contextFile === undefined) {
  console.error('Cannot build the report by itself as it needs what a run knows: run  pnpm repro');
  process.exitCode = 2;
} else process.exitCode = await main(contextFile);
