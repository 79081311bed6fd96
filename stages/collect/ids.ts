import { hash } from 'node:crypto';
import type { Review } from '../../schema/review.ts';
import { storable } from './storable.ts';

const ID_MAX = 200;
/** Of a long id, what is kept of its beginning; the rest of the room is for a hash of all of it. */
const ID_KEPT = 150;

/** The id of a review: of a link to it, as Play Console exports have instead of an id, the id within; empty where there is none. */
export function idOf(text: string | null): string {
  const trimmed = (text ?? '').trim();
  const linked = trimmed.startsWith('http') ? /[?&#/:]review_?id=([^&#\s]+)/i.exec(trimmed)?.[1] : undefined;
  const id = linked ?? trimmed;
  return storable(id.length <= ID_MAX ? id : `${id.slice(0, ID_KEPT)}-${hash('sha256', id, 'base64url')}`);
}

/** Ids of reviews without one: made of what they say, since their place in the file changes with every new row above. The same again is told apart by its turn. */
export function nameByContent(): (review: Review) => string {
  const turns = new Map<string, number>();
  return ({ at, rating, text }) => {
    const id = `row-${hash('sha256', JSON.stringify([at, rating, text]), 'base64url').slice(0, 22)}`;
    const turn = (turns.get(id) ?? 0) + 1;
    turns.set(id, turn);
    return turn === 1 ? id : `${id}-${turn}`;
  };
}
