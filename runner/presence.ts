import { existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { within } from './graph.ts';
import type { Pipeline, Problem } from './model.ts';
import { nearest } from './nearest.ts';
import { wording } from './wording-load.ts';

/** Where a dep lies that no stage writes: in the workspace, else beside the code; undefined where it is in neither. */
function locate(pipeline: Pipeline, dep: string): string | undefined {
  const { workspace, code } = pipeline.roots;
  return [path.resolve(workspace, dep), path.resolve(code, dep)].find((file) => existsSync(file));
}

/** Names that stand where `file` should: for a hint. */
function siblings(root: string, file: string): readonly string[] {
  const folder = path.posix.dirname(file);
  try {
    return readdirSync(path.resolve(root, folder)).map((name) => (folder === '.' ? name : `${folder}/${name}`));
  } catch {
    // The folder itself is missing: there is nothing to suggest.
    return [];
  }
}

/** Where a path really lies, or will: of a workspace that the run makes, the nearest folder that is there says it. */
function realOf(file: string): string {
  if (existsSync(file)) return realpathSync(file);
  const [whole, parent] = [path.resolve(file), path.dirname(path.resolve(file))];
  return parent === whole ? whole : path.join(realOf(parent), path.basename(whole));
}

/** Whether a folder holds the workspace or is it, links followed: what a run writes would make its own stages stale, and all of it be hashed. */
function holdsWorkspace(pipeline: Pipeline, dep: string): boolean {
  const found = locate(pipeline, dep);
  if (found === undefined) return false;
  const [folder, workspace] = [realOf(found), realOf(pipeline.roots.workspace)];
  return workspace === folder || workspace.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`);
}

function tooWide(pipeline: Pipeline): readonly Problem[] {
  return pipeline.stages.flatMap((stage) =>
    stage.deps
      .filter((dep) => holdsWorkspace(pipeline, dep.path))
      .map((dep): Problem => ({ kind: 'dep-holds-workspace', message: wording.depHoldsWorkspace(stage.name, dep.path), place: dep.place, stage: stage.name })),
  );
}

/** Every dep that neither exists nor is written by a stage, or that holds all of the workspace. Looked at on every run, since files come and go. */
function problems(pipeline: Pipeline): readonly Problem[] {
  const outs = [...pipeline.producers.keys()];
  const missing = pipeline.stages.flatMap((stage) =>
    stage.deps
      .filter((dep) => !dep.optional && !outs.some((out) => within(out, dep.path) || within(dep.path, out)) && locate(pipeline, dep.path) === undefined)
      .map((dep): Problem => {
        const hint = nearest(dep.path, [...outs, ...siblings(pipeline.roots.workspace, dep.path), ...siblings(pipeline.roots.code, dep.path)]);
        return { kind: 'missing-dep', message: wording.missingDep(stage.name, dep.path, hint), place: dep.place, stage: stage.name };
      }),
  );
  return [...missing, ...tooWide(pipeline)];
}

export const missingPaths = { locate, siblings, problems } as const;
