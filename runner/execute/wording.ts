import type { Need } from '../model.ts';

/** Every sentence about running one stage. */

const quoted = (stage: string): string => `stage "${stage}"`;

export const wording = {
  exited: (stage: string, code: number) => `Stage "${stage}" ended with exit code ${code}`,
  signalled: (stage: string, signal: string) => `Stage "${stage}" was ended by the signal ${signal}${signal === 'SIGKILL' || signal === 'SIGABRT' ? ', perhaps for want of memory' : ''}`,
  noShell: (stage: string, why: string) => `Cannot start ${quoted(stage)}: ${why}`,
  silent: (stage: string, code: number | null) => `Stage "${stage}" ended${code === null ? '' : ` with exit code ${code}`} before it gave its outcome: let run() return, and do not call process.exit()`,
  noRun: (stage: string, file: string) => `Stage "${stage}" cannot run ${file} as it does not export a function named "run"`,
  badOutcome: (stage: string) => `Stage "${stage}" returned no outcome: return { kind: 'done' } or { kind: 'failed', problem, remedy }`,
  threw: (stage: string, error: string) => `Stage "${stage}" threw ${error}`,
  failed: (stage: string, problem: string, where: string | undefined) => `Stage "${stage}" failed: ${problem}${where === undefined ? '' : ` (${where})`}`,
  read: (stage: string, path: string) => `Stage "${stage}" read ${path}, which it does not declare`,
  write: (stage: string, path: string) => `Stage "${stage}" wrote ${path}, which it does not declare`,
  path: (stage: string, path: string) => `Stage "${stage}" asked for the path ${path}, which it does not declare`,
  param: (stage: string, key: string) => `Stage "${stage}" read the param "${key}", which it does not declare`,
  env: (stage: string, name: string) => `Stage "${stage}" read the environment variable ${name}, which it does not declare`,
  need: (stage: string, need: Need, detail: string) => `Stage "${stage}" ${{ network: 'opened a connection', storage: 'opened a database', processes: 'started a process', workers: 'started a worker', addons: 'loaded an addon' }[need]}${detail === '' ? '' : ` (${detail})`}, which it does not declare`,
  addDep: (stage: string, path: string) => `add "- ${path}" to deps of ${quoted(stage)}`,
  addOut: (stage: string, path: string) => `add "- ${path}" to outs of ${quoted(stage)}`,
  addParam: (stage: string, key: string) => `add "- ${key}" to params of ${quoted(stage)}`,
  addEnv: (stage: string, name: string) => `add "- ${name}" to env of ${quoted(stage)}`,
  addNeed: (stage: string, need: Need) => `add "needs: [${need}]" to ${quoted(stage)}`,
  addPath: (stage: string, path: string) => `add "- ${path}" to deps or outs of ${quoted(stage)}`,
  secret: (path: string) => `${path} may hold secrets: declare the variable under "env" and export it instead`,
  noNotebookOut: (stage: string) => `Stage "${stage}" has nowhere to write its executed notebook: add an out that ends in .ipynb`,
  notebook: (file: string, why: string) => `Cannot read the notebook ${file}: ${why}`,
  cell: (at: { file: string; number: number; id: string; line: number | undefined }, error: string) => `Cell ${at.number} of ${at.file} failed${at.line === undefined ? '' : ` at line ${at.line}`} (id ${at.id}): ${error}`,
  cellTimeout: (at: { file: string; number: number; id: string }, seconds: number) => `Cell ${at.number} of ${at.file} (id ${at.id}) took longer than ${seconds} seconds and was stopped`,
  kernelGone: (at: { file: string; number: number; id: string }) => `Cell ${at.number} of ${at.file} (id ${at.id}) ended the kernel: it ran out of memory, was killed, or called Deno.exit()`,
  noKernel: (why: string) => `Cannot start the notebook kernel: ${why}`,
} as const;
