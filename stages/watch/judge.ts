import type { WatchParams } from '../../schema/params.ts';
import type { ClockCheck, QualityReport } from '../../schema/quality.ts';
import type { RunRecord } from '../../schema/run-record.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEKS = 8;
const WEEKS_MIN = 4;
/** So few reviews a day say nothing when one day has none. */
const USUAL_MIN = 5;

export interface Situation {
  /** The instant of the run, ISO 8601 in UTC. */
  readonly now: string;
  readonly params: WatchParams;
  /** Null before the data was judged once. */
  readonly quality: QualityReport | null;
  /** When the source last answered; null where no record of it is left. */
  readonly collectedAt: string | null;
}

/** When collect last ran to its end for a dataset, by the records of the runs (newest last) and the present one. */
export function lastCollected(runs: readonly RunRecord[], dataset: string): string | null {
  return runs.findLast(({ stages }) => stages.some(({ name, state, facts }) => name === 'collect' && state === 'ran' && facts.dataset === dataset))?.asOf ?? null;
}

const hours = (from: string, to: string): number => Math.round(((Date.parse(to) - Date.parse(from)) / HOUR_MS) * 100) / 100;

/** Yesterday's reviews as a share of what that weekday usually has; null where too little is known. */
function volumeShare(volume: QualityReport['volume'], now: string): number | null {
  const [first] = volume;
  if (first === undefined) return null;
  const counts = new Map(volume.map(({ day, rows }) => [day, rows]));
  const dayBack = (days: number): string => new Date(Date.parse(`${now.slice(0, 10)}T00:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10);
  // Days after the newest review count as none: that is what a dead source looks like.
  const on = (day: string): number | undefined => (day < first.day ? undefined : (counts.get(day) ?? 0));
  const before = Array.from({ length: WEEKS }, (_, week) => on(dayBack(1 + 7 * (week + 1)))).filter((count) => count !== undefined);
  if (before.length < WEEKS_MIN) return null;
  const sorted = before.toSorted((a, b) => a - b);
  const usual = sorted[sorted.length >> 1] ?? 0;
  return usual < USUAL_MIN ? null : (on(dayBack(1)) ?? 0) / usual;
}

/**
 * Of any source, also of a file, whose rows are otherwise judged by one another alone: where all of them lie in the future, none
 * stands out. Their times may be of another zone, and read as UTC; hence a day is allowed.
 */
export function judgeFuture({ now, params: { future }, quality }: Omit<Situation, 'collectedAt'>): ClockCheck {
  const ahead = quality?.newest === null || quality?.newest === undefined ? null : Math.max(0, hours(now, quality.newest));
  return { rule: 'future', severity: future.severity, passed: ahead === null || ahead <= future.hours, value: ahead, limit: future.hours };
}

/**
 * What needs the clock, judged on every run, also when nothing was rerun: a source that died must not pass for ever. What is
 * not known yet passes. A clock that is behind the newest review makes its age negative, which is fresh; of that tells `judgeFuture`.
 */
export function judgeClock({ now, params, quality, collectedAt }: Situation): readonly ClockCheck[] {
  const age = quality?.newest === null || quality?.newest === undefined ? null : hours(quality.newest, now);
  const silence = collectedAt === null ? null : hours(collectedAt, now);
  const share = quality === null ? null : volumeShare(quality.volume, now);
  return [
    { rule: 'freshness', severity: params.freshness.severity, passed: age === null || age <= params.freshness.hours, value: age, limit: params.freshness.hours },
    { rule: 'collect', severity: params.collect.severity, passed: silence === null || silence <= params.collect.hours, value: silence, limit: params.collect.hours },
    { rule: 'volume', severity: params.volume.severity, passed: share === null || share >= params.volume.shareMin, value: share, limit: params.volume.shareMin },
  ];
}
