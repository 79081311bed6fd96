import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../ml/random.ts';
import { mergeVersions, versionOf, versionsIn } from '../../storage/versions.ts';
import type { Version } from '../../storage/versions.ts';
import { review } from './reviews.ts';

/** `a`, or `a†` for a text that was there when the review was found to be deleted. */
const version = (said: string): Version => versionOf(review('x', { text: said.replace('†', '') }), said.endsWith('†') ? '2026-03-01T00:00:00Z' : null);
const say = (versions: readonly Version[] | undefined): string => versions?.map(({ review: { text }, gone }) => text + (gone === null ? '' : '†')).join(' ') ?? 'nothing new';
const merged = (held: string, told: string, isNewer = false): string => say(mergeVersions(held.split(' ').map(version), told.split(' ').map(version), isNewer));

describe('the versions of a review in a store and in a backup', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['the same', 'a b', 'a b', 'nothing new'],
    ['the store has gone on', 'a b c', 'a b', 'nothing new'],
    ['the backup has a part from the middle', 'a b c d', 'b c', 'nothing new'],
    ['the store is an older copy', 'a b', 'a b c', 'a b c'],
    ['the store was lost and filled again with what is said now', 'c', 'a b c', 'a b c'],
    ['and went on from there', 'c d', 'a b c', 'a b c d'],
    ['an old store, and a backup of a later one', 'a b', 'b c', 'a b c'],
    ['nothing in common: the backup is what was before', 'x y', 'a b', 'a b x y'],
    ['the review was deleted since the backup', 'a a† a†', 'a', 'nothing new'],
    ['it was deleted, and the store shows it again', 'a', 'a† a†', 'a† a'],
    ['it was deleted, came back and was edited', 'a† a b', 'a† a†', 'nothing new'],
    ['it was deleted, and the lost store shows another text', 'b', 'a† a†', 'a† a b'],
    ['an edit that was taken back', 'a', 'a b a', 'a b a'],
  ];
  for (const [name, held, told, expected] of cases) test(`${name}: ${held} and ${told} are ${expected}`, () => assert.equal(merged(held, told), expected));

  const newer: readonly (readonly [string, string, string, string])[] = [
    ['it was deleted there', 'a', 'a† a†', 'a† a†'],
    ['it was edited and deleted there', 'a', 'a b† b†', 'a b† b†'],
    ['it came back there', 'a† a†', 'a† a', 'a† a'],
    ['nothing happened', 'a† a†', 'a† a†', 'nothing new'],
    ['it is an old one after all, of before an edit', 'a b', 'a', 'nothing new'],
    ['it is an old one after all, of before a deletion', 'a† a†', 'a', 'nothing new'],
    ['it was edited by hand', 'a', 'x', 'x a'],
  ];
  for (const [name, held, told, expected] of newer) test(`of a backup of another store that went on, ${name}: ${held} and ${told} are ${expected}`, () => assert.equal(merged(held, told, true), expected));

  for (const isNewer of [false, true]) test(`merged twice are as merged once, and hold all that both said, in its order${isNewer ? ', of a newer backup as well' : ''}`, () => {
    const random = createRandom('versions');
    const list = (): string => Array.from({ length: 1 + random.integer(4) }, () => random.pick(['a', 'b', 'c', 'a†'])).join(' ');
    const isWithin = (part: readonly string[], whole: readonly string[]): boolean => whole.some((_, place) => part.every((said, index) => whole[place + index] === said));
    const texts = (said: string): readonly string[] => said.replaceAll('†', '').split(' ');
    for (let round = 0; round < 5000; round++) {
      const [held, told] = [list(), list()];
      const result = merged(held, told, isNewer);
      const now = result === 'nothing new' ? held : result;
      assert.equal(merged(now, told, isNewer), 'nothing new', `${held} and ${told} are ${now}`);
      assert.ok(isWithin(texts(held), texts(now)) && isWithin(texts(told), texts(now)), `${held} and ${told} are ${now}`);
    }
  });

  test('of a backup are in the order of their revisions, a review that is in the history alone as it was last', () => {
    const line = (id: string, revision: number, said: string) => ({ app: 'com.example.app', id, revision, review: version(said).review, goneAt: version(said).gone });
    const found = versionsIn({ reviews: [review('a', { text: 'now' }), review('b')], history: [line('a', 1, 'second'), line('gone', 0, 'bye†'), line('a', 0, 'first'), line('kept', 0, 'still')] });
    assert.deepEqual(new Map([...found].map(([id, versions]) => [id, say(versions)])), new Map([['a', 'first second now'], ['gone', 'bye† bye†'], ['kept', 'still'], ['b', 'bagus']]));
  });
});
