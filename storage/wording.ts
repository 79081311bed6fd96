import { shownName } from '../records/wording.ts';

/** Every sentence about the addresses of servers, none of which shows the address or a part of it, as it may hold a password; and about reviews that a store has no room for. */
export const wording = {
  otherScheme: (schemes: readonly string[]): string => `it begins with neither ${schemes.join(' nor ')}`,
  unreadable: 'it cannot be read as an address',
  addressRemedy: (variable: string, form: string): string =>
    `write ${variable} as ${form}; within user and password / # and @ are written as %2F, %23 and %40, and so is whatever else is no letter or digit (percent-encoded)`,
  oversized: (id: string, bytes: number | null): string =>
    `review "${shownName(id)}" takes ${bytes === null ? 'too much' : `${(bytes / 1024 / 1024).toFixed(1)} MB`} with all that it said before, and no document is larger than 16 MB`,
  oversizedRemedy: 'shorten that review in the source, or take it out: nobody writes so much, so its file was probably put together wrongly; without MONGODB_URI the embedded store takes it as it is',
} as const;
