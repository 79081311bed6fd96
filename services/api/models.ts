import path from 'node:path';
import { z } from 'zod';
import type { RegistryFailure } from '../../registry/failure.ts';
import { readDataset } from '../../registry/registry.ts';
import { promoteByHand, rollBack } from '../../registry/serve-model.ts';
import type { Served, Wish } from '../../registry/serve-model.ts';
import { readVersion } from '../../registry/versions.ts';
import { sentence } from '../../registry/wording-registry.ts';
import { RegistryEvent } from '../../schema/registry.ts';
import type { DatasetRegistry } from '../../schema/registry.ts';
import { RequestProblem, sendJson } from '../http/problem.ts';
import { route } from '../http/route.ts';
import type { Call, Route } from '../http/route.ts';
import { wording } from '../wording.ts';
import type { Api } from './api.ts';

const Model = z.strictObject({
  version: z.string(), alias: z.enum(['champion', 'challenger']).nullable(), rolledBack: z.boolean(), whole: z.boolean().describe('Its files are there and are what they should be'),
  estimator: z.string().nullable(), trainedRows: z.number().nullable(), macroF1: z.number().nullable().describe('On its test rows'), interval: z.tuple([z.number(), z.number()]).nullable(),
});
const Models = z.strictObject({ dataset: z.string(), serving: z.string().nullable(), models: z.array(Model), log: z.array(RegistryEvent).describe('Which version was champion when, by whom and why; oldest first') });
const Change = z.strictObject({ reason: z.string().trim().min(1).max(500).describe('Why: it stays in the log'), actor: z.string().trim().min(1).max(100).default('api') });
const Version = z.string().max(64).refine((version) => version.trim() !== '', { error: wording.blankVersion });
const Rollback = z.strictObject({ ...Change.shape, version: Version.optional().describe('An earlier champion; the one before this one where it is left out') });
const Changed = z.strictObject({ champion: z.string(), previous: z.string().nullable(), release: z.string().nullable() });
const NEWEST_LOG = 200;

function problemOf(failure: RegistryFailure): RequestProblem {
  return failure.kind === 'busy' ? new RequestProblem({ status: 503, detail: sentence(failure), headers: { 'Retry-After': '10' } }) : new RequestProblem({ status: 500, detail: sentence(failure) });
}

/** A registry that was cut or cannot be read is of the operator: the answer says what to do, and nothing else of the server suffers. */
function knownOf(models: string, dataset: string): DatasetRegistry {
  const read = readDataset(models, dataset);
  if (!read.ok) throw problemOf(read.failure);
  return read.value;
}

function describe(models: string, known: DatasetRegistry): z.infer<typeof Models>['models'] {
  const { champion, challenger } = known.aliases;
  return [...new Set(known.log.map(({ version }) => version))].toReversed().map((version) => {
    const found = readVersion(models, version)?.manifest ?? null;
    const alias = version === champion ? 'champion' : version === challenger ? 'challenger' : null;
    return {
      version, alias, rolledBack: known.rolledBack.includes(version), whole: found !== null, estimator: found?.estimator ?? null, trainedRows: found?.trainedRows ?? null,
      macroF1: found?.testMacroF1 ?? null, interval: found === null ? null : found.reference.interval,
    };
  });
}

function answerOf(served: Served): z.infer<typeof Changed> {
  switch (served.kind) {
    case 'served':
      return { champion: served.version, previous: served.previous, release: served.release?.id ?? null };
    case 'mended':
      return { champion: served.version, previous: served.previous, release: served.release.id };
    case 'already':
      throw new RequestProblem({ status: 409, detail: wording.already(served.version) });
    case 'unknown-version':
      throw new RequestProblem({ status: 404, detail: wording.unknownVersion(served.version, served.known) });
    case 'broken-version':
      throw new RequestProblem({ status: 409, detail: wording.brokenVersion(served.version) });
    case 'no-earlier':
      throw new RequestProblem({ status: 409, detail: wording.noEarlier });
    case 'never-champion':
      throw new RequestProblem({ status: 409, detail: wording.neverChampion(served.version, served.champions) });
    case 'failed':
      throw problemOf(served.failure);
    default: {
      const never: never = served;
      return never;
    }
  }
}

function wishOf({ workspace }: Api, { release, body }: Call<unknown, z.infer<typeof Change>>, version: string | null): Wish {
  if (release === null) throw new RequestProblem({ status: 503, detail: wording.noRelease });
  return { workspace, dataset: release.manifest.dataset, version, actor: body.actor, reason: body.reason, now: new Date() };
}

export function modelRoutes(api: Api): readonly Route[] {
  const finish = async (call: Call<unknown, unknown>, served: Served): Promise<void> => {
    const changed = answerOf(served);
    // The answer is told when this very server serves the model that it names.
    await api.releases.look();
    sendJson(call.response, changed);
  };
  return [
    route({
      method: 'GET', path: '/api/models', tag: 'models', summary: 'The versions of the model, their scores, and the log of who served when', answer: Models,
      handle({ response, release }) {
        if (release === null) throw new RequestProblem({ status: 503, detail: wording.noRelease });
        const { dataset } = release.manifest;
        const models = path.join(api.workspace, 'models');
        const known = knownOf(models, dataset);
        sendJson(response, { dataset, serving: release.model?.version ?? null, models: describe(models, known), log: known.log.slice(-NEWEST_LOG) });
      },
    }),
    route({
      method: 'POST', path: '/api/models/rollback', tag: 'models', summary: 'Serves the champion before this one; the same again undoes it', writes: true, body: Rollback, answer: Changed,
      example: { reason: 'labels of complaints look wrong' },
      handle: async (call) => finish(call, await rollBack(wishOf(api, call, call.body.version ?? null))),
    }),
    route({
      method: 'POST', path: '/api/models/{version}/promote', tag: 'models', summary: 'Makes a registered version champion', writes: true, body: Change, answer: Changed,
      example: { reason: 'judged by hand' },
      handle: async (call) => {
        const version = call.params.version ?? '';
        if (!Version.safeParse(version).success) throw new RequestProblem({ status: 422, detail: wording.blankVersion });
        return finish(call, await promoteByHand({ ...wishOf(api, call, version), version }));
      },
    }),
  ];
}
