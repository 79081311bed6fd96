import type { CliOptions } from '../cli-options.ts';
import type { Pipeline } from '../model.ts';
import { plain } from '../print/style.ts';
import { selectStages } from '../selection.ts';
import { EXIT } from './exit.ts';
import { openPipeline } from './open.ts';
import { tellProblems } from './tell.ts';
import type { Terminal } from './terminal.ts';

interface Edge {
  readonly from: string;
  readonly to: string;
}

function edgesOf(pipeline: Pipeline, names: readonly string[]): readonly Edge[] {
  const shown = new Set(names);
  return names.flatMap((to) => (pipeline.upstream.get(to) ?? []).filter((from) => shown.has(from)).map((from) => ({ from, to })));
}

/** Mermaid wants plain ids; names may hold anything. */
function mermaid(names: readonly string[], edges: readonly Edge[]): readonly string[] {
  const id = new Map(names.map((name, index) => [name, `s${index}`]));
  const label = (name: string): string => plain(name).replaceAll('"', '#quot;');
  return ['flowchart TD', ...names.map((name) => `  ${id.get(name)}["${label(name)}"]`), ...edges.map(({ from, to }) => `  ${id.get(from)} --> ${id.get(to)}`)];
}

function dot(names: readonly string[], edges: readonly Edge[]): readonly string[] {
  const quoted = (name: string): string => JSON.stringify(plain(name));
  return ['digraph pipeline {', '  rankdir=TB;', ...names.map((name) => `  ${quoted(name)};`), ...edges.map(({ from, to }) => `  ${quoted(from)} -> ${quoted(to)};`), '}'];
}

/** One stage a line, in the order in which they run, with what each waits for. Indented by its depth in the graph. */
function terminalLines(names: readonly string[], edges: readonly Edge[]): readonly string[] {
  const depth = new Map<string, number>();
  const upstream = (name: string): readonly string[] => edges.filter(({ to }) => to === name).map(({ from }) => from);
  for (const name of names) depth.set(name, Math.max(-1, ...upstream(name).map((from) => depth.get(from) ?? 0)) + 1);
  return names.map((name) => {
    const from = upstream(name);
    return `${'  '.repeat(depth.get(name) ?? 0)}${plain(name)}${from.length === 0 ? '' : `  ← ${from.map(plain).join(', ')}`}`;
  });
}

/** `repro dag`: the graph for a terminal, as Mermaid or as DOT; of some stages with what they need, or of all. */
export async function dagCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  const opened = await openPipeline(options, terminal);
  if (!opened.ok) return tellProblems(opened.problems, options, terminal);
  const { pipeline } = opened.value;
  const selection = selectStages(pipeline, options.words, false);
  if (!selection.ok) return tellProblems(selection.problems, options, terminal);
  const names = selection.value.stages.map(({ name }) => name);
  const edges = edgesOf(pipeline, names);
  if (options.json) terminal.data.line(JSON.stringify({ event: 'dag', stages: names, edges }));
  else for (const line of (options.format === 'mermaid' ? mermaid : options.format === 'dot' ? dot : terminalLines)(names, edges)) terminal.data.line(line);
  return EXIT.done;
}
