import type { GateParams } from '../schema/params.ts';
import type { Decision } from '../schema/registry.ts';
import { wording } from './wording-gate.ts';

/** One version and its macro-F1 on the test rows of this run: both sides of the gate are scored on the same rows. */
export interface Contender {
  readonly version: string;
  /** In [0, 1]; NaN where it could not be measured, which passes no criterion. */
  readonly macroF1: number;
}

export interface GateQuestion {
  readonly candidate: Contender;
  /** The champion of the same dataset; null before the first one. */
  readonly champion: Contender | null;
  /** Versions that a person took back. */
  readonly rolledBack: readonly string[];
  readonly gate: GateParams;
}

export type Verdict = Pick<Decision, 'decision' | 'criteria' | 'reason'>;
type Criterion = Verdict['criteria'][number];

/** Below this, two scores count as equal: sums of the same numbers in another order differ by less. */
const EQUAL = 1e-12;

/** JSON has no NaN. */
const shown = (value: number): number | null => (Number.isFinite(value) ? value : null);

function floor({ candidate, gate }: GateQuestion): Criterion {
  const passed = candidate.macroF1 >= gate.macroF1Min - EQUAL;
  return { name: 'floor', passed, value: shown(candidate.macroF1), limit: gate.macroF1Min, text: wording.floor(candidate.macroF1, gate.macroF1Min, passed) };
}

function notWorse({ candidate, champion, gate }: GateQuestion): readonly Criterion[] {
  if (champion === null) return [];
  const limit = champion.macroF1 - gate.margin;
  const passed = candidate.macroF1 >= limit - EQUAL;
  return [{ name: 'not-worse', passed, value: shown(candidate.macroF1), limit: shown(limit), text: wording.notWorse({ candidate, champion, margin: gate.margin, passed }) }];
}

function notRolledBack({ candidate, rolledBack }: GateQuestion): Criterion {
  const passed = !rolledBack.includes(candidate.version);
  return { name: 'not-rolled-back', passed, value: null, limit: null, text: wording.rolledBack(candidate.version, passed) };
}

/**
 * Whether a candidate becomes champion: it reaches the floor, it is not worse than the champion by more than the margin on
 * the same rows, and nobody took this very version back before. The first candidate of a dataset needs the floor alone.
 * The champion itself, made again, changes nothing. Pure: the same question has the same answer at any time.
 */
export function decide(question: GateQuestion): Verdict {
  const { candidate, champion } = question;
  const criteria = [floor(question), ...notWorse(question), notRolledBack(question)];
  if (candidate.version === champion?.version) return { decision: 'unchanged', criteria, reason: wording.unchanged(candidate.version) };
  const failed = criteria.filter(({ passed }) => !passed);
  if (failed.length > 0) return { decision: 'rejected', criteria, reason: failed.map(({ text }) => text).join('; ') };
  return { decision: 'promoted', criteria, reason: champion === null ? wording.first(candidate) : wording.promoted(candidate, champion) };
}
