import type { Phrases } from './phrases.ts';

/** What people say in Indonesian, by topic and mood. Written for this sample; {slots} are filled by the generator. */
export const INDONESIAN: Phrases = {
  short: {
    positive: ['mantap', 'bagus', 'oke banget', 'keren', 'sangat membantu', 'terbaik', 'suka', 'good job', 'top', 'recommended', 'lumayan bagus', 'aman', 'sip', 'puas', 'bagus sekali', 'membantu sekali'],
    neutral: ['lumayan', 'biasa saja', 'cukup', 'coba dulu', 'baru download', 'belum tahu', 'standar', 'oke', 'masih belajar', 'semoga bagus'],
    negative: ['jelek', 'kecewa', 'lemot', 'parah', 'ribet', 'susah', 'penipu', 'sampah', 'buruk', 'tidak jelas', 'gagal terus', 'error', 'payah', 'mengecewakan', 'tidak bisa masuk'],
  },
  topics: {
    login: {
      positive: ['masuk akun cepat sekali', 'login gampang pakai sidik jari', 'daftar cuma {minutes} menit langsung jadi', 'pindah hp pun akun tetap aman'],
      neutral: ['login harus pakai nomor lama', 'tolong tambah login lewat {bank}', 'kadang harus masuk ulang', 'daftar pakai email atau nomor sama saja'],
      negative: ['tidak bisa login sejak kemarin', 'akun saya terkunci tanpa alasan', 'lupa sandi malah disuruh tunggu {hours} jam', 'keluar sendiri terus tiap dibuka', 'kode masuk tidak pernah sampai'],
    },
    verification: {
      positive: ['verifikasi ktp cepat', 'data disetujui hanya {minutes} menit', 'verifikasi mudah dan jelas'],
      neutral: ['verifikasi masih diproses', 'semoga verifikasi bisa lebih cepat', 'verifikasi perlu foto ktp dan selfie'],
      negative: ['verifikasi ditolak terus padahal data benar', 'sudah {days} hari verifikasi belum selesai', 'foto ktp jelas tetap gagal', 'verifikasi ribet minta data macam macam'],
    },
    withdrawal: {
      positive: ['tarik dana ke {bank} langsung masuk', 'penarikan cepat tidak sampai {minutes} menit', 'uang {amount} cair hari itu juga'],
      neutral: ['tarik dana minimal {amount}', 'penarikan ke {bank} butuh beberapa jam', 'batas tarik harian perlu dinaikkan'],
      negative: ['penarikan {amount} belum masuk sudah {days} hari', 'saldo hilang setelah tarik ke {bank}', 'uang saya ditahan tanpa penjelasan', 'dana tidak cair cair', 'status berhasil tapi rekening {bank} kosong'],
    },
    deposit: {
      positive: ['isi saldo lewat {bank} lancar', 'top up otomatis masuk', 'setor {amount} langsung terlihat'],
      neutral: ['isi saldo baru bisa lewat {bank}', 'minta pilihan top up lain', 'minimal setor {amount}'],
      negative: ['top up {amount} tidak masuk', 'saldo belum bertambah padahal transfer {bank} sukses', 'setor gagal tapi uang terpotong'],
    },
    fees: {
      positive: ['biaya murah dibanding yang lain', 'tidak ada potongan tersembunyi', 'admin gratis ke {bank}'],
      neutral: ['biaya admin {amount} per transaksi', 'mohon biaya ditinjau lagi', 'biayanya sama seperti aplikasi lain'],
      negative: ['biaya admin terlalu mahal', 'potongan {amount} tidak masuk akal', 'biaya naik diam diam', 'spread lebar sekali rugi terus'],
    },
    speed: {
      positive: ['aplikasinya ringan dan cepat', 'tidak pernah macet', 'buka grafik langsung muncul'],
      neutral: ['kadang agak lambat kalau sinyal jelek', 'butuh hp yang kuat', 'lancar di wifi saja'],
      negative: ['lemot parah sejak pembaruan {version}', 'sering macet saat dibuka', 'loading terus tidak selesai', 'aplikasi berat bikin hp panas'],
    },
    design: {
      positive: ['tampilan bersih dan mudah dipahami', 'cocok untuk pemula', 'menunya rapi', 'enak dilihat'],
      neutral: ['tampilan baru perlu dibiasakan', 'tolong tambah mode gelap', 'huruf bisa dibuat lebih besar', 'menu favorit sebaiknya di depan'],
      negative: ['tampilan baru membingungkan', 'menu penting disembunyikan', 'tombol terlalu kecil salah tekan terus'],
    },
    support: {
      positive: ['cs ramah dan cepat tanggap', 'keluhan langsung dibantu kak {name}', 'admin {name} sabar menjelaskan'],
      neutral: ['cs dibalas besoknya', 'semoga ada telepon cs', 'tanya cs dijawab robot dulu'],
      negative: ['cs tidak membalas sama sekali', 'lapor tiket {ticket} tidak ditanggapi', 'jawaban cs cuma salin tempel', 'dilempar lempar oleh cs'],
    },
    features: {
      positive: ['fiturnya lengkap', 'pilihan koin banyak', 'ada belajar dulu sebelum investasi', 'nabung rutin jadi mudah'],
      neutral: ['tolong tambah fitur {feature}', 'saran dibuat fitur {feature}', 'fitur {feature} belum ada', 'pilihan koin perlu ditambah'],
      negative: ['fitur {feature} dihapus kenapa', 'janji fitur {feature} tidak pernah ada', 'harga di grafik beda dengan harga jual'],
    },
    trust: {
      positive: ['aman dan terdaftar', 'sudah {years} tahun pakai tidak pernah kecewa', 'terpercaya', 'bonus {amount} benar benar masuk'],
      neutral: ['baru pakai {days} hari jadi belum tahu', 'masih pelajari dulu', 'katanya aman semoga benar'],
      negative: ['bonus {amount} tidak pernah dikirim', 'hati hati uang kalian hilang', 'iklannya bohong', 'saya merasa ditipu'],
    },
    release: {
      positive: ['pembaruan {version} makin lancar'],
      neutral: ['versi {version} minta verifikasi wajah lagi', 'setelah pembaruan harus atur ulang pin'],
      negative: ['verifikasi wajah gagal terus sejak versi {version}', 'kamera gelap saat pindai wajah', 'otp tidak masuk setelah pembaruan', 'wajah tidak cocok padahal orang yang sama', 'pembaruan {version} bikin akun tidak bisa dibuka', 'pindai wajah berputar terus lalu keluar'],
    },
  },
  openings: ['jujur', 'menurut saya', 'sejauh ini', 'min', 'kak', 'halo', 'awalnya ragu', 'sudah lama pakai', 'baru coba', 'update', 'tolong dibaca', 'assalamualaikum', 'selamat pagi'],
  links: ['dan', 'tapi', 'terus', 'apalagi', 'cuma', 'selain itu', 'meskipun begitu', ',', '.', 'padahal', 'jadi'],
  closings: {
    positive: ['terima kasih', 'sukses terus', 'bintang lima', 'semoga makin jaya', 'lanjutkan', 'rekomendasi buat {name}'],
    neutral: ['semoga diperbaiki', 'terima kasih', 'mohon infonya', 'nanti saya ubah bintangnya', 'ditunggu'],
    negative: ['tolong diperbaiki', 'saya hapus saja', 'mohon tanggung jawab', 'kapok', 'bintang satu dulu', 'kecewa berat', 'pindah ke aplikasi lain'],
  },
};
