import type { Failed } from './wording-data.ts';

/** Every sentence about personal data. */
export const wording = {
  noKey: (): Failed => ({
    kind: 'failed', where: 'params.yaml', problem: 'Cannot hash the names of users as PRIVACY_KEY is not set in the environment: a hash without a key can be guessed',
    remedy: 'set PRIVACY_KEY to a long random text (openssl rand -hex 32), or privacy.users to drop',
  }),
  shortKey: (length: number): Failed => ({
    kind: 'failed', where: 'PRIVACY_KEY', problem: `Cannot hash the names of users as PRIVACY_KEY has ${length} characters: so short a key can be guessed`,
    remedy: 'set it to at least 16 random characters (openssl rand -hex 32)',
  }),
  /** Behind what collecting brought. */
  erasing: 'an erasure is not finished yet (pnpm data erase goes on with it)',
} as const;
