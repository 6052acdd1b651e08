"""Mails as they come: what the programs of the world write, and what goes wrong with it."""

from __future__ import annotations

import time
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from models.rules import mail_html, mail_reading
from models.rules.mail_reading import Mail, name_of, read
from tests.support.winmail import winmail

HEAD = (
    b"From: Ada <ada@example.com>\r\nTo: desk@fernhill.example\r\nSubject: My order\r\nMessage-ID: <1@example.com>\r\n"
)


def _mail(body: bytes = b"Where is it?\r\n", head: bytes = HEAD, **more: str) -> Mail:
    extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in more.items()).encode()
    return read(head + extra + b"\r\n" + body)


def test_a_plain_mail() -> None:
    mail = _mail()
    assert (mail.from_name, mail.from_address, mail.subject) == ("Ada", "ada@example.com", "My order")
    assert (mail.message_id, mail.text, mail.quoted, mail.files) == ("<1@example.com>", "Where is it?", "", [])
    assert not mail.broken
    assert not mail.automatic


def test_of_two_bodies_the_text_is_read_and_pictures_elsewhere_are_counted() -> None:
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["Subject"] = "ada@example.com", "x"
    letter.set_content("As text.")
    letter.add_alternative("<p>As HTML.</p><img src='http://spy.example/1.gif'><img src='cid:logo'>", subtype="html")
    mail = read(letter.as_bytes())
    assert mail.text == "As text."
    assert mail.remote_images == 1


def test_html_alone_is_read_as_text() -> None:
    mail = _mail(
        b"<html><head><style>p{}</style></head><body><p>Where <b>is</b> it?</p><ul><li>one<li>two</ul>"
        b"<script>alert(1)</script></body></html>",
        Content_Type="text/html; charset=utf-8",
    )
    assert mail.text.split() == ["Where", "is", "it?", "*", "one", "*", "two"]


@pytest.mark.parametrize(
    ("charset", "data"),
    [
        ("utf-8", "Grüße, Zoë €".encode()),
        ("us-ascii", "Grüße, Zoë €".encode()),  # a lie
        ("iso-8859-1", "Grüße, Zoë €".encode()),  # a lie that would never fail
        ("utf-8", "Grüße, Zoë €".encode("cp1252")),  # a lie
        ("windows-1252", "Grüße, Zoë €".encode("cp1252")),
        ("no-such-charset", "Grüße, Zoë €".encode()),
        ("", "Grüße, Zoë €".encode()),
        ("utf-16", "Grüße, Zoë €".encode("utf-16")),
    ],
)
def test_characters_are_read_as_they_were_meant(charset: str, data: bytes) -> None:
    assert _mail(data, Content_Type=f'text/plain; charset="{charset}"').text == "Grüße, Zoë €"


def test_a_base64_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    mail = _mail(b"V2hlcmUgaXMgaXQ/IEl0IGlz\r\n!!!=", Content_Type="text/plain", Content_Transfer_Encoding="base64")
    assert mail.text.startswith("Where is it?")


@pytest.mark.parametrize(
    "body",
    [
        b"--x\r\nContent-Type: text/plain\r\n\r\nWhere is it?\r\n",  # never closed
        b"Where is it?",  # not one part
        b"--x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nWhere is it?\r\n--x--\r\n--x\r\njunk",
    ],
)
def test_a_multipart_that_is_none_loses_nothing_of_what_can_be_read(body: bytes) -> None:
    mail = _mail(body, Content_Type='multipart/mixed; boundary="x"')
    assert mail.text in ("Where is it?", "")
    assert mail.broken or mail.text


def test_parts_within_parts_for_ever_do_not_end_the_reader() -> None:
    nest = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(2000))
    began = time.monotonic()
    mail = _mail(nest, Content_Type="multipart/mixed; boundary=b0")
    assert time.monotonic() - began < 5
    assert mail.from_address == "ada@example.com"
    assert mail.subject == "My order"


def test_a_mail_of_nothing_is_read() -> None:
    for raw in (b"", b"\r\n", b"\x00\xff\xfe", b"From\r\n\r\n", HEAD, b":\r\n:\r\n\r\n"):
        mail = read(raw)
        assert mail.text in ("", "\ufffd", "ÿþ") or mail.broken


def test_five_thousand_recipients_are_read_in_a_moment() -> None:
    crowd = ",\r\n ".join(f"Person {n} <p{n}@example.com>" for n in range(5000)).encode()
    began = time.monotonic()
    mail = read(HEAD.replace(b"desk@fernhill.example", crowd) + b"\r\nWhere is it?")
    assert time.monotonic() - began < 2
    assert (mail.from_address, mail.text) == ("ada@example.com", "Where is it?")


def test_headers_are_decoded_once_and_hold_no_line_breaks() -> None:
    mail = read(
        b"From: =?utf-8?q?Ada=0D=0ABcc=3A_all=40x=2Eexample?= <ada@example.com>\r\n"
        b"Subject: =?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D_=E2=80=AEevil?= =?iso-8859-1?q?_Gr=FC=DFe?=\r\n\r\nx"
    )
    assert mail.from_name == "Ada Bcc: all@x.example"
    assert mail.subject == "=?utf-8?q?x?= evil Grüße"
    assert read("From: a@b.example\nSubject: Grüße\n\nx".encode()).subject == "Grüße"
    assert read("From: a@b.example\nSubject: Grüße\n\nx".encode("cp1252")).subject == "Grüße"
    assert read(b"From: a@b.example\nSubject: =?nope?b?!!!?= =?utf-8?b?w?=\n\nx").subject


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (b"Ada <ADA@Example.com>", "ada@example.com"),
        (b'"Ada, of <x@y.example>" <ada@example.com>', "ada@example.com"),
        (b"ada@example.com (Ada)", "ada@example.com"),
        ("Ada <ada@bücher.example>".encode(), "ada@xn--bcher-kva.example"),
        (b"undisclosed-recipients:;", ""),
        (b"", ""),
        (b"<>", ""),
        (b"Ada <ada>", ""),
    ],
)
def test_who_wrote(written: bytes, address: str) -> None:
    assert read(b"From: " + written + b"\r\n\r\nx").from_address == address


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b'attachment; filename="plan.pdf"', "plan.pdf"),
        (b"attachment; filename*=utf-8''na%C3%AFve%20plan.pdf", "naïve plan.pdf"),
        (b"attachment; filename*0*=utf-8''na%C3%AF; filename*1*=ve%20plan.pdf", "naïve plan.pdf"),
        (b'attachment; filename="=?utf-8?b?bmHDr3ZlIHBsYW4ucGRm?="', "naïve plan.pdf"),
        (b'attachment; filename="\xe2\x80\x8b.htaccess"', ".htaccess"),
        (b'inline; filename="../../etc/passwd"', "../../etc/passwd"),
        (b"attachment", "file.pdf"),
    ],
)
def test_files_and_their_names(header: bytes, name: str) -> None:
    raw = HEAD + b"Content-Type: application/pdf\r\nContent-Disposition: " + header + b"\r\n\r\n%PDF-1.4"
    (file,) = read(raw).files
    assert (file.name, file.size) == (name, 8)
    assert mail_reading.content(raw, file.ref) == b"%PDF-1.4"
    assert mail_reading.content(raw, "99") is None


def test_what_outlook_wraps_up_comes_out_as_files() -> None:
    letter = EmailMessage(policy=SMTP)
    letter["From"] = "ada@example.com"
    letter.set_content("See.")
    wrapped = winmail(("PLAN~1.PDF", "The plan\x02.pdf", b"%PDF-1.7"), ("b.txt", "", b"B"))
    letter.add_attachment(wrapped, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    letter.add_attachment(b"C", maintype="application", subtype="x-c", filename="c.txt")
    mail = read(letter.as_bytes())
    assert [(each.name, each.size) for each in mail.files] == [("The plan.pdf", 8), ("b.txt", 1), ("c.txt", 1)]
    assert [mail_reading.content(letter.as_bytes(), each.ref) for each in mail.files] == [b"%PDF-1.7", b"B", b"C"]
    assert (mail.text, mail.left_out) == ("See.", ())
    for ref in ("1.7", "1.x", "9.0"):
        assert mail_reading.content(letter.as_bytes(), ref) is None


def test_pictures_in_the_text_come_as_files_and_winmail_is_named() -> None:
    letter = EmailMessage(policy=SMTP)
    letter["From"] = "ada@example.com"
    letter.set_content("See.")
    letter.add_alternative("<p>See <img src='cid:1'></p>", subtype="html")
    letter.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<1>", filename="shot.png")
    letter.add_attachment(b"x" * 30, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    mail = read(letter.as_bytes())
    assert [each.name for each in mail.files] == ["shot.png"]
    assert mail.left_out == ("winmail.dat",)
    assert (mail.text, mail.remote_images) == ("See.", 0)


def test_an_invitation_is_said_in_a_line() -> None:
    letter = EmailMessage(policy=SMTP)
    letter["From"] = "ada@example.com"
    letter.set_content("Please come.")
    letter.add_attachment(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Tea\\, with\r\n  cake\r\nDTSTART;TZID=Europe/Vienna:20261201T150000\r\n"
        "LOCATION:Mill Lane\r\nEND:VEVENT\r\nEND:VCALENDAR",
        subtype="calendar",
    )
    assert read(letter.as_bytes()).text == "Please come.\n\n[Invitation: Tea, with cake, 2026-12-01 15:00, Mill Lane]"


def test_a_mail_within_a_mail_is_a_file_and_not_its_text() -> None:
    inner, letter = EmailMessage(policy=SMTP), EmailMessage(policy=SMTP)
    inner["Subject"] = "inner"
    inner.set_content("The inner text.")
    letter["From"] = "ada@example.com"
    letter.set_content("Look.")
    letter.add_attachment(inner)
    mail = read(letter.as_bytes())
    assert mail.text == "Look."
    assert [each.name for each in mail.files] == ["forwarded.eml"]


def test_a_mail_without_a_name_is_named_by_its_content() -> None:
    bare = HEAD.replace(b"Message-ID: <1@example.com>\r\n", b"")
    first, again, other = _mail(head=bare), _mail(head=bare), _mail(b"Another.", head=bare)
    assert first.message_id == again.message_id != other.message_id
    assert name_of(first) == name_of(again) != name_of(other)


def test_one_name_and_two_contents_are_two_mails_and_two_ways_are_one() -> None:
    assert name_of(_mail()) != name_of(_mail(b"Another."))
    by_another_way = read(
        b"Received: from a by b\r\nReturn-Path: <ada@example.com>\r\n" + HEAD + b"\r\nWhere is it?\r\n"
    )
    assert name_of(_mail()) == name_of(by_another_way)


# --- who vouches for it -----------------------------------------------------------------------------------

PASSED = (
    "mx.fernhill.example; dkim=pass header.d=example.com; spf=pass smtp.mailfrom=example.com;"
    " dmarc=pass (p=reject) header.from=example.com"
)


def _vouched(*results: str, head: bytes = HEAD, server: str = "mx.fernhill.example") -> Mail:
    above = "".join(f"Authentication-Results: {each}\r\n" for each in results).encode()
    return read(above + head + b"\r\nx", trusted_server=server)


def test_an_address_that_passed_is_proved() -> None:
    trust = _vouched(PASSED).trust
    assert trust.proved
    assert trust.verdict == "passed"
    assert trust.results == {"dmarc": "pass", "dkim": "pass", "spf": "pass"}


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ((), "unknown"),
        (("mx.evil.example; dmarc=pass header.from=example.com",), "unknown"),  # not our server
        (("mx.fernhill.example; dmarc=fail header.from=example.com", PASSED), "failed"),  # the newest counts
        (("mx.fernhill.example; dmarc=pass header.from=evil.example",), "unknown"),  # another domain
        (("mx.fernhill.example; spf=pass; dkim=pass header.d=example.com",), "unknown"),
        (("mx.fernhill.example; dmarc=none",), "unknown"),
        (("mx.fernhill.example.evil.example; dmarc=pass",), "unknown"),
        (("(mx.fernhill.example) mx.evil.example; dmarc=pass",), "unknown"),
        ((";;;=;dmarc=pass",), "unknown"),
        (("mx.fernhill.example; x=(dmarc=pass header.from=example.com)",), "unknown"),
    ],
)
def test_what_is_not_proved(results: tuple[str, ...], verdict: str) -> None:
    trust = _vouched(*results).trust
    assert not trust.proved
    assert trust.verdict == verdict


def test_nothing_is_proved_without_a_server_to_trust_or_with_two_senders() -> None:
    assert not _vouched(PASSED, server="").trust.proved
    two = HEAD.replace(b"Ada <ada@example.com>", b"Ada <ada@example.com>, Eve <eve@evil.example>")
    assert not _vouched(PASSED, head=two).trust.proved
    assert not _vouched(PASSED, head=HEAD + b"From: eve@evil.example\r\n").trust.proved


# --- machines ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (vacation)"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"X_Auto_Response_Suppress": "All"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
    ],
)
def test_machines_are_recognised(header: dict[str, str]) -> None:
    assert _mail(**header).automatic


@pytest.mark.parametrize("header", [{"Auto_Submitted": "no"}, {"Precedence": "list", "List_Id": "<desk.example>"}, {}])
def test_people_are_not_taken_for_machines(header: dict[str, str]) -> None:
    assert not _mail(**header).automatic


def _dsn(action: str = "failed", status: str = "5.1.1", returned: str = "message/rfc822") -> bytes:
    return (
        HEAD.replace(b"ada@example.com", b"MAILER-DAEMON@mx.example")
        + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; ada@example.com\r\nAction: "
        + action.encode()
        + b"\r\nStatus: "
        + status.encode()
        + b"\r\n"
        b"Diagnostic-Code: smtp; 550 " + status.encode() + b" No such\r\n user\r\n\r\n"
        b"--b\r\nContent-Type: "
        + returned.encode()
        + b"\r\n\r\nMessage-ID: <p.7.d-1-0.x@fernhill.example>\r\nSubject: x\r\n\r\n"
        b"--b--\r\n"
    )


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_bounce_says_which_mail_and_why(returned: str) -> None:
    bounce = read(_dsn(returned=returned)).bounce
    assert bounce is not None
    assert (list(bounce.of), bounce.final, bounce.gone) == (["<p.7.d-1-0.x@fernhill.example>"], True, True)
    assert bounce.reason == "550 5.1.1 No such user"


def test_a_delay_is_not_the_end_and_a_full_box_is_not_a_wrong_address() -> None:
    delayed, full = read(_dsn("delayed", "4.4.1")).bounce, read(_dsn(status="5.2.2")).bounce
    assert delayed is not None
    assert full is not None
    assert not delayed.final
    assert full.final
    assert not full.gone


# --- HTML -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "evil",
    [
        "<img src=x onerror=alert(1)>",
        "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='java\tscript:alert(1)'>x</a>",
        "<a href='data:text/html,x'>x</a>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<style>@import 'http://spy.example'</style>",
        "<p style='background:url(http://spy.example)' class=x id=y>x</p>",
        "<link rel=stylesheet href=http://spy.example><meta http-equiv=refresh content='0;url=http://spy.example'>",
        "<form action=http://spy.example><input></form>",
        "<video src=http://spy.example poster=http://spy.example></video>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    ],
)
def test_nothing_of_a_mail_runs_or_is_loaded(evil: str) -> None:
    cleaned = mail_html.clean(evil).html.lower()
    for trace in ("onerror", "script", "spy.example", "style", "class", "data:", "<svg", "<form", "<iframe", "src="):
        assert trace not in cleaned
