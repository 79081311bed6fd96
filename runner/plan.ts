import { canonical } from './canonical.ts';
import { changesBetween } from './changes.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { Reason, Receipt, Stage } from './model.ts';
import type { StageRecord } from './record.ts';
import { wording } from './wording.ts';

/** What the target of a stage's effects answered: nobody was asked, a receipt (null: empty), or no answer. */
export type Answer = { readonly kind: 'unasked' } | { readonly kind: 'receipt'; readonly receipt: Receipt | null } | { readonly kind: 'failed'; readonly why: string };

/** Everything that the decision about one stage depends on, once what is upstream of it is done. */
export interface Situation {
  readonly stage: Stage;
  readonly fingerprint: Fingerprint;
  readonly hash: string;
  readonly codeFiles: Readonly<Record<string, string>>;
  readonly record: StageRecord | undefined;
  /** What lies where each out belongs: its hash, or undefined for nothing. */
  readonly outs: Readonly<Record<string, string | undefined>>;
  readonly isConditionMet: boolean;
  readonly answer: Answer;
  readonly isForced: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** For a `finally` stage: whether anything ran, was restored or failed before it. */
  readonly didSomething: boolean;
  readonly writerOf: (path: string) => string | undefined;
}

export type Decision =
  | { readonly kind: 'fresh'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'held'; readonly reasons: readonly Reason[] }
  /** `mayRestore`: an earlier result of the same fingerprint will do as well. */
  | { readonly kind: 'run'; readonly reasons: readonly Reason[]; readonly mayRestore: boolean };

/** Reasons that ask for a new run whatever was seen before: nothing stored can stand in for it. */
function pressing(situation: Situation): readonly Reason[] {
  const { stage, record, hash, answer } = situation;
  const reasons: Reason[] = [];
  if (situation.isForced) reasons.push({ kind: 'forced', text: wording.forced() });
  if (stage.alwaysChanged) reasons.push({ kind: 'always', text: wording.alwaysChanged() });
  if (stage.finally && situation.didSomething) reasons.push({ kind: 'finally', text: wording.finallyRuns() });
  if (record === undefined) return reasons;
  if (record.attempt?.hash === hash) reasons.push({ kind: 'attempt', text: wording.attempt(record.attempt.kind) });
  if (stage.freshSeconds !== undefined && situation.nowMs - Date.parse(record.ranAt) > stage.freshSeconds * 1000) {
    reasons.push({ kind: 'age', text: wording.olderThan(stage.freshSeconds) });
  }
  if (answer.kind === 'failed') reasons.push({ kind: 'receipt', text: wording.checkFailed(answer.why) });
  if (answer.kind === 'receipt' && canonical(receiptJson(answer.receipt)) !== canonical(receiptJson(record.receipt))) {
    reasons.push({ kind: 'receipt', text: wording.receiptDiffers(record.receipt, answer.receipt) });
  }
  return reasons;
}

function receiptJson(receipt: Receipt | null): { readonly [key: string]: string | number } | null {
  return receipt === null ? null : { target: receipt.target, rows: receipt.rows, checksum: receipt.checksum };
}

function outReasons(situation: Situation, record: StageRecord): readonly Reason[] {
  return situation.stage.outs.flatMap(({ path }): readonly Reason[] => {
    const [recorded, found] = [record.outs[path], situation.outs[path]];
    // An out that was not declared then is a change of the definition.
    if (recorded === undefined || recorded === found) return [];
    return [found === undefined ? { kind: 'out-missing', text: wording.outMissing(path) } : { kind: 'out-changed', text: wording.outChanged(path) }];
  });
}

/** Whether a result of another time can stand in for a run: never where something outside of the graph is changed. */
export function isRestorable(stage: Stage): boolean {
  return stage.effects === undefined && !stage.finally && !stage.alwaysChanged && stage.outs.length > 0 && stage.outs.every(({ cache }) => cache);
}

/** Changed data, which is all that `when` excuses. */
export const isData = (reason: Reason): boolean => reason.kind === 'dep' || reason.kind === 'edited';

/** The whole decision about one stage: a function of its situation and nothing else. */
export function decide(situation: Situation): Decision {
  const { stage, record } = situation;
  const must = pressing(situation);
  if (record === undefined) {
    const reasons = [...must, { kind: 'never-ran', text: wording.neverRan() }];
    return { kind: 'run', reasons, mayRestore: must.length === 0 && isRestorable(stage) };
  }
  const now = { fingerprint: situation.fingerprint, codeFiles: situation.codeFiles };
  const reasons = [
    ...must,
    ...changesBetween(record, now, situation.writerOf),
    ...record.edited.map((file) => ({ kind: file.startsWith('code ') ? 'edited-code' : 'edited', text: wording.editedWhileRunning(file) })),
    ...outReasons(situation, record),
  ];
  if (reasons.length === 0) return { kind: 'fresh', reasons };
  if (stage.frozen && !situation.isForced) return { kind: 'held', reasons: [{ kind: 'frozen', text: wording.frozen() }, ...reasons] };
  if (!situation.isConditionMet && reasons.every(isData)) {
    const condition = stage.when?.selector ?? stage.when?.path ?? '';
    return { kind: 'held', reasons: [{ kind: 'when', text: wording.conditionIsFalse(condition) }, ...reasons] };
  }
  return { kind: 'run', reasons, mayRestore: must.length === 0 && isRestorable(stage) };
}
