import type { HookEvent } from '../../services/notify/event.ts';

export const RUN = { id: '20260101T000000000Z-abcd', startedAt: '2026-01-01T00:00:00Z', finishedAt: null, outcome: 'done', seconds: 3, workspace: '/w' };
export const now = new Date('2026-01-01T00:00:05Z');
export const who = { dataset: 'play:com.valar.pintu', machine: 'host1', startedBy: 'the scheduler (time)' };

export function event(kind: string, facts: HookEvent['facts'], more: Partial<HookEvent> = {}): HookEvent {
  return { version: 1, kind, stage: 'promote', emitted: [kind], facts, problem: null, run: RUN, ...more };
}

export const rejected = event('gate-rejected', { candidate: 'aaaaaaaaaaaa', estimator: 'multinomial-nb', macroF1: 0.61234, low: 0.58, high: 0.64, champion: 'bbbbbbbbbbbb', championMacroF1: 0.66, failed: 'not-worse', reason: 'macro-F1 0.612 is worse' });
