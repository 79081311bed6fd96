import { existsSync, statSync } from 'node:fs';
import { z } from 'zod';
import { datasetOf } from '../schema/app.ts';
import { CollectParams, PrivacyParams } from '../schema/params.ts';
import { DROPPED_FILE } from '../storage/dropped.ts';
import { ERASED_FILE, erasedOf } from '../storage/erased.ts';
import { ERASING_FILE } from '../storage/erasing.ts';
import { attempt } from '../storage/failure.ts';
import { openRawStore } from '../storage/open-raw-store.ts';
import { alone } from './collect/alone.ts';
import { withBackup } from './collect/backup.ts';
import { readFileSource } from './collect/file.ts';
import { storeWhole } from './collect/whole.ts';
import type { Collecting } from './collect/whole.ts';
import type { StageContext, StageOutcome, StageRun } from './context.ts';
import { parseParams } from './params/parse.ts';
import { openDoor } from './privacy/door.ts';
import { cutOff, openAges } from './privacy/retention.ts';
import { wording as stores } from './wording-collect.ts';
import { wording as privacyWording } from './wording-privacy.ts';

const Params = z.object({ collect: CollectParams, privacy: PrivacyParams });

/** A file whose rows are many, by its size: a review takes some hundred bytes. */
const isBig = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 1_000_000;

/** Each source is loaded where it is the one that is asked: they are half of all that this stage has. */
async function ask(collecting: Collecting): Promise<StageOutcome> {
  const { context, params, door, raw } = collecting;
  switch (params.source) {
    case 'sample': {
      const { generateSample } = await import('../ml/sample/generate.ts');
      return storeWhole(collecting, { parts: [generateSample({ ...params.sample, app: params.app }).map((review) => door.admit(review, null))], repeated: new Set(), facts: {} });
    }
    case 'file': {
      if (isBig(context.path(params.path))) raw.prepareFill();
      const read = await readFileSource(context.path(params.path), params.path, { params, admit: (review, userName) => door.admit(review, userName) });
      return read.kind === 'failed' ? read : storeWhole(collecting, { parts: read.parts(), repeated: read.repeated, facts: read.facts });
    }
    case 'play': {
      const { collectPlay } = await import('./collect/play.ts');
      return collectPlay(collecting);
    }
    default: {
      const never: never = params.source;
      return never;
    }
  }
}

/** What is too old goes from the datasets that this run does not collect as well. Their receipts go with it: another run fills them again. */
async function ageOthers(collecting: Collecting): Promise<void> {
  const { raw, dataset, params } = collecting;
  const collected = new Set([dataset, ...(params.source === 'play' ? params.play.apps.map((app) => datasetOf('play', app)) : [])]);
  for (const other of collecting.since === null ? [] : await raw.datasets()) {
    if (collected.has(other)) continue;
    const dropped = await (await openAges(collecting, other)).drop();
    if (dropped > 0) await raw.unstamp(other);
  }
}

/** What is left to do outside of the stages is told to the hooks that do it, also where collecting failed; the person gets to know of an erasure. */
function tellLeft(context: StageContext, outcome: StageOutcome): StageOutcome {
  if (existsSync(context.path(DROPPED_FILE))) context.emit('reviews-dropped', {});
  if (!existsSync(context.path(ERASING_FILE))) return outcome;
  context.emit('erasure-unfinished', {});
  context.log(privacyWording.erasing);
  return outcome.kind === 'done' ? { ...outcome, headline: [outcome.headline, privacyWording.erasing].filter((part) => part !== undefined).join('; ') } : outcome;
}

/**
 * Brings what is new into the raw store, then exports the configured dataset. For the sample and for files the export is
 * exactly what the source holds now (the store keeps earlier rows and edits besides), so that the same source gives the same
 * bytes whatever was collected in between; for the Play Store it is all that the store knows and still has.
 */
export const run: StageRun = async (context) => {
  const parsed = parseParams(Params, context.params);
  if (parsed.kind === 'failed') return parsed;
  const { collect: params, privacy } = parsed.params;
  const opened = openDoor(privacy, context.env.PRIVACY_KEY);
  if (opened.kind === 'failed') return opened;
  const store = await openRawStore({ folder: context.path('stores/raw'), uri: context.env.MONGODB_URI });
  if (!store.ok) return stores.store(store.failure);
  const raw = store.value;
  const dataset = datasetOf(params.source, params.app);
  const erased = erasedOf(context.path(ERASED_FILE), dataset);
  const collecting: Collecting = { context, params, door: opened.door, raw, dataset, since: cutOff(context.asOf, privacy.retentionDays), erased: erased.length > 0 };
  try {
    const done = await attempt(raw.failureOf, async () => {
      if (erased.length > 0) await raw.bury(dataset, erased);
      await ageOthers(collecting);
      return alone(raw, dataset, () => withBackup(collecting, () => ask(collecting)));
    });
    const outcome = done.ok ? done.value : stores.store(done.failure);
    // By this `watch` knows which source answered, whatever is configured by then.
    return tellLeft(context, outcome.kind === 'done' ? { ...outcome, facts: { ...outcome.facts, dataset } } : outcome);
  } finally {
    // A server that went away cannot be said goodbye to.
    await attempt(raw.failureOf, () => raw.close());
  }
};
