import path from 'node:path';
import type { Job, Problem } from '../model.ts';
import type { Violation } from './messages.ts';
import { wording } from './wording.ts';

function shown(job: Job, file: string): string {
  for (const root of [job.roots.workspace, job.roots.code]) {
    const relative = path.relative(root, file);
    if (!relative.startsWith('..') && !path.isAbsolute(relative)) return relative.split(path.sep).join('/');
  }
  return file;
}

/** What a stage did without declaring it, where it is declared, and the line to add. */
export function violationProblem(job: Job, violation: Violation): Problem {
  const { name, place } = job.stage;
  const at = violation.at === undefined ? '' : ` (at ${violation.at})`;
  const make = (message: string, hint: string): Problem => ({ kind: `seal-${violation.kind}`, message: `${message}${at}`, hint, stage: name, place });
  switch (violation.kind) {
    case 'read': {
      const file = shown(job, violation.path);
      return make(wording.read(name, file), /(^|\/)\.env(\.|$)/.test(file) ? wording.secret(file) : wording.addDep(name, file));
    }
    case 'write': {
      const file = shown(job, violation.path);
      return make(wording.write(name, file), wording.addOut(name, file));
    }
    case 'path':
      return make(wording.path(name, violation.name), wording.addPath(name, violation.name));
    case 'param':
      return make(wording.param(name, violation.name), wording.addParam(name, violation.name));
    case 'env':
      return make(wording.env(name, violation.name), wording.addEnv(name, violation.name));
    case 'need':
      return make(wording.need(name, violation.need, violation.detail), wording.addNeed(name, violation.need));
    default: {
      const never: never = violation;
      return never;
    }
  }
}
