import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PrivacyParams } from '../../../schema/params.ts';
import type { Review } from '../../../schema/review.ts';
import { openDoor } from '../../../stages/privacy/door.ts';
import type { Door } from '../../../stages/privacy/door.ts';
import { cutOff } from '../../../stages/privacy/retention.ts';

const review: Omit<Review, 'author'> = {
  app: 'com.example.app', id: 'x', at: '2026-01-01T00:00:00Z', rating: 1, text: 'wa 081234567890', thumbsUp: 0, version: null, reply: 'email cs@pintu.co.id, wa 081234567891', repliedAt: null, source: 'play',
};
const KEY = 'a key of more than sixteen characters';

function door(changes: Partial<PrivacyParams> = {}, key: string | undefined = KEY): Door {
  const opened = openDoor({ users: 'drop', mask: ['email', 'phone', 'wallet', 'card'], retentionDays: null, ...changes }, key);
  assert.ok(opened.kind === 'door', JSON.stringify(opened));
  return opened.door;
}

describe('the door', () => {
  test('drops the name of the user and masks text and reply, counting texts of users', () => {
    const made = door();
    assert.deepEqual(made.admit(review, 'Budi'), { ...review, text: 'wa [phone]', reply: 'email [email], wa [phone]', author: null });
    assert.deepEqual(made.masked(), { email: 0, phone: 1, wallet: 0, card: 0 });
  });

  test('keeps a keyed hash of the name where that is asked for: the same for the same name and key, another for another', () => {
    const hashes = ['Budi', 'Budi', 'Siti', ''].map((name) => door({ users: 'hash' }).admit(review, name).author);
    assert.equal(hashes[0], hashes[1]);
    assert.notEqual(hashes[0], hashes[2]);
    assert.equal(hashes[3], null);
    assert.match(hashes[0] ?? '', /^[\w-]{22}$/);
    assert.notEqual(door({ users: 'hash' }, `${KEY}!`).admit(review, 'Budi').author, hashes[0]);
  });

  test('does not hash without a key, or with a short one', () => {
    for (const [key, said] of [['', /PRIVACY_KEY is not set/], ['short', /has 5 characters/]] as const) {
      const opened = openDoor({ users: 'hash', mask: [], retentionDays: null }, key);
      assert.ok(opened.kind === 'failed');
      assert.match(opened.problem, said);
    }
  });

  test('retention counts whole days back from the day of the run', () => {
    assert.equal(cutOff('2026-07-01T07:30:00.000Z', 30), '2026-06-01T00:00:00Z');
    assert.equal(cutOff('2026-07-01T07:30:00.000Z', null), null);
  });

  test('so many that no date is as early keep all, however many', () => {
    assert.equal(cutOff('2026-07-01T07:30:00.000Z', 740_000), '0000-06-12T00:00:00Z');
    for (const days of [741_000, 1e9, Number.MAX_SAFE_INTEGER]) assert.equal(cutOff('2026-07-01T07:30:00.000Z', days), null);
  });
});
