import type { ParamProblem } from './param-problems.ts';

/** The sentences about wrong params, the same wherever they are told. */
export const wording = {
  badParam: ({ key, seen, why }: { readonly key: string; readonly seen: string | undefined; readonly why: string }): string => `${key} is ${seen ?? 'not there'}: ${why}`,
  unknownParam: (key: string, near: string | undefined): string => `there is no ${key}${near === undefined ? '' : `: did you mean "${near}"?`}`,
} as const;

/** One problem as a sentence; `nearest` finds what a name was most likely meant to be. */
export function paramSentence(problem: ParamProblem, nearest: (name: string, known: readonly string[]) => string | undefined = () => undefined): string {
  return problem.kind === 'value' ? wording.badParam(problem) : wording.unknownParam(problem.key, nearest(String(problem.path.at(-1)), problem.known));
}
