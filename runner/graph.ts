import path from 'node:path';
import type { Problem, Stage } from './model.ts';
import { wording } from './wording-load.ts';

export interface Graph {
  readonly ordered: readonly Stage[];
  readonly upstream: ReadonlyMap<string, readonly string[]>;
  readonly producers: ReadonlyMap<string, string>;
}

/** True where `inner` is `outer` or lies beneath it. */
export function within(outer: string, inner: string): boolean {
  return outer === '.' || inner === outer || inner.startsWith(`${outer}/`);
}

function overlaps(stages: readonly Stage[]): readonly Problem[] {
  const outs = stages.flatMap((stage) => stage.outs.map((out) => ({ stage, out }))).sort((a, b) => (a.out.path < b.out.path ? -1 : a.out.path > b.out.path ? 1 : 0));
  const problems: Problem[] = [];
  const open: typeof outs = [];
  for (const entry of outs) {
    while (open.length > 0 && !within(open.at(-1)?.out.path ?? '', entry.out.path)) open.pop();
    const outer = open.at(-1);
    if (outer !== undefined) {
      const [a, b] = [outer.stage.name, entry.stage.name];
      const message = outer.out.path === entry.out.path ? wording.twiceOut(entry.out.path, a, b) : wording.overlap({ path: outer.out.path, stage: a }, { path: entry.out.path, stage: b });
      problems.push({ kind: 'overlapping-outs', message, place: entry.out.place, stage: b });
    }
    open.push(entry);
  }
  return problems;
}

function ownPaths(stage: Stage): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const dep of stage.deps) {
    if (seen.has(dep.path)) problems.push({ kind: 'duplicate-dep', message: wording.twiceDep(stage.name, dep.path), place: dep.place, stage: stage.name });
    seen.add(dep.path);
    if (stage.outs.some((out) => within(out.path, dep.path) || within(dep.path, out.path))) {
      problems.push({ kind: 'dep-is-out', message: wording.depIsOut(stage.name, dep.path), place: dep.place, stage: stage.name });
    }
  }
  for (const out of stage.outs) {
    if (out.path === '..' || out.path.startsWith('../') || path.isAbsolute(out.path) || out.path === '.') {
      problems.push({ kind: 'outside-workspace', message: wording.outsideWorkspace(stage.name, out.path), place: out.place, stage: stage.name });
    }
  }
  return problems;
}

/** The stages that a stage reads from: those whose outs a dep names, lies beneath, or contains; and that of its `when`. */
function upstreamOf(stage: Stage, producers: ReadonlyMap<string, string>): readonly string[] {
  const read = [...stage.deps.map((dep) => dep.path), ...(stage.when === undefined ? [] : [stage.when.path])];
  const found = new Set<string>();
  for (const [out, producer] of producers) {
    if (producer !== stage.name && read.some((dep) => within(out, dep) || within(dep, out))) found.add(producer);
  }
  return [...found];
}

function findCycle(stages: readonly Stage[], upstream: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const next of upstream.get(name) ?? []) {
      const cycle = visit(next, [...trail, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of stages) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle.toReversed();
  }
  return undefined;
}

function finallyProblems(stages: readonly Stage[], upstream: ReadonlyMap<string, readonly string[]>): readonly Problem[] {
  const last = new Set(stages.filter((stage) => stage.finally).map((stage) => stage.name));
  return stages
    .filter((stage) => !stage.finally)
    .flatMap((stage) =>
      (upstream.get(stage.name) ?? [])
        .filter((other) => last.has(other))
        .map((other): Problem => ({ kind: 'after-finally', message: wording.afterFinally(stage.name, other, stages.find(({ name }) => name === other)?.outs[0]?.path ?? other), place: stage.place, stage: stage.name })),
    );
}

/** Topological order, ties in the order of the file, `finally` stages last. */
function order(stages: readonly Stage[], upstream: ReadonlyMap<string, readonly string[]>): readonly Stage[] {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const ordered: Stage[] = [];
  const done = new Set<string>();
  const visit = (stage: Stage): void => {
    if (done.has(stage.name)) return;
    done.add(stage.name);
    for (const name of upstream.get(stage.name) ?? []) {
      const before = byName.get(name);
      if (before !== undefined) visit(before);
    }
    ordered.push(stage);
  };
  for (const stage of [...stages.filter((one) => !one.finally), ...stages.filter((one) => one.finally)]) visit(stage);
  return ordered;
}

/** Finds producers, edges and order; or every reason why there is no valid graph. */
export function buildGraph(stages: readonly Stage[]): { readonly graph: Graph; readonly problems: readonly Problem[] } {
  const problems = [...stages.flatMap(ownPaths), ...overlaps(stages)];
  const producers = new Map(stages.flatMap((stage) => stage.outs.map((out): [string, string] => [out.path, stage.name])));
  const positions = new Map(stages.map((stage, index) => [stage.name, index]));
  const upstream = new Map(
    stages.map((stage): [string, readonly string[]] => [stage.name, upstreamOf(stage, producers).toSorted((a, b) => (positions.get(a) ?? 0) - (positions.get(b) ?? 0))]),
  );
  const cycle = findCycle(stages, upstream);
  if (cycle !== undefined) {
    const place = stages.find(({ name }) => name === cycle[0])?.place;
    problems.push({ kind: 'cycle', message: wording.cycle(cycle), ...(place === undefined ? {} : { place }) });
  } else problems.push(...finallyProblems(stages, upstream));
  return { graph: { ordered: cycle === undefined ? order(stages, upstream) : stages, upstream, producers }, problems };
}
