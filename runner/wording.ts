import type { Json, Receipt } from './model.ts';

const SHOWN_VALUE_MAX = 60;

/** A value as people write it in YAML, cut where it would fill the screen. */
function shown(value: Json | undefined): string {
  if (value === undefined) return '(none)';
  // A string that YAML would read as something else ("1", "true") keeps its quotes.
  const isPlain = typeof value === 'string' && /^[A-Za-z_./@][\w./:@-]*$/.test(value) && !/^(true|false|null|yes|no|on|off)$/i.test(value);
  const text = isPlain ? value : JSON.stringify(value);
  return text.length > SHOWN_VALUE_MAX ? `${text.slice(0, SHOWN_VALUE_MAX)}…` : text;
}

/** `6h`, as in pipeline.yaml. */
function duration(seconds: number): string {
  for (const [unit, size] of [['d', 86400], ['h', 3600], ['m', 60]] as const) {
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}

function differences(left: Receipt, found: Receipt): string {
  const fields = (['target', 'rows', 'checksum'] as const).filter((field) => left[field] !== found[field]);
  return fields.map((field) => `${field} ${shown(left[field])} -> ${shown(found[field])}`).join(', ');
}

const ATTEMPTS = { failed: 'failed last time', interrupted: 'was interrupted last time', killed: 'was killed last time' } as const;

/** Every sentence of the engine. Reasons are clauses: "train runs: params train.lr: 0.1 -> 0.2". */
export const wording = {
  hookFailed: (kind: string, why: string, log: string): string => `The hook for ${kind} failed: ${why} (see ${log}); the run is not affected`,
  hookCode: (code: number): string => `it ended with ${code}`,
  hookSlow: (seconds: number): string => `it did not end within ${seconds} s`,
  paramChanged: (key: string, before: Json | undefined, now: Json | undefined) => `params ${key === '' ? '(whole file)' : key}: ${shown(before)} -> ${shown(now)}`,
  codeChanged: () => 'code changed',
  codeFileChanged: (file: string) => `code: ${file} changed`,
  codeAdded: (file: string) => `code: ${file} is new`,
  codeGone: (file: string) => `code: ${file} is no longer used`,
  codeMore: (count: number) => `code: ${count} more ${count === 1 ? 'file' : 'files'} changed`,
  packageChanged: (name: string) => `package ${name} changed`,
  commandChanged: () => 'command changed',
  definitionChanged: (parts: readonly string[]) => `definition changed: ${parts.join(', ')}`,
  depChanged: (dep: string) => `dep ${dep} changed`,
  depAppeared: (dep: string) => `dep ${dep} is there now`,
  depGone: (dep: string) => `dep ${dep} is gone`,
  writtenBy: (stage: string | undefined) => (stage === undefined ? '' : `: written by ${stage}`),
  stateChanged: (ref: string) => `state ${ref} changed`,
  envChanged: (name: string) => `env ${name} changed`,
  itemChanged: (before: Json, now: Json) => `item: ${shown(before)} -> ${shown(now)}`,
  runtimeChanged: (before: string | null, now: string | null) => `Node: ${before ?? '(none)'} -> ${now ?? '(none)'}`,
  forced: () => 'forced',
  alwaysChanged: () => 'always_changed',
  finallyRuns: () => 'runs after every run that did something',
  neverRan: () => 'never ran',
  attempt: (kind: keyof typeof ATTEMPTS) => ATTEMPTS[kind],
  olderThan: (seconds: number) => `older than ${duration(seconds)}`,
  checkFailed: (why: string) => `receipt differs: the target does not answer (${why})`,
  receiptDiffers: (left: Receipt | null, found: Receipt | null) => {
    if (left === null) return `receipt differs: target ${shown(found?.target)} holds something that this stage did not leave`;
    return found === null ? `receipt differs: target ${shown(left.target)} is empty` : `receipt differs: ${differences(left, found)}`;
  },
  outMissing: (out: string) => `out ${out} is missing`,
  outChanged: (out: string) => `out ${out} was changed by hand`,
  editedWhileRunning: (file: string) => `${file} was edited while it last ran`,
  noCheck: (file: string) => `${file} exports no check()`,
  noReceipt: (file: string) => `${file} answered with something that is no receipt`,
  noAnswer: (ms: number) => `no answer within ${ms / 1000} s`,
  frozen: () => 'frozen',
  conditionIsFalse: (condition: string) => `held by ${condition}`,
  mayRun: (upstream: string) => `may run: ${upstream} runs first`,
  upstreamFailed: (upstream: string) => `${upstream} failed`,
  upstreamNotDone: (upstream: string) => `${upstream} was not done`,
  stopped: (failed: string) => `not started as ${failed} failed`,
  notStarted: () => 'not started as the run was interrupted',

  unknownStage: (word: string, hint: string | undefined) => `Cannot find stage "${word}" in the pipeline${hint === undefined ? '' : `: did you mean "${hint}"?`}`,
  depMissing: (stage: string, dep: string, writer: string | undefined) =>
    `Cannot run "${stage}" as its dep "${dep}" is missing${writer === undefined ? '' : `: "${writer}" writes it`}`,
  depMissingHint: (dep: string, writer: string | undefined) => (writer === undefined ? `put "${dep}" in place, or mark it {optional: true}` : `run  repro ${writer}`),
  outNotWritten: (stage: string, outs: readonly string[]) => `Cannot finish "${stage}" as it ended well without writing its ${outs.length === 1 ? 'out' : 'outs'} ${outs.map((out) => `"${out}"`).join(', ')}`,
  outNotWrittenHint: () => 'write it, or take it out of outs in pipeline.yaml',
  stageBug: (stage: string, message: string) => `Cannot run "${stage}" as the runner itself failed: ${message}`,
  edited: (stage: string, files: readonly string[]) =>
    `${files.join(', ')} was edited while "${stage}" ran: the outs are kept, not cached, and the stage runs again next time`,
  keptAside: (out: string, place: string) => `"${out}" was changed by hand: your version is kept in ${place}`,
  badObject: (stage: string, out: string) => `the cached copy of "${out}" is damaged: it is set aside and "${stage}" runs again`,
  repaired: (stages: readonly string[]) => `an earlier run was killed while it ran ${stages.join(', ')}: the last good results are back in place`,
  waiting: (pid: number | undefined, since: string | undefined) =>
    `waiting for another repro in this workspace${pid === undefined ? '' : ` (pid ${pid}${since === undefined ? '' : `, since ${since}`})`}`,
  locked: (pid: number | undefined) => `Cannot start as another repro works in this workspace${pid === undefined ? '' : ` (pid ${pid})`}`,
  lockedHint: () => 'wait for it to end, or leave out --no-wait to be queued behind it',

  diskFull: (file: string) => `Cannot write "${file}" as the disk is full`,
  diskFullHint: () => 'free some space and run the same command again: earlier results are intact',
  notPermitted: (file: string) => `Cannot write "${file}" as the permission is missing`,
  notPermittedHint: () => 'make the workspace writable for this user, or choose another with --workspace',
  readOnly: (file: string) => `Cannot write "${file}" as its file system is read-only`,
  readOnlyHint: () => 'choose a writable workspace with --workspace <folder>',
  diskError: (file: string, message: string) => `Cannot use "${file}": ${message}`,
  diskErrorHint: () => 'earlier results are intact: run the same command again once the cause is gone',
} as const;
