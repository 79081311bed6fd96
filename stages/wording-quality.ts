import type { ClockCheck } from '../schema/quality.ts';
import type { Failed } from './wording-data.ts';

const hours = (value: number): string => (value >= 48 ? `${Math.round(value / 24).toLocaleString('en-GB')} days` : `${Math.round(value)} hours`);

function stale({ rule, value, limit }: ClockCheck, newest: string | null): { readonly problem: string; readonly remedy: string } {
  const seen = value ?? 0;
  switch (rule) {
    case 'freshness':
      return {
        problem: `The newest review is ${hours(seen)} old (${newest ?? 'unknown'}), where at most ${hours(limit)} are expected: the source may be dead`,
        remedy: 'look at the last runs of collect and at the app in the store; if so few reviews are normal, raise watch.freshness.hours',
      };
    case 'collect':
      return { problem: `The source last answered ${hours(seen)} ago, where at most ${hours(limit)} are expected`, remedy: 'look at why collect fails (pnpm repro logs collect); a longer time between runs is set by watch.collect.hours' };
    case 'volume':
      return {
        problem: `Yesterday had ${Math.round(seen * 100)} % of the reviews that its weekday usually has, less than ${Math.round(limit * 100)} %`,
        remedy: 'look at the last runs of collect; if it was a quiet day, nothing is to do: the next one is judged anew',
      };
    case 'future':
      return {
        problem: `The newest review is dated ${newest ?? 'unknown'}, ${hours(seen)} ahead of the clock, where at most ${hours(limit)} are expected: the dates of the data are wrong, or the clock of this machine is`,
        remedy: 'look at the dates of the source (collect.columns.at says which column they stand in) and at the clock; how far ahead is allowed is set by watch.future.hours',
      };
    default: {
      const never: never = rule;
      return never;
    }
  }
}

/** Every sentence about the age of the data. */
export const wording = {
  stale: (check: ClockCheck, newest: string | null): Failed => ({ kind: 'failed', where: 'reports/quality.json', ...stale(check, newest) }),
  /** On the terminal, where nothing failed. */
  warning: (check: ClockCheck, newest: string | null): string => {
    const { problem, remedy } = stale(check, newest);
    return `warning: ${problem}\n  hint: ${remedy}`;
  },
} as const;
