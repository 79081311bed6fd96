export const MOODS = ['positive', 'neutral', 'negative'] as const;
export type Mood = (typeof MOODS)[number];

export const TOPICS = ['login', 'verification', 'withdrawal', 'deposit', 'fees', 'speed', 'design', 'support', 'features', 'trust', 'release'] as const;
export type Topic = (typeof TOPICS)[number];

type ByMood = Readonly<Record<Mood, readonly string[]>>;

/** The phrases of one language. */
export interface Phrases {
  readonly short: ByMood;
  readonly topics: Readonly<Record<Topic, ByMood>>;
  readonly openings: readonly string[];
  readonly links: readonly string[];
  readonly closings: ByMood;
}

export const FEATURES: readonly string[] = ['widget', 'mode gelap', 'stop loss', 'limit order', 'ekspor pajak', 'alarm harga', 'kartu debit', 'pin sidik jari', 'multi akun', 'staking', 'laporan bulanan', 'kalkulator', 'jual cepat', 'tema'];
export const BANKS: readonly string[] = ['bank utara', 'bank selatan', 'dompetku', 'kasbon', 'banksari', 'rekening desa', 'kantongpay', 'bank kota', 'uangkita', 'bank lautan'];

/** Texts that attack or that break what was built without care. None of them means anything. */
export const HOSTILE: readonly string[] = [
  '<script>alert("ulasan")</script> bagus', '<img src=x onerror=alert(1)> jelek sekali', "'; DROP TABLE reviews; -- mantap", '=HYPERLINK("http://contoh.invalid","klik")', '@SUM(1+1)*cmd|calc', '+62 000 0000 0000 hubungi saya',
  '\u202Eterbalik semua\u202C tidak bisa login', '👨\u200d👩\u200d👧\u200d👦 keluarga suka 👍🏽', 'baris satu\nbaris dua\n"kutipan", koma', 'teks\u0007dengan\u001bkendali', '𝗯𝗮𝗴𝘂𝘀 𝘀𝗲𝗸𝗮𝗹𝗶', 'ｆｕｌｌ ｗｉｄｔｈ bagus', '&lt;b&gt;tebal&lt;/b&gt; &amp; miring',
  '{{7*7}} ${env.SECRET} %00', '../../etc/passwd aplikasi aneh', 'a\u0300\u0301\u0302\u0303\u0304\u0305 zalgo jelek', 'https://contoh.invalid/?q=<b>x</b> cek ini', '\ufeffbagus\u200b\u200c\u200d sekali', 'NULL', 'undefined', 'مرحبا تطبيق جيد', 'とても良いアプリ',
];
export const EMOJI: Readonly<Record<Mood, readonly string[]>> = {
  positive: ['👍', '🔥', '😍', '🙏', '❤️', '😊', '💯', '👍🏽', '🚀', '⭐⭐⭐⭐⭐'],
  neutral: ['🙏', '🤔', '😅', '😐', '👌'],
  negative: ['😡', '👎', '😭', '🤬', '😤', '💔', '😞'],
};
