import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MASK_KINDS, maskPersonal } from '../../../ml/text/mask.ts';
import { createRandom } from '../../../ml/random.ts';
import { normalize } from '../../../ml/text/normalize.ts';
import { tokenize } from '../../../ml/text/tokenize.ts';

const mask = (text: string): string => maskPersonal(text, MASK_KINDS).text;

const PIECES = [
  'a@b.co', '0812 3456 7890', '0x52908400098527886E0F7030069857D2E4169EE7', '4111111111111111', ' ', '-', '\u202e', '\0', '\ud800', 'teks', '.', '@', '+62', '8', '👨‍👩‍👧', '０８１２', '345', '\u200b', '٠٨', '20', '000', ',', '/', '(', ')', 'é', '＠',
  'TJRabPrwbZy45sbavfcjinPJC18kjpRTv8', 'EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N', '1', '9\ufe0f\u20e3', '2025', '#', 'inv', '[at]', '(', 'at', ')', '[dot]', ' . ', 'gmail', 'com', '812', 'wa', '<', '{et}', '［at］', 'T ]',
];
const CHARACTERS = [...'0123456789０８٣৪𝟗①²+ .,-/()_@＠﹫aZ\u200b\u00a0\u0301\u20e3😀é…'];

describe('masking of personal data', () => {
  test('takes e-mail addresses', () => {
    assert.equal(mask('hubungi budi.santoso+cs@gmail.com ya'), 'hubungi [email] ya');
    assert.equal(mask('(a_b@mail.co.id), x@y.travel.'), '([email]), [email].');
  });

  test('takes e-mail addresses in letters of any script, with a sign of any width, whatever touches their end', () => {
    for (const email of ['josé@gmail.com', 'jose\u0301@gmail.com', 'müller@web.de', 'иван@почта.рф', 'budi＠gmail.com', 'ｂｕｄｉ@ｇｍａｉｌ．ｃｏｍ', 'bu\u200bdi@gma\u00adil.com', 'a@xn--e1afmkfd.xn--p1ai', `${'x'.repeat(100)}@gmail.com`]) assert.equal(mask(`ke ${email}, ya`), 'ke [email], ya', email);
    assert.deepEqual(['a@gmail.com_', 'a@gmail.com2', 'a@gmail.com-ku', 'a@b.co@c.de'].map(mask), ['[email]_', '[email]2', '[email]-ku', '[email]@c.de']);
  });

  test('takes e-mail addresses that are spelled lest a program finds them', () => {
    for (const email of [
      'budi[at]gmail[dot]com', 'budi(at)yahoo.co.id', 'budi {AT} kantor (dot) co (dot) id', 'budi<at>kantor.co.id', 'budi [@] gmail [.] com', 'budi(et)gmail(titik)com', 'budi.santoso [at] mail.kantor.com', 'budi@gmail[dot]com', 'budi@kantor(dot)id',
      'budi［at］gmail．com', 'budi(a\u200bt)gmail.com', 'budi(\u00a0at )gmail.com', 'budi [at] gmail',
    ]) assert.equal(mask(`ke ${email}, ya`), 'ke [email], ya', email);
  });

  test('takes e-mail addresses with spaces, or without an end, where the provider is well known', () => {
    for (const email of ['budi @ gmail . com', 'budi @gmail.com', 'budi@ gmail.com', 'budi@gmail .com', 'budi@gmail. com', 'budi @ yahoo . co . id', 'BUDI @ GMAIL . COM', 'budi  @  outlook.com', 'budi ＠ gmail.com', 'budi@gmail', 'budi @ gmail [dot] com']) assert.equal(mask(`ke ${email}, ya`), 'ke [email], ya', email);
  });

  test('leaves signs and brackets that are of no address', () => {
    for (const text of [
      'bayar @ superindo. it asks', 'ini gimana @gojek? com', 'pakai @gmail.com gak bisa', 'login lewat @ gmail . com', 'a @ gmail.com', 'top up @100rb', 'oleh @tokopedia.com', 'beli (at) mall', 'harga (atas) nama.saya', '(at) gmail.com', 'pakai (at) gmail.com', 'I was (at) home.Nice app',
      'gr@b mantap', '@gmail', 'budi@gmailku', 'ke gmail.com ya', 'budi at gmail dot com',
    ]) assert.equal(mask(text), text);
  });

  test('takes mobile numbers without their 0 that are grouped as no amount is, or follow a word that says what they are', () => {
    for (const phone of ['812 3456 7890', '812-3456-7890', '812.3456.789', '812-345-6789', '857 1234 56789', '(812) 3456 7890', '8123 4567 890', '8123-4567-8901', '８１２ ３４５６ ７８９０']) assert.equal(mask(`ke ${phone}, ya`), 'ke [phone], ya', phone);
    for (const word of ['wa', 'WA:', 'no hp', 'telp.', 'WhatsApp', 'nomor wa saya', 'hp no.']) assert.equal(mask(`${word} 81234567890 ya`), `${word} [phone] ya`, word);
    for (const text of [
      '81234567890', 'pesanan 81234567890', 'swa 81234567890', 'wa 8123456', 'wa 80123456789', '812 345 678', 'Rp812 345 678', 'Rp 812 3456 7890', '812 3456-7890', '812 3456 7890 12', '1 812 3456 7890', '812/08/2025', '840 3456 7890', '850 0000 0000', '#812 3456 7890', 'INV-812-3456-7890', '812 34567890',
      'saldo 812 3456 7890', '812 3456 7890 rupiah hilang', 'Order 8123 4567 8901', 'error code 812-345-6789', 'kode pesanan: 812 3456 7890', 'nomor transaksi saya 8123-4567-8901', 'user id 812 3456 7890',
    ]) assert.equal(mask(text), text);
  });

  test('takes phone numbers as they are written in Indonesia, and others with their plus', () => {
    for (const phone of [
      '081234567890', '0812-3456-7890', '0812 3456 7890', '+62 812 3456 7890', '+62812-3456-7890', '6281234567890', '(021) 5551234', '+1 415 555 2671', '0812.3456.7890', '0812\u20133456\u20137890', '08\u201012\u201034\u201056\u201078\u201090',
      '081 234 567 890', '081.234.567.890', '+62 812 345 678', '+62 812 345 678 90', '+62.812.345.678', '+32 470 12 34 56', '+66.812.345.678', '62 812 345 678', '(+62) 812-3456-7890', '+62 (0)812 3456 7890', '006281234567890', '0062 812 3456 7890',
      '0812/3456/7890', '0812,3456,7890', '0812_3456_7890', '0812 - 3456 - 7890', '0 8 1 2 3 4 5 6 7 8 9 0', '021-555-1234', '+44 20 7946 0958', '+62 000 0000 0000',
    ]) assert.equal(mask(`wa ${phone} tolong`), 'wa [phone] tolong', phone);
  });

  test('takes phone numbers whatever touches them', () => {
    for (const [text, masked] of [
      ['no.081234567890', 'no.[phone]'], ['hp,081234567890', 'hp,[phone]'], ['wa081234567890', 'wa[phone]'], ['081234567890wa', '[phone]wa'], ['wa+6281234567890', 'wa[phone]'], ['wa.me/6281234567890', 'wa.me/[phone]'], ['(081234567890)', '([phone])'],
      ['1.081234567890', '1.[phone]'], ['1. 0812 3456 7890', '1. [phone]'], ['08/12/2025 081234567890', '08/12/2025 [phone]'], ['saldo 20 000 000 wa 081234567890', 'saldo 20 000 000 wa [phone]'], ['081234567890, 081234567891', '[phone], [phone]'],
      ['08123456789 08123456780', '[phone] [phone]'], ['0812 3456 7890/0813 4567 8901', '[phone]/[phone]'], ['order 12345678 hp 081234567890', 'order 12345678 hp [phone]'],
    ] as const) assert.equal(mask(text), masked, text);
  });

  test('takes phone numbers in other digits, and with what nobody sees within', () => {
    const digits = (zero: number): string => [...'081234567890'].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
    for (const phone of [
      '0812\u00a03456\u00a07890', '0812\u202f3456\u20097890', '08123\u200b456\u2060789\ufeff0', '0812\u00ad3456\u00ad7890', '\u202a081234567890', '0\u03368\u03361\u03362\u03363\u03364\u03365\u03366\u03367\u0336', '⓪⑧①②③④⑤⑥⑦⑧⑨⓪', '\uff0b62 ８１２ ３４５６ ７８９０',
      [...'081234567890'].map((digit) => `${digit}\ufe0f\u20e3`).join(''), ...[0xff10, 0x660, 0x6f0, 0x966, 0x1d7ce, 0x1d7d8].map(digits),
    ]) assert.equal(mask(`wa ${phone} tolong`).replace('\u202a', ''), 'wa [phone] tolong', phone);
    // Whatever script a digit is of; those among the emoji are pictures.
    for (let code = 0x80; code < 0x1f000; code++) {
      const digit = String.fromCodePoint(code);
      if (/\p{Nd}/u.test(digit)) assert.notEqual(mask(`+${digit.repeat(9)}`.replace(digit, '3')), `+3${digit.repeat(8)}`, code.toString(16));
    }
  });

  test('takes addresses of wallets and hashes of transactions', () => {
    for (const wallet of [
      '0x52908400098527886E0F7030069857D2E4169EE7', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', '3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy', 'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq',
      'TJRabPrwbZy45sbavfcjinPJC18kjpRTv8', 'DRpbCBMxVnDK7maPM5tGv6MvB3v1sRMC86PZ8okm21hy', `0x${'ab12'.repeat(16)}`,
      '0X52908400098527886E0F7030069857D2E4169EE7', 'BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ', '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b',
      'addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x', 'stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw',
      'ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9', 'LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1', 'MGxNPPB7eBoWPUaprtX9v9CXJZoD2465zN', 'DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L',
      'rDsbeomae4FXwgQTJp9Rs64Qg9vDiTCdBv', 'UQDrLq-X6jKZNHAScgghh0h1iog3StK71zn8dcmrOj8jPWRA', 'EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N', `0:${'ab12'.repeat(16)}`,
      'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ', 'tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb', 'cosmos1vqpjljwsynsn58dugz0w8ut7kun7t8ls2qkmsq', '0x52908400098527886E0F\u200b7030069857D2E4169EE7',
    ]) assert.equal(mask(`kirim ke ${wallet}, belum masuk`), 'kirim ke [wallet], belum masuk', wallet);
  });

  test('takes card numbers by their check sum', () => {
    assert.equal(mask('kartu 4111 1111 1111 1111'), 'kartu [card]');
    assert.equal(mask('kartu 4111 1111 1111 1112'), 'kartu 4111 1111 1111 1112');
    for (const card of ['2223003122003222', '2223 0031 2200 3222', '5500-0000-0000-0004', '3782 822463 10005']) assert.equal(mask(`kartu ${card}`), 'kartu [card]', card);
    // The second series of Mastercard, at both of its ends.
    assert.equal(mask('2220999999999991; 2221000000000009; 2720999999999996; 2721000000000004'), '2220999999999991; [card]; [card]; 2721000000000004');
  });

  test('leaves amounts, dates, versions, orders and long words as they are', () => {
    for (const text of [
      'Rp 1.500.000', '100.000.000 hilang', 'saldo 20 000 000', '+1.00.000.000 Aura', 'v3.12.4', '2024-01-31 10:00', '08/12/2025', 'order 12345678', 'Rabu 02 2024/2025', '10000000', '99999999999',
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'bagusbangetbangetbangetbangetbangetbangetbangetba', 'a @ b', '@pintu', '5/5', '😀'.repeat(20), '',
      'Rp1.085.000.000', '1,085,345,678', 'untung +20 000 000', '+12.250.375', '62.850.000.000', '1.000.000.000.000', '10.000.000,50', 'Rp50.082.345.678', '1 082 345 678 rupiah',
      '0.34567891 BTC', '0,34567891', '1.08123456 ETH', '0.0812345678 ETH', '0.081234567890 ETH',
      'buka 08.00-17.00 24 jam', '08.15-17.00 24', '0800 1234567', 'tgl 08-12-2025 10:00', '2025-08-12 10.30.45', '08.12.25 10.30.45', 'jam 08.12 09.13 10.14', '2020 2021 2022 2023', '30 04 2020 02 05 2020 26 05 20 30 06 20 06 07 20', '+62.500.000', 'v4.2.0.1234',
      'INV/2024/0812345678', 'INV0812345678', 'TRX-081234567890', 'pesanan #0812345678', '550e8400-e29b-41d4-a716-446655440000', 'http://x.co/a1b2', 'sangat-sangat-sangat-bagus-sekali', '²³', '①②③④⑤⑥⑦⑧⑨',
    ]) assert.equal(mask(text), text);
  });

  test('takes only the kinds that are asked for, and counts them', () => {
    const text = 'a@b.co 081234567890 081234567891';
    assert.deepEqual(maskPersonal(text, ['phone']), { text: 'a@b.co [phone] [phone]', counts: { email: 0, wallet: 0, card: 0, phone: 2 } });
    assert.deepEqual(maskPersonal(text, []), { text, counts: { email: 0, wallet: 0, card: 0, phone: 0 } });
  });

  test('a masked text stays as it is when masked again', () => {
    const random = createRandom(5);
    for (let round = 0; round < 5000; round++) {
      const text = Array.from({ length: 1 + random.integer(8) }, () => random.pick(PIECES)).join(random.next() < 0.5 ? '' : ' ');
      const once = mask(text);
      assert.equal(mask(once), once, JSON.stringify(text));
    }
  });

  test('is the same for a text by itself, which is first looked at for a clue, and within one too long for that', () => {
    const random = createRandom(6);
    const long = `\n${' '.repeat(20_000)}`;
    for (let round = 0; round < 1500; round++) {
      const text = Array.from({ length: 1 + random.integer(12) }, () => random.pick(random.next() < 0.5 ? PIECES : CHARACTERS)).join('');
      assert.equal(mask(text), mask(text + long).slice(0, -long.length), JSON.stringify(text));
    }
  });

  test('what stands in its place is one word after cleaning', () => {
    const tokens = tokenize(normalize('hubungi [email] atau [phone]'), { stopwords: 'none', slang: true, punctuation: true });
    assert.deepEqual(tokens.filter((token) => /email|phone/.test(token)), ['email', 'phone']);
  });

  test('a text made to be slow is not', () => {
    // Each would take minutes with a pattern that looks back: the test would not end.
    for (const text of ['a'.repeat(1e6), '1 '.repeat(5e5), 'a@'.repeat(5e5), `${'a.'.repeat(5e5)}@`, `0x${'a'.repeat(1e6)}`, '1-1.'.repeat(2.5e5), 'a@b.'.repeat(2.5e5), '1'.repeat(1e6), '08 '.repeat(3.3e5), '1 000'.repeat(2e5), 'é@'.repeat(5e5), '\u200b0'.repeat(5e5), `${'é'.repeat(1e6)}@`, 'addr1'.repeat(2e5), '_a'.repeat(5e5), 'a(at)'.repeat(2e5), '(at '.repeat(2.5e5), `(${' '.repeat(1e6)}`, 'a @ '.repeat(2.5e5), 'a@gmail[dot]'.repeat(1e5), `a[at]${'a.'.repeat(5e5)}`, '812 3456 '.repeat(1e5)]) mask(text);
  });
});
