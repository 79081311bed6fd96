import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normalize } from '../../../ml/text/normalize.ts';
import { tokenize } from '../../../ml/text/tokenize.ts';

describe('normalising', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['HTML tags and entities', '<b>Bagus</b> &amp; mudah<br/>cepat &#128077; &#x41;', 'bagus & mudah cepat 👍 a'],
    ['an escaped tag is a tag', '&lt;script&gt;alert(1)&lt;/script&gt;bagus', 'alert(1) bagus'],
    ['an unknown entity and a lone smaller-than stay', 'a &foo; 3 < 5 <3', 'a &foo; 3 < 5 <3'],
    ['control, zero-width and bidirectional characters', 'ba\u200bgus\u0000 se\u202ekali\ufeff\u00ad', 'bagus sekali'],
    ['a joiner inside a word goes, one inside of an emoji stays', 'ba\u200dgus 👨\u200d👩\u200d👧', 'bagus 👨\u200d👩\u200d👧'],
    ['lone surrogates', 'ba\ud83d gus \udc4d', 'ba gus'],
    ['bold-math and full-width letters', '𝐁𝐚𝐠𝐮𝐬 ｂａｇｕｓ', 'bagus bagus'],
    ['lower case, also of other alphabets', 'BAGUS ÉCLAIR ДА', 'bagus éclair да'],
    ['repeated letters become two', 'baguuuuus baguus bagus saaama', 'baguus baguus bagus saama'],
    ['repeated marks become two', 'apa???? bagus!!!!!! ya...', 'apa?? bagus!! ya..'],
    ['links, addresses and numbers of phones', 'lihat https://a.example/x?y=1 atau www.b.example, cs@c.example, +62 812-3456-7890', 'lihat xurl atau xurl xemail , xphone'],
    ['white space of every kind', ' a\t b\r\n\u00a0c\u3000d ', 'a b c d'],
    ['nothing', '', ''],
    ['nothing visible', '\u200b\u200c \ufeff', ''],
  ];
  for (const [name, raw, expected] of cases) test(name, () => assert.equal(normalize(raw), expected));

  test('a rating or a price is no phone number', () => {
    assert.equal(normalize('bintang 5, Rp 50.000'), 'bintang 5, rp 50.000');
  });

  test('what is normal already stays as it is', () => {
    for (const [, , normal] of cases.filter(([name]) => !name.includes('unknown'))) assert.equal(normalize(normal), normal);
  });

  test('hostile texts of a million characters are no trap: a search that goes back and forth would take hours', { timeout: 60_000 }, () => {
    const hostile = ['a', '<a', '&#', '<', 'a@', '1 ', '+62', '!', 'http://', '\u200d', '👍', '&lt;', 'www.', 'a.a@a.', 'a2', "a'", '👍\u200d'];
    for (const part of hostile) tokenize(normalize(part.repeat(Math.ceil(1_000_000 / part.length))), { stopwords: 'all', slang: true, punctuation: true });
  });
});
