import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MASK_KINDS, maskPersonal } from '../../../ml/text/mask.ts';
import { createRandom } from '../../../ml/random.ts';
import { normalize } from '../../../ml/text/normalize.ts';
import { tokenize } from '../../../ml/text/tokenize.ts';

const mask = (text: string): string => maskPersonal(text, MASK_KINDS).text;

describe('masking of personal data', () => {
  test('takes e-mail addresses', () => {
    assert.equal(mask('hubungi budi.santoso+cs@gmail.com ya'), 'hubungi [email] ya');
    assert.equal(mask('(a_b@mail.co.id), x@y.travel.'), '([email]), [email].');
  });

  test('takes phone numbers as they are written in Indonesia, and others with their plus', () => {
    for (const phone of ['081234567890', '0812-3456-7890', '0812 3456 7890', '+62 812 3456 7890', '+62812-3456-7890', '6281234567890', '(021) 5551234', '+1 415 555 2671', '0812.3456.7890', '0812\u20133456\u20137890', '08\u201012\u201034\u201056\u201078\u201090']) {
      assert.equal(mask(`wa ${phone} tolong`), 'wa [phone] tolong', phone);
    }
  });

  test('takes addresses of wallets and hashes of transactions', () => {
    for (const wallet of [
      '0x52908400098527886E0F7030069857D2E4169EE7', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', '3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy', 'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq',
      'TJRabPrwbZy45sbavfcjinPJC18kjpRTv8', 'DRpbCBMxVnDK7maPM5tGv6MvB3v1sRMC86PZ8okm21hy', `0x${'ab12'.repeat(16)}`,
    ]) assert.equal(mask(`kirim ke ${wallet}, belum masuk`), 'kirim ke [wallet], belum masuk', wallet);
  });

  test('takes card numbers by their check sum', () => {
    assert.equal(mask('kartu 4111 1111 1111 1111'), 'kartu [card]');
    assert.equal(mask('kartu 4111 1111 1111 1112'), 'kartu 4111 1111 1111 1112');
  });

  test('leaves amounts, dates, versions, orders and long words as they are', () => {
    for (const text of [
      'Rp 1.500.000', '100.000.000 hilang', 'saldo 20 000 000', '+1.00.000.000 Aura', 'v3.12.4', '2024-01-31 10:00', '08/12/2025', 'order 12345678', 'Rabu 02 2024/2025', '10000000', '99999999999',
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'bagusbangetbangetbangetbangetbangetbangetbangetba', 'a @ b', '@pintu', '5/5', '😀'.repeat(20), '',
    ]) assert.equal(mask(text), text);
  });

  test('takes only the kinds that are asked for, and counts them', () => {
    const text = 'a@b.co 081234567890 081234567891';
    assert.deepEqual(maskPersonal(text, ['phone']), { text: 'a@b.co [phone] [phone]', counts: { email: 0, wallet: 0, card: 0, phone: 2 } });
    assert.deepEqual(maskPersonal(text, []), { text, counts: { email: 0, wallet: 0, card: 0, phone: 0 } });
  });

  test('a masked text stays as it is when masked again', () => {
    const random = createRandom(5);
    const pieces = ['a@b.co', '0812 3456 7890', '0x52908400098527886E0F7030069857D2E4169EE7', '4111111111111111', ' ', '-', '\u202e', '\0', '\ud800', 'teks', '.', '@', '+62', '8', '👨‍👩‍👧'];
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: 1 + random.integer(8) }, () => random.pick(pieces)).join(random.next() < 0.5 ? '' : ' ');
      const once = mask(text);
      assert.equal(mask(once), once, JSON.stringify(text));
    }
  });

  test('what stands in its place is one word after cleaning', () => {
    const tokens = tokenize(normalize('hubungi [email] atau [phone]'), { stopwords: 'none', slang: true, punctuation: true });
    assert.deepEqual(tokens.filter((token) => /email|phone/.test(token)), ['email', 'phone']);
  });

  test('a text made to be slow is not', () => {
    // Each would take minutes with a pattern that looks back: the test would not end.
    for (const text of ['a'.repeat(1e6), '1 '.repeat(5e5), 'a@'.repeat(5e5), `${'a.'.repeat(5e5)}@`, `0x${'a'.repeat(1e6)}`, '1-1.'.repeat(2.5e5), 'a@b.'.repeat(2.5e5), '1'.repeat(1e6)]) mask(text);
  });
});
