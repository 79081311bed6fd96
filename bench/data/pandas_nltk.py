"""The peer of bench/data.bench.ts: collect from a file, validate and clean as a user of pandas and NLTK would write them.

    /usr/bin/python3 bench/data/pandas_nltk.py reviews.csv WORKSPACE

One process for all three steps (ours are three), vectorised where pandas has a vectorised way, no progress bars, no logging.
Debian packages: python3-pandas, python3-nltk; no downloaded corpora (TweetTokenizer needs none, stop words stay in).
"""

import html
import json
import re
import sqlite3
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
from nltk.tokenize import TweetTokenizer

APP = "com.valar.pintu"
NAMES = {"review_id": "id", "review_text": "text", "review_date": "at", "app_id": "app", "thumbs_up": "thumbsUp", "app_version": "version", "reply_text": "reply", "reply_date": "repliedAt"}
COLUMNS = ["app", "id", "at", "rating", "text", "thumbsUp", "version", "reply", "repliedAt", "source"]
MASKS = {
    "email": r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}",
    "wallet": r"\b(?:0x[0-9a-fA-F]{40}|bc1[0-9a-z]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b",
    "card": r"(?<!\d)(?:\d[ -]?){15}\d(?!\d)",
    "phone": r"(?<!\d)(?:\+?62|0)8\d(?:[ -]?\d){7,10}(?!\d)",
}


def collect(source: Path, workspace: Path) -> None:
    frame = pd.read_csv(source, dtype=str, keep_default_na=False, na_values=[""]).rename(columns=NAMES)
    frame = frame[frame["app"].isna() | (frame["app"] == APP)].reindex(columns=COLUMNS)
    frame["app"], frame["source"] = APP, "file"
    for column in ("at", "repliedAt"):
        times = pd.to_datetime(frame[column], errors="coerce", utc=True)
        frame[column] = times.dt.strftime("%Y-%m-%dT%H:%M:%SZ").where(times.notna(), None)
    frame["rating"] = pd.to_numeric(frame["rating"], errors="coerce")
    frame["thumbsUp"] = pd.to_numeric(frame["thumbsUp"], errors="coerce").fillna(0).astype(int)
    frame["text"] = frame["text"].fillna("").str.replace("\0", "", regex=False)
    for kind, pattern in MASKS.items():
        frame["text"] = frame["text"].str.replace(pattern, f"[{kind}]", regex=True)
    store(frame, workspace / "reviews.db")
    frame.sort_values(["at", "id"], na_position="first").to_csv(workspace / "collected.csv", index=False)


def store(frame: pd.DataFrame, file: Path) -> None:
    """Upsert by id; what a review said before it was edited moves to the history."""
    database = sqlite3.connect(file)
    database.executescript(
        """
        PRAGMA journal_mode = WAL;
        CREATE TABLE IF NOT EXISTS reviews (id TEXT PRIMARY KEY, hash TEXT NOT NULL, content TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS history (id TEXT NOT NULL, revision INTEGER NOT NULL, content TEXT NOT NULL, PRIMARY KEY (id, revision)) WITHOUT ROWID;
        CREATE TEMP TABLE incoming (id TEXT PRIMARY KEY, hash TEXT NOT NULL, content TEXT NOT NULL) WITHOUT ROWID;
        """
    )
    content = [json.dumps(row, ensure_ascii=False) for row in frame.astype(object).where(frame.notna(), None).to_dict("records")]
    hashes = pd.util.hash_array(pd.Series(content, dtype=object).to_numpy()).astype(str)
    with database:
        database.executemany("INSERT OR REPLACE INTO incoming VALUES (?, ?, ?)", zip(frame["id"], hashes, content))
        database.execute(
            """
            INSERT INTO history SELECT known.id, 1 + (SELECT count(*) FROM history WHERE history.id = known.id), known.content
            FROM reviews AS known JOIN incoming USING (id) WHERE known.hash <> incoming.hash
            """
        )
        database.execute("INSERT OR REPLACE INTO reviews SELECT * FROM incoming")
    database.close()


INDONESIAN = frozenset(
    "yang dan di ke dari untuk dengan ini itu tidak bisa saya kami kita aku sudah belum ada juga karena kalau tapi saja sangat lebih lagi jangan mau pada "
    "oleh agar supaya bagus mantap aplikasi mudah sulit susah lama cepat bantu membantu tolong mohon terima kasih uang saldo akun gak ga nggak yg udah aja "
    "banget bgt sih nya dong deh kok kenapa bagaimana apa siapa mana jelek buruk masuk keluar daftar baik oke semoga terus sekali selalu pernah masih harus".split()
)
ENGLISH = frozenset(
    "the and to of is are was were it this that i my you your we they not no can cannot with for from on in at by as be have has had but so very good great "
    "nice bad app easy hard slow fast please help money account love like best worst ever never always after before when why how what who which will would".split()
)
WORD = re.compile(r"\w+")


def language(words: list) -> str:
    indonesian = sum(word in INDONESIAN for word in words)
    english = sum(word in ENGLISH for word in words)
    if indonesian + english == 0:
        return "other"
    if min(indonesian, english) / (indonesian + english) >= 0.25:
        return "mixed"
    return "id" if indonesian >= english else "en"


def impossible(times: pd.Series) -> pd.Series:
    early = times < pd.Timestamp("2008-10-22", tz="UTC")
    known = times[times.notna() & ~early].sort_values()
    leaps = known.diff()
    places = pd.Series(range(len(known)), index=known.index)
    wide = (leaps > pd.Timedelta(days=3653)) | ((leaps > pd.Timedelta(days=366)) & (places > int(len(known) * 0.9)))
    return early | (times >= known[wide].min()) if wide.any() else early


def day_gap(times: pd.Series) -> pd.Series:
    days = times.dt.floor("D")
    known = pd.Series(days.dropna().unique()).sort_values()
    gaps = known.diff().dt.days
    return days.isin(known[gaps > max(10, 10 * gaps.median())])


PRAISE = frozenset("bagus mantap keren baik membantu mudah cepat suka oke ok puas terbaik good great best nice love easy fast helpful excellent awesome perfect".split())
BLAME = frozenset("jelek buruk parah kecewa lambat lemot susah sulit gagal error rugi penipu bohong ribet bad worst slow terrible useless scam fake poor hard".split())


def near_duplicates(text: pd.Series, words: pd.Series) -> pd.Series:
    """MinHash over pairs of words, four bands of four, whoever meets compared exactly (Jaccard of at least 0.8)."""
    lengths = words.map(len)
    rows = lengths.index[lengths >= 6]
    near = pd.Series(False, index=text.index)
    if len(rows) == 0:
        return near
    chosen, size = words.loc[rows], lengths.loc[rows].to_numpy()
    codes = pd.factorize(np.concatenate(chosen.to_numpy()))[0].astype(np.uint64)
    pairs = (codes[:-1] * np.uint64(2654435761) + codes[1:]) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)
    ends = np.cumsum(size)
    inside = np.ones(len(codes) - 1, dtype=bool)
    inside[ends[:-1] - 1] = False
    starts = np.concatenate([[0], np.cumsum(size - 1)[:-1]])
    multipliers = np.random.default_rng(7).integers(1, 2**32, 16, dtype=np.uint64) | np.uint64(1)
    signatures = np.stack([np.minimum.reduceat((pairs[inside] * multiplier) & np.uint64(0xFFFFFFFF), starts) for multiplier in multipliers], axis=1)
    for band in range(4):
        keys = pd.DataFrame(signatures[:, band * 4 : band * 4 + 4])
        firsts = keys.groupby([0, 1, 2, 3]).ngroup()
        first_row = pd.Series(rows).groupby(firsts.to_numpy()).transform("first").to_numpy()
        for row, before in zip(rows[first_row != rows], first_row[first_row != rows]):
            if near[row] or text[row] == text[before]:
                continue
            one, other = (set(zip(words[at], words[at][1:])) for at in (before, row))
            near[row] = len(one & other) / len(one | other) >= 0.8
    return near


def review_bombs(days: pd.Series, rating: pd.Series) -> pd.Series:
    flagged = pd.Series(False, index=days.index)
    for group in (rating.isin([1, 2]), rating == 5):
        counts = days[group].value_counts().sort_index().asfreq("D", fill_value=0)
        usual = counts.shift(1).rolling(28, min_periods=14).median().clip(lower=1)
        bombs = counts.index[(counts >= 10) & (counts > 3 * usual) & (counts > usual + 6 * usual**0.5)]
        flagged |= group & days.isin(bombs)
    return flagged


def quiet_days(days: pd.Series) -> int:
    counts = days.value_counts().sort_index().asfreq("D", fill_value=0)
    usual = pd.concat([counts.shift(7 * week) for week in range(1, 9)], axis=1).median(axis=1)
    return int(((counts < usual * 0.25) & (usual >= 5))[-29:-1].sum())


def validate(workspace: Path) -> None:
    frame = read(workspace / "collected.csv")
    text, rating, times = frame["text"], frame["rating"], pd.to_datetime(frame["at"], errors="coerce", utc=True)
    stripped, lower = text.str.strip(), text.str.lower()
    words = lower.map(WORD.findall)
    languages = words.map(language)
    opinion = words.map(lambda found: sum((word in PRAISE) - (word in BLAME) for word in found))
    days = times.dt.floor("D")
    ids = frame["id"].str.lower()
    rules = {
        "missing-rating": rating.isna(),
        "rating-range": rating.notna() & ~rating.isin([1, 2, 3, 4, 5]),
        "missing-date": times.isna(),
        "future-date": impossible(times),
        "duplicate-id": frame["id"].duplicated(),
        "wrong-app": frame["app"] != APP,
        "empty-text": stripped == "",
        "no-letters": (stripped != "") & ~text.str.contains(r"[^\W_]", regex=True),
        "duplicate-text": lower.str.strip().duplicated(),
        "other-case-id": ids.duplicated() & ~frame["id"].duplicated(),
        "near-duplicate": near_duplicates(text, words),
        "rating-text": ((rating >= 4) & (opinion <= -2)) | ((rating <= 2) & (opinion >= 2)),
        "review-bomb": review_bombs(days, rating),
        "broken-encoding": text.str.contains("\ufffd|Ã.|â€", regex=True),
        "unusual-length": text.str.len() > 5000,
        "other-language": text.str.contains(r"[^\W\d_]{2}", regex=True) & (languages == "other"),
        "day-gap": day_gap(times),
    }
    report = {
        "rows": len(frame),
        "oldest": frame["at"].min(),
        "newest": frame["at"].max(),
        "languages": languages.value_counts().to_dict(),
        "quietDays": quiet_days(days),
        "ratings": rating.value_counts(dropna=False).rename(str).to_dict(),
        "checks": [{"rule": rule, "rows": int(fails.sum()), "share": float(fails.mean()), "examples": (fails.to_numpy().nonzero()[0][:5] + 1).tolist()} for rule, fails in rules.items()],
    }
    (workspace / "quality.json").write_text(json.dumps(report, indent=2))


def read(file: Path) -> pd.DataFrame:
    frame = pd.read_csv(file, dtype={"id": str, "text": str, "version": str, "reply": str}, keep_default_na=False, na_values={"rating": [""], "at": [""], "thumbsUp": [""]})
    return frame


SLANG = {
    form: word
    for word, forms in {
        "tidak": "ga gak gk ngga nggak enggak engga ndak tdk tak kagak kaga g", "belum": "blm blom belom", "sudah": "udah sdh udh dah uda sudh", "bisa": "bs bsa bisaa",
        "banget": "bgt bngt bangat bgtt", "aplikasi": "apk app apps apl aplikasinya apknya appnya aplkasi aplikasih", "yang": "yg yng", "dan": "dn", "dengan": "dgn dg dngan",
        "untuk": "utk buat untk", "karena": "krn krna karna", "kalau": "kalo klo kl klu", "saja": "aja aj sj doang", "juga": "jg jga", "jangan": "jgn jngn", "sangat": "sgt sngt",
        "terima": "trima", "kasih": "ksh", "terima-kasih": "makasih makasi mksh tengkyu thx thanks thanx", "bagus": "bgs bagos bgus", "jelek": "jlek jelk", "buruk": "brk",
        "lama": "lma lamaa", "lambat": "lemot lelet lmbt", "tolong": "tlg tlong tolonglah", "mohon": "mhn mohn", "orang": "org orng", "uang": "duit duwit", "saya": "sy gw gue gua aku ak",
        "kamu": "km kmu lu lo elu", "kita": "kt kta", "gagal": "ggl gagl", "masuk": "msk msuk", "keluar": "klr kluar", "kenapa": "knp knpa napa", "bagaimana": "gmn gimana gmna bgmn",
    }.items()
    for form in forms.split()
}
TAG = re.compile(r"</?[a-z!][^<>]{0,300}>", re.IGNORECASE)
INVISIBLE = dict.fromkeys([*range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0xAD, 0x61C, 0x180E, 0x200B, 0x200C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE0F), 0xFEFF, *range(0xFFF9, 0xFFFE), *range(0xE000, 0xF900)])
URL, EMAIL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"']+"), re.compile(MASKS["email"])
PHONE = re.compile(r"(?<!\d)(?:\+?\d[\d\s-]{8,16}\d)(?!\d)")
REPEATED, SPACES = re.compile(r"([^\W\d_])\1{2,}"), re.compile(r"\s+")
KEPT = re.compile(r"[\w!?]|[\u2190-\U0001faff]")


def normalize(raw: str) -> str:
    text = html.unescape(raw)
    if "<" in text:
        text = TAG.sub(" ", text)
    text = unicodedata.normalize("NFKC", text).translate(INVISIBLE).lower()
    text = PHONE.sub(" xphone ", EMAIL.sub(" xemail ", URL.sub(" xurl ", text)))
    return SPACES.sub(" ", REPEATED.sub(r"\1\1", text)).strip()


def clean(workspace: Path) -> None:
    frame = read(workspace / "collected.csv")
    times = pd.to_datetime(frame["at"], errors="coerce", utc=True)
    reason = pd.Series("", index=frame.index)
    for name, fails in {
        "duplicate-id": frame["id"].duplicated(), "future": impossible(times), "no-rating": frame["rating"].isna(), "invalid-rating": ~frame["rating"].isin([1, 2, 3, 4, 5]),
        "no-date": times.isna(), "too-long": frame["text"].str.len() > 10000,
    }.items():
        reason = reason.mask((reason == "") & fails, name)
    kept = frame[reason == ""].copy()
    tokenizer = TweetTokenizer(preserve_case=True, reduce_len=False, strip_handles=False)
    kept["raw"] = kept["text"]
    kept["text"] = kept["raw"].map(normalize)
    tokens = kept["text"].map(lambda text: [SLANG.get(token, token) for token in tokenizer.tokenize(text) if KEPT.search(token)])
    kept["tokens"] = tokens.map(" ".join)
    kept["language"] = tokens.map(language)
    empty = kept["tokens"] == ""
    reason.loc[kept.index[empty]] = "empty"
    kept = kept[~empty]
    kept["label"] = pd.cut(kept["rating"], [0, 2, 3, 5], labels=["negative", "neutral", "positive"])
    kept["labelSource"] = "stars"
    kept["rating"] = kept["rating"].astype(int)
    kept[["app", "id", "at", "rating", "label", "labelSource", "language", "version", "raw", "text", "tokens"]].to_csv(workspace / "clean.csv", index=False)
    frame.assign(reason=reason)[reason != ""][["app", "id", "reason"]].to_csv(workspace / "dropped.csv", index=False)


if __name__ == "__main__":
    source, workspace = Path(sys.argv[1]), Path(sys.argv[2])
    collect(source, workspace)
    validate(workspace)
    clean(workspace)
