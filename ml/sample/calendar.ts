/** The two years that the sample tells of. Fixed, so that the same seed gives the same bytes at any time. */
export const FIRST_DAY_MS = Date.UTC(2024, 6, 1);
export const DAY_MS = 86_400_000;
export const DAYS = 730;

interface Release {
  readonly day: number;
  readonly version: string;
}

const RELEASES: readonly Release[] = [
  { day: 0, version: '3.8.0' }, { day: 70, version: '3.9.1' }, { day: 150, version: '3.10.0' }, { day: 230, version: '3.11.2' }, { day: 310, version: '4.0.0' },
  { day: 400, version: '4.0.3' }, { day: 480, version: '4.1.0' }, { day: 560, version: '4.1.4' }, { day: 622, version: '4.2.0' }, { day: 672, version: '4.2.1' }, { day: 705, version: '4.3.0' },
];

/** 4.2.0 made everybody scan their face again, which failed for many: six weeks in spring 2026. */
const BAD_FROM = 622;
const BAD_TO = 668;

export function versionOn(day: number): string {
  return RELEASES.findLast((release) => release.day <= day)?.version ?? '3.8.0';
}

export interface Climate {
  /** Shares of the moods of that day; the rest is positive. */
  readonly negative: number;
  readonly neutral: number;
  readonly releaseShare: number;
  /** How many reviews come that day, relative to others. */
  readonly volume: number;
}

/** Slow growth, busier weekends and year ends, worse moods after a release; and the bad one. */
export function climateOn(day: number): Climate {
  const since = day - (RELEASES.findLast((release) => release.day <= day)?.day ?? 0);
  const bad = day >= BAD_FROM && day < BAD_TO;
  const season = 1 + 0.25 * ((day % 365) > 150 && (day % 365) < 200 ? 1 : 0) + 0.15 * (day % 7 > 4 ? 1 : 0);
  const growth = 0.7 + (0.6 * day) / DAYS;
  const unrest = since < 10 ? 0.04 : 0;
  if (bad) return { negative: 0.42, neutral: 0.15, releaseShare: 0.45, volume: growth * season * 1.7 };
  return { negative: 0.21 + unrest, neutral: 0.13, releaseShare: since < 14 ? 0.06 : 0.01, volume: growth * season };
}
