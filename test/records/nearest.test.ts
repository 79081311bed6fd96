import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nearestName } from '../../records/nearest.ts';

describe('the nearest name', () => {
  test('looks through case, spaces and underscores', () => {
    assert.equal(nearestName(['review_text'], ['Review Text', 'rating']), 'Review Text');
  });

  test('looks through slips, up to a third of the letters', () => {
    assert.equal(nearestName(['rating'], ['raitng', 'text']), 'raitng');
    assert.equal(nearestName(['text'], ['date']), undefined);
  });

  test('is the nearest to any of the names that are wanted', () => {
    assert.equal(nearestName(['score', 'rating', 'stars'], ['at', 'ratings', 'sport']), 'ratings');
  });
});
