import { en } from './en.ts';
import type { Wording } from './en.ts';
import type { Locale } from './format.ts';
import { id } from './id.ts';

export const wordings: Readonly<Record<Locale, Wording>> = { id, en };
