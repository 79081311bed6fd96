import { createHmac } from 'node:crypto';
import { maskPersonal } from '../../ml/text/mask.ts';
import type { MaskKind } from '../../ml/text/mask.ts';
import type { PrivacyParams } from '../../schema/params.ts';
import type { Review } from '../../schema/review.ts';
import { wording } from '../wording-privacy.ts';
import type { Failed } from '../wording-data.ts';

/** What every review passes before anything of it is kept. */
export interface Door {
  /** Takes the name of the user off (or hashes it) and masks personal data in text and reply. */
  admit(review: Omit<Review, 'author'>, userName: string | null): Review;
  /** Texts of users in which something was masked so far, by kind. */
  masked(): Readonly<Record<MaskKind, number>>;
}

const KEY_LENGTH_MIN = 16;

/** Bits of the keyed hash that are kept: enough to tell authors apart, among millions by chance one pair in 10^13. */
const HASH_CHARACTERS = 22;

export function openDoor(params: PrivacyParams, key: string | undefined): { readonly kind: 'door'; readonly door: Door } | Failed {
  const { users, mask } = params;
  if (users === 'hash') {
    if (key === undefined || key === '') return wording.noKey();
    if (key.length < KEY_LENGTH_MIN) return wording.shortKey(key.length);
  }
  const counts: Record<MaskKind, number> = { email: 0, phone: 0, wallet: 0, card: 0 };
  const masked = (text: string): string => {
    const { text: rest, counts: found } = maskPersonal(text, mask);
    for (const kind of mask) counts[kind] += found[kind] > 0 ? 1 : 0;
    return rest;
  };
  // Replies are the developer's: what is masked there (mostly the address of the help desk) says nothing about users.
  const quietly = (reply: string | null): string | null => (reply === null ? null : maskPersonal(reply, mask).text);
  const author = (name: string | null): string | null =>
    users === 'drop' || name === null || name === '' ? null : createHmac('sha256', key ?? '').update(name).digest('base64url').slice(0, HASH_CHARACTERS);
  return {
    kind: 'door',
    door: {
      admit: (review, userName) => ({ ...review, text: masked(review.text), reply: quietly(review.reply), author: author(userName) }),
      masked: () => ({ ...counts }),
    },
  };
}
