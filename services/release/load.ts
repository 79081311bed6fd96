import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ModelArtefact } from '../../ml/model.ts';
import { createPredictor } from '../../ml/predict.ts';
import type { Predictor } from '../../ml/predict.ts';
import { createStem } from '../../ml/text/stem.ts';
import { Champion } from '../../schema/registry.ts';
import type { ReleaseManifest } from '../../schema/run-record.ts';
import { SERVED_FILE, openServedReviews } from '../../storage/served-reviews.ts';
import type { Tally } from '../../storage/served-reviews.ts';
import { wording } from '../wording.ts';
import { loadFile } from './files.ts';
import type { ReleaseFile } from './files.ts';
import { readManifest } from './manifest.ts';
import { holdReviews } from './reviews.ts';
import type { HeldReviews } from './reviews.ts';

export interface ServedModel {
  readonly version: string;
  readonly estimator: string;
  readonly champion: Champion;
  readonly predictor: Predictor;
  readonly bytes: number;
}

/** Site, model and reviews that belong together. A request takes one and keeps it to its end. */
export interface Release {
  readonly id: string;
  readonly manifest: ReleaseManifest;
  readonly loadedAt: Date;
  /** By the path in the URL, without the first slash. */
  readonly site: ReadonlyMap<string, ReleaseFile>;
  readonly model: ServedModel | null;
  readonly reviews: HeldReviews | null;
  readonly tally: Tally | null;
}

export type Loaded = { readonly ok: true; readonly release: Release } | { readonly ok: false; readonly why: string };

const READ_AT_ONCE = 8;

async function loadFiles(folder: string, manifest: ReleaseManifest): Promise<Map<string, ReleaseFile> | string> {
  const wanted = Object.entries(manifest.files);
  const files = new Map<string, ReleaseFile>();
  for (let from = 0; from < wanted.length; from += READ_AT_ONCE) {
    const loaded = await Promise.all(wanted.slice(from, from + READ_AT_ONCE).map(async ([name, hash]) => [name, await loadFile(folder, name, hash)] as const));
    for (const [name, file] of loaded) {
      if (file === null) return name;
      files.set(name, file);
    }
  }
  return files;
}

function loadModel(files: ReadonlyMap<string, ReleaseFile>, manifest: ReleaseManifest, model: Buffer): ServedModel | null {
  const champion = Champion.safeParse(JSON.parse(files.get('model/champion.json')?.body?.toString('utf8') ?? 'null'));
  const hash = createHash('sha256').update(model).digest('hex');
  if (!champion.success || champion.data.version !== manifest.champion || champion.data.manifest.model !== hash) return null;
  const artefact = JSON.parse(model.toString('utf8')) as ModelArtefact;
  const predictor = createPredictor(artefact, artefact.text.stem === 'none' ? undefined : createStem());
  // The first prediction of a predictor is the slowest: it must not be a reader's.
  predictor.predict('bagus');
  return { version: champion.data.version, estimator: artefact.estimator, champion: champion.data, predictor, bytes: model.length };
}

/** Loads a release whole and compares every file with the manifest; whatever is wrong refuses all of it. */
export async function loadRelease(workspace: string, id: string): Promise<Loaded> {
  const folder = path.join(workspace, 'releases', id);
  const manifest = await readManifest(folder);
  if (manifest === null) return { ok: false, why: wording.noManifest };
  const files = await loadFiles(folder, manifest);
  if (typeof files === 'string') return { ok: false, why: wording.brokenFile(files) };
  try {
    const held = files.get('model/model.json');
    const bytes = held === undefined ? null : (held.body ?? (await readFile(held.file)));
    const model = bytes === null ? null : loadModel(files, manifest, bytes);
    if (manifest.champion !== null && model === null) return { ok: false, why: wording.brokenModel };
    const site = new Map([...files].flatMap(([name, file]) => (name.startsWith('site/') ? [[name.slice('site/'.length), file] as const] : [])));
    if (!site.has('index.html')) return { ok: false, why: wording.noSite };
    const data = files.get(`data/${SERVED_FILE}`);
    const reviews = data === undefined ? null : holdReviews(openServedReviews(data.file));
    return { ok: true, release: { id, manifest, loadedAt: new Date(), site, model, reviews, tally: reviews?.tally ?? null } };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}
