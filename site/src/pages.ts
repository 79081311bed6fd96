import { report } from 'ulasan:report';
import { formatOf } from '../wording/format.ts';
import type { Format, Locale } from '../wording/format.ts';
import type { Wording } from '../wording/en.ts';
import { wordings } from '../wording/wordings.ts';

/** Pages by the name of their file, in the order of the navigation. Both languages have the same names. */
export const PAGES = ['index', 'model', 'quality', 'notebooks', 'runs', 'try'] as const;
export type PageName = (typeof PAGES)[number];

/** Behind the links of files: the release they belong to, so that a page that stays open goes on with its own. */
export const STAMP = report.current === null ? '' : `?r=${report.current.id}`;

/** Every page but the first, for Astro's `getStaticPaths`. */
export function pagePaths(): readonly { readonly params: { readonly page: string } }[] {
  const notebooks = report.spoken.id.notebooks.map(({ name }) => `notebook-${name}`);
  return [...PAGES.filter((page) => page !== 'index'), ...notebooks].map((page) => ({ params: { page } }));
}

/** Everything a component needs to speak: the words, the numbers, and the way back to the root of the report. */
export interface Voice {
  readonly locale: Locale;
  readonly t: Wording;
  readonly f: Format;
  /** `` or `../`: before every path, so that the report works from any folder. */
  readonly root: string;
}

export function voiceOf(locale: Locale): Voice {
  return { locale, t: wordings[locale], f: formatOf(locale), root: locale === 'id' ? '' : '../' };
}
