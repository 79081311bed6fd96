import path from 'node:path';
import { readRecord } from '../../../runner/record.ts';
import { datasetOf } from '../../../schema/app.ts';
import { COLLECTED, datasetIn } from '../../../storage/backup.ts';
import { named, partOfParams, setsOf } from '../place.ts';

type Values = Readonly<Record<string, unknown>>;

const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a --set says which dataset a run is about. */
export const saysDataset = (set: string): boolean => /^\s*collect(?:\.source|\.app)?\s*=/.test(set);

/**
 * What else of `collect` the run had that made the data, where params.yaml, being about another dataset, says otherwise: the path
 * of a file, its columns.
 */
function recorded(workspace: string, dataset: string): readonly string[] {
  const [used, configured, own] = [readRecord(workspace, 'collect')?.fingerprint.params['params.yaml:collect'], partOfParams('collect'), named({})];
  if (!isValues(used) || configured === undefined || (own.ok && datasetOf(own.source, own.app) === dataset)) return [];
  if (`${String(used.source)}:${String(used.app)}` !== dataset) return [];
  const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.keys(configured)
    .filter((key) => key !== 'source' && key !== 'app' && key in used && JSON.stringify(used[key]) !== JSON.stringify(configured[key]))
    .map((key) => `collect.${key}=${text(used[key])}`);
}

export interface Asked {
  /** The one that reviews are erased of. */
  readonly dataset: string;
  /** As it was typed. */
  readonly set: readonly string[];
}

/**
 * By which `--set` the run after an erasure makes things again. It is about the dataset that lies in data/collect, which readers
 * see, whatever params.yaml says by now and whichever dataset the reviews were of; unless another one is asked for.
 */
export function setsOfRun(workspace: string, { dataset, set }: Asked): readonly string[] {
  const made = set.some(saysDataset) ? dataset : (datasetIn(path.join(workspace, COLLECTED)) ?? dataset);
  return [...recorded(workspace, made), ...set, ...setsOf(made)];
}
