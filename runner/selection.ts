import type { Pipeline, Problem, Result, Stage } from './model.ts';
import { nearest } from './nearest.ts';
import { wording } from './wording.ts';

/** The stage that writes a path, or a file in it, or the folder it lies in. */
export function writerOf(pipeline: Pipeline, path: string): string | undefined {
  const exact = pipeline.producers.get(path);
  if (exact !== undefined) return exact;
  for (const [out, stage] of pipeline.producers) if (path.startsWith(`${out}/`) || out.startsWith(`${path}/`)) return stage;
  return undefined;
}

/** The stages that a word on the command line means: one by its name, all of a matrix, or the writer of an out. */
function stagesOf(pipeline: Pipeline, word: string): readonly string[] {
  const named = pipeline.stages.filter(({ name }) => name === word || name.startsWith(`${word}@`)).map(({ name }) => name);
  if (named.length > 0) return named;
  const writer = pipeline.producers.get(word.replace(/\/+$/, ''));
  return writer === undefined ? [] : [writer];
}

export interface Selection {
  /** In the order of the pipeline; `finally` stages last. */
  readonly stages: readonly Stage[];
  /** Named on the command line; empty for the whole pipeline. */
  readonly targets: ReadonlySet<string>;
}

/**
 * What a command is about: all stages, or the named ones with everything upstream of them, or with `single` these alone.
 * `finally` stages come along, as they follow every run that did something, but not with `single`.
 */
export function selectStages(pipeline: Pipeline, words: readonly string[], single: boolean): Result<Selection> {
  const problems: Problem[] = [];
  const targets = new Set<string>();
  for (const word of words) {
    const found = stagesOf(pipeline, word);
    for (const name of found) targets.add(name);
    if (found.length > 0) continue;
    const hint = nearest(word, pipeline.stages.map(({ name }) => name));
    problems.push({ kind: 'unknown-stage', message: wording.unknownStage(word, hint) });
  }
  if (problems.length > 0) return { ok: false, problems };
  if (words.length === 0) return { ok: true, value: { stages: pipeline.stages, targets } };
  const chosen = new Set<string>();
  const visit = (name: string): void => {
    if (chosen.has(name)) return;
    chosen.add(name);
    if (!single) for (const upstream of pipeline.upstream.get(name) ?? []) visit(upstream);
  };
  for (const name of targets) visit(name);
  const stages = pipeline.stages.filter((stage) => chosen.has(stage.name) || (stage.finally && !single));
  return { ok: true, value: { stages, targets } };
}
