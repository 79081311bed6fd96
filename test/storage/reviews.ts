import type { Review } from '../../schema/review.ts';

export const DATASET = 'file:com.example.app';

/** A review to store, with changes on top. */
export function review(id: string, changes: Partial<Review> = {}): Review {
  return {
    app: 'com.example.app', id, at: '2026-01-01T00:00:00Z', rating: 5, text: 'bagus', thumbsUp: 0, version: null, reply: null, repliedAt: null, source: 'file', author: null,
    ...changes,
  };
}
