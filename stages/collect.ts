import { statSync } from 'node:fs';
import { generateSample } from '../ml/sample/generate.ts';
import { datasetOf } from '../schema/app.ts';
import { CollectParams, PrivacyParams } from '../schema/params.ts';
import { ERASED_FILE, erasedOf } from '../storage/erased.ts';
import { attempt } from '../storage/failure.ts';
import { openRawStore } from '../storage/open-raw-store.ts';
import { alone } from './collect/alone.ts';
import { withBackup } from './collect/backup.ts';
import { readFileSource } from './collect/file.ts';
import { collectPlay } from './collect/play.ts';
import { storeWhole } from './collect/whole.ts';
import type { Collecting } from './collect/whole.ts';
import type { StageOutcome, StageRun } from './context.ts';
import { openDoor } from './privacy/door.ts';
import { cutOff } from './privacy/retention.ts';
import { wording as stores } from './wording-collect.ts';
import { wording } from './wording-data.ts';

/** A file whose rows are many, by its size: a review takes some hundred bytes. */
const isBig = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 1_000_000;

async function collect(collecting: Collecting): Promise<StageOutcome> {
  const { context, params, door, raw } = collecting;
  switch (params.source) {
    case 'sample':
      return storeWhole(collecting, { parts: [generateSample({ ...params.sample, app: params.app }).map((review) => door.admit(review, null))], repeated: new Set(), facts: {} });
    case 'file': {
      if (isBig(context.path(params.path))) raw.prepareFill();
      const read = await readFileSource(context.path(params.path), params.path, { params, admit: (review, userName) => door.admit(review, userName) });
      return read.kind === 'failed' ? read : storeWhole(collecting, { parts: read.parts(), repeated: read.repeated, facts: read.facts });
    }
    case 'play':
      return collectPlay(collecting);
    default: {
      const never: never = params.source;
      return never;
    }
  }
}

/**
 * Brings what is new into the raw store, then exports the configured dataset. For the sample and for files the export is
 * exactly what the source holds now (the store keeps earlier rows and edits besides), so that the same source gives the same
 * bytes whatever was collected in between; for the Play Store it is all that the store knows and still has.
 */
export const run: StageRun = async (context) => {
  const given = context.params as { readonly collect: unknown; readonly privacy: unknown };
  const [params, privacy] = [CollectParams.safeParse(given.collect), PrivacyParams.safeParse(given.privacy)];
  for (const [name, { error }] of [['collect', params], ['privacy', privacy]] as const) {
    if (error !== undefined) return wording.badParams(error.issues.map(({ path: at, message }) => `${name}.${at.join('.')}: ${message}`).join('; '));
  }
  if (params.data === undefined || privacy.data === undefined) return wording.badParams('unreadable');
  const opened = openDoor(privacy.data, context.env.PRIVACY_KEY);
  if (opened.kind === 'failed') return opened;
  const store = await openRawStore({ folder: context.path('stores/raw'), uri: context.env.MONGODB_URI });
  if (!store.ok) return stores.store(store.failure);
  const raw = store.value;
  const dataset = datasetOf(params.data.source, params.data.app);
  const erased = erasedOf(context.path(ERASED_FILE), dataset);
  const collecting: Collecting = { context, params: params.data, door: opened.door, raw, dataset, since: cutOff(context.asOf, privacy.data.retentionDays), erased: erased.length > 0 };
  try {
    const done = await attempt(raw.failureOf, async () => {
      if (erased.length > 0) await raw.bury(dataset, erased);
      return alone(raw, dataset, () => withBackup(collecting, () => collect(collecting)));
    });
    return done.ok ? done.value : stores.store(done.failure);
  } finally {
    // A server that went away cannot be said goodbye to.
    await attempt(raw.failureOf, () => raw.close());
  }
};
