import path from 'node:path';
import type { Problem } from '../model.ts';
import { cliWording } from '../wording-cli.ts';
import { paint, plain } from './style.ts';
import type { Screen } from './style.ts';

function placeText(problem: Problem, cwd: string): string | undefined {
  if (problem.place === undefined) return undefined;
  const { file, line, column } = problem.place;
  const relative = path.isAbsolute(file) ? path.relative(cwd, file) : file;
  return `${relative.startsWith('..') ? file : relative}:${line}:${column}`;
}

/** A message of several lines keeps its lines; each is made safe. */
function message(problem: Problem): string {
  return problem.message.split('\n').map(plain).join('\n  ');
}

/** What is wrong, where, and what to do: as lines. */
export function problemLines(problem: Problem, screen: Screen, cwd: string): readonly string[] {
  const place = placeText(problem, cwd);
  return [
    `${paint(screen, ['red', 'bold'], 'error:')} ${message(problem)}`,
    ...(place === undefined ? [] : [`  ${paint(screen, 'dim', '-->')} ${plain(place)}`]),
    ...(problem.hint === undefined ? [] : [`  ${cliWording.hint(plain(problem.hint))}`]),
  ];
}

/** A failed stage: what is wrong and where, the last lines of its output, where the whole output is, and what to do. */
export function failureLines(failure: { readonly problem: Problem; readonly tail: readonly string[]; readonly log: string | null }, screen: Screen, at: { readonly cwd: string; readonly workspace: string }): readonly string[] {
  const { problem, tail, log } = failure;
  const { hint, ...rest } = problem;
  const bar = paint(screen, 'dim', '|');
  return [
    ...problemLines(rest, screen, at.cwd),
    ...(tail.length === 0 ? [] : [`  ${cliWording.lastLines(tail.length)}`, ...tail.map((line) => `  ${bar} ${plain(line)}`)]),
    ...(log === null ? [] : [`  ${cliWording.log(path.relative(at.cwd, path.join(at.workspace, log)))}`]),
    ...(hint === undefined ? [] : [`  ${cliWording.hint(plain(hint))}`]),
  ];
}
