"""Names of files: whatever comes in, what comes out can be shown, stored and sent in a header."""

from __future__ import annotations

import unicodedata

import pytest

from models.rules.file_names import MOST, extension, shown
from models.rules.media import FORMATS

# What came in, what is shown.
NAMES = {
    "photo.jpg": "photo.jpg",
    "Photo.JPG": "Photo.JPG",
    "a.b.c.pdf": "a.b.c.pdf",
    "../../etc/passwd": "passwd",
    "../../a.png": "a.png",
    "..\\..\\a.png": "a.png",
    "..": "",
    ".": "",
    "...": "",
    "/": "",
    "//": "",
    "": "",
    "   ": "",
    "/etc/passwd": "passwd",
    "/a/b/c.txt": "c.txt",
    "a.txt/": "a.txt",
    "C:\\Users\\me\\a.txt": "a.txt",
    "C:a.txt": "C_a.txt",
    "\\\\server\\share\\a.txt": "a.txt",
    "//server/share/a.txt": "a.txt",
    "file:///etc/a.txt": "a.txt",
    "http://evil.example/a.txt": "a.txt",
    "%2e%2e%2fa.txt": "%2e%2e%2fa.txt",
    "%252e%252e%252fa.txt": "%252e%252e%252fa.txt",
    "..%2fa.txt": "%2fa.txt",
    "..%c0%afa.txt": "%c0%afa.txt",
    "．．／a.txt": "a.txt",
    "．．＼a.txt": "a.txt",
    "ａ．ｔｘｔ": "a.txt",
    "a\u2024txt": "a.txt",
    "a.php\0.jpg": "a.php.jpg",
    "a.jpg\0": "a.jpg",
    "a\r\nSet-Cookie: x=1.jpg": "a Set-Cookie_ x=1.jpg",
    "a\tb.jpg": "a b.jpg",
    "a\x0bb.jpg": "ab.jpg",
    "a\x7fb.jpg": "ab.jpg",
    "a\x85b.jpg": "ab.jpg",
    "a\u2028b.jpg": "ab.jpg",
    "\u200b.htaccess": "htaccess",
    ".htaccess": "htaccess",
    ".\u200bhtaccess": "htaccess",
    "\ufeffa.txt": "a.txt",
    "a\u200d.txt": "a.txt",
    "a\u2060.txt": "a.txt",
    "a\u00ad.txt": "a.txt",
    "a.t\u200bxt": "a.txt",
    "\u202egnp.exe": "gnp.exe",
    "photo\u202egnp.exe": "photognp.exe",
    "\u2066a\u2069.png": "a.png",
    "\u200fa.png": "a.png",
    "a\U000e0041.png": "a.png",
    "CON": "_CON",
    "con.jpg": "_con.jpg",
    "PRN.txt": "_PRN.txt",
    "aux.a.txt": "_aux.a.txt",
    "NUL .txt": "_NUL .txt",
    "com1.txt": "_com1.txt",
    "COM¹.txt": "_COM1.txt",
    "LPT9.txt": "_LPT9.txt",
    "console.txt": "console.txt",
    "a.jpg::$DATA": "a.jpg__$DATA",
    "a.jpg:evil.txt": "a.jpg_evil.txt",
    "a.jpg.": "a.jpg",
    "a.jpg...": "a.jpg",
    "a.jpg ": "a.jpg",
    "a.jpg . ": "a.jpg",
    " a.jpg": "a.jpg",
    "-rf.txt": "rf.txt",
    "--help.txt": "help.txt",
    "-rf;$(id).txt": "rf;$(id).txt",
    "~root.txt": "root.txt",
    "`id`.txt": "`id`.txt",
    "a;b.txt": "a;b.txt",
    "a&b.txt": "a&b.txt",
    'a"b.txt': "a_b.txt",
    "a'b.txt": "a'b.txt",
    "a|b.txt": "a_b.txt",
    "a*b?.txt": "a_b_.txt",
    "<img src=x onerror=alert(1)>.png": "_img src=x onerror=alert(1)_.png",
    "=cmd().csv": "=cmd().csv",
    "{{7*7}}.txt": "{{7_7}}.txt",
    "${7*7}.txt": "${7_7}.txt",
    "%s%n.txt": "%s%n.txt",
    "=?utf-8?q?a=2Etxt?=": "=_utf-8_q_a=2Etxt_=",
    "UTF-8''a%2Etxt": "UTF-8''a%2Etxt",
    "a.tar.gz": "a.tar.gz",
    "🌿 plant.jpg": "🌿 plant.jpg",
    "👩\u200d👩\u200d👧.jpg": "👩👩👧.jpg",
    "مرحبا.pdf": "مرحبا.pdf",
    "שלום.pdf": "שלום.pdf",
    "abcשלום123.pdf": "abcשלום123.pdf",
    "résumé.docx": "résumé.docx",
    "re\u0301sume\u0301.docx": "résumé.docx",
    "Å.txt": "Å.txt",
    "\u212b.txt": "Å.txt",
    "ﬁle.txt": "file.txt",
    "①.txt": "1.txt",
    "Ⅷ.txt": "VIII.txt",
    "文档.pdf": "文档.pdf",
    "\ud800a.txt": "a.txt",
    "b\udcff.txt": "b.txt",
    "a\ufffd.txt": "a.txt",
    "a  b   c.txt": "a b c.txt",
    "a\u00a0b.txt": "a b.txt",
    "a\u3000b.txt": "a b.txt",
    "a" * 300 + ".pdf": "a" * 116 + ".pdf",
    "a" * 255: "a" * 120,
    "é" * 4096 + ".docx": "é" * 115 + ".docx",
    "a." + "b" * 300: "a." + "b" * 118,
    "a" * 115 + " .pdf": "a" * 115 + " .pdf",
    "a" * 115 + " b.pdf" * 2: "a" * 115 + ".pdf",
}

_TRAPS = [
    "\0 \r \n \t \x1b[31m \x7f \u0085 \u2028 \u2029".split(" "),
    "\u200b \u200c \u200d \u2060 \ufeff \u00ad \u180e \u061c".split(" "),
    "\u202a \u202b \u202c \u202d \u202e \u2066 \u2067 \u2068 \u2069 \u200e \u200f".split(" "),
    '/ \\ : * ? " < > | ／ ＼ ： ＂ ＜ ＞ ｜ ∕ ⧵'.split(" "),
    ". .. ... ． .． ‥ … - ~".split(" "),
]
MADE = [
    pattern.format(each)
    for row in _TRAPS
    for each in row
    for pattern in ("{}a.jpg", "a{}.jpg", "a.{}jpg", "a.jpg{}", "{0}{0}etc{0}a.jpg", "a.php{}.jpg")
]


@pytest.mark.parametrize(("raw", "expected"), NAMES.items(), ids=lambda text: repr(text)[:40])
def test_a_name_is_shown_as_the_table_says(raw: str, expected: str) -> None:
    assert shown(raw) == expected


def test_whatever_comes_in_is_fit_to_be_shown() -> None:
    assert len({*NAMES, *MADE}) >= 200
    for raw in (*NAMES, *MADE):
        name = shown(raw)
        assert len(name) <= MOST, raw
        assert not set(name) & set('/\\:*?"<>|'), raw
        assert not any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") for each in name), raw
        assert name == name.strip(), raw
        assert not name.startswith((".", "-", "~")), raw
        assert not name.endswith("."), raw
        assert unicodedata.is_normalized("NFKC", name), raw
        assert shown(name) == name, f"{raw!r} is not at rest after once"
        name.encode()


def test_the_ending_is_judged_after_the_name_was_cleaned() -> None:
    """CVE-2026-28289: the filter ran first, and the invisible letters were taken out behind its back."""
    for raw in ("a.jpg\u200b", "a.j\u200bpg", "\u202ea.jpg", "a．jpg", "a.jpg\0", "A.JPG. "):
        assert extension(shown(raw)) == "jpg", raw
    for raw in (
        "\u200b.htaccess",
        "a.php\u200b",
        "a.jpg\u200b.php",
        "\u202egpj.exe",
        "a.jpg::$DATA",
        "jpg",
        ".jpg",
        "a",
        "",
    ):
        assert extension(shown(raw)) not in FORMATS, raw


def test_a_long_name_keeps_its_ending() -> None:
    for ending in FORMATS:
        name = shown("x" * 5000 + "." + ending)
        assert len(name) == MOST
        assert extension(name) == ending
