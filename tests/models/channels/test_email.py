"""The e-mail channel against a real IMAP and a real SMTP server: nothing lost, nothing doubled, nobody believed without proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.channels.email import UNPROVED, Email
from models.channels.incoming import Ignored, Polled, Receipt, Unreadable
from models.channels.outgoing import File, Handed, Parcel
from models.channels.profile import Account
from tests.support.mail_house import PASSWORD, USER, MailHouse, certificate, mail_house
from tests.support.post_office import PostOffice, post_office

MAIL = Email()
ADA = "ada@example.com"
PASSED = "Authentication-Results: mx.fernhill.example; dmarc=pass header.from=example.com\r\n"


@pytest.fixture(scope="module")
def served() -> Iterator[MailHouse]:
    with mail_house() as house:
        yield house


@pytest.fixture
def house(served: MailHouse) -> Iterator[MailHouse]:
    yield served
    served.change_password(PASSWORD)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as open_office:
        yield open_office


def _account(house: MailHouse, office: PostOffice | None = None, **filled: Any) -> Account:
    settings = {
        "from_address": USER,
        "from_name": "Fernhill",
        "imap_host": "127.0.0.1",
        "imap_port": house.port,
        "imap_security": "none",
        "user": USER,
        "folder": "INBOX",
        "smtp_host": "127.0.0.1",
        "smtp_port": office.port if office else 1,
        "smtp_security": "none",
        "trusted_server": "mx.fernhill.example",
        "poll_s": 5,
    }
    secrets = {"password": PASSWORD}
    return Account(7, "email", "Desk", "public-key-7", settings | filled, secrets, {})


def _letter(body: str = "Where is it?", *, above: str = "", by: str = ADA, **headers: str) -> bytes:
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    named = more if "Message-ID" in more else f"Message-ID: <{abs(hash(body))}@example.com>\r\n{more}"
    return f"{above}From: Ada <{by}>\r\nTo: {USER}\r\nSubject: My order\r\n{named}\r\n{body}\r\n".encode()


def _after(account: Account, polled: Polled, *, minutes: int = 1) -> Account:
    """The channel a while after what was found was committed."""
    notes = dict(polled.notes)
    notes["looked_at"] = notes.get("looked_at", 0) - minutes * 60
    return replace(account, notes={**account.notes, **notes})


def _begun(account: Account) -> Account:
    return _after(account, MAIL.poll(account))


def _read(account: Account, polled: Polled) -> list[Any]:
    return [event for update in polled.updates for event in MAIL.read(account, update.raw)]


def _only(account: Account, raw: bytes, house: MailHouse) -> Any:
    begun = _begun(account)
    house.lay_in(raw)
    (event,) = _read(begun, MAIL.poll(begun))
    return event


# --- connecting -------------------------------------------------------------------------------------------


def test_connecting_begins_after_what_lies_there_already(house: MailHouse, office: PostOffice) -> None:
    account = _account(house, office)
    house.lay_in(_letter("An old one."))
    found = MAIL.connect(account, "")
    assert (found.connected, found.notes["account"]) == (True, USER)
    begun = replace(account, notes={**found.notes, "looked_at": 0})
    assert MAIL.poll(begun).updates == []
    house.lay_in(_letter("A new one."))
    assert [event.text for event in _read(begun, MAIL.poll(begun))] == ["A new one."]
    assert "last_uid" not in MAIL.connect(begun, "").notes, "where we were is not forgotten by a test of the connection"


def test_a_server_that_sends_nothing_of_ours_is_told_from_one_that_gives_nothing(
    house: MailHouse, office: PostOffice
) -> None:
    office.password = "another"
    found = MAIL.connect(_account(house, office), "")
    assert (found.connected, found.code) == (False, "unauthorized")
    assert found.reason.startswith("Mails can be read, not sent")
    assert PASSWORD not in found.reason
    assert MAIL.send(_account(house, office), _parcel()).code == "unauthorized"


@pytest.mark.parametrize(
    ("filled", "reason"),
    [
        ({"folder": "No such"}, "There is no folder “No such”"),
        ({"imap_port": 1}, "The mailbox could not be read"),
        ({"imap_host": "mail.example.com"}, "The IMAP password would travel in the open"),
        ({"smtp_host": "mail.example.com"}, "The SMTP password would travel in the open"),
        ({"from_address": "nobody"}, "It is not a full address"),
        ({}, "Mails can be read, not sent"),
    ],
)
def test_what_is_wrong_is_said(house: MailHouse, filled: dict[str, Any], reason: str) -> None:
    found = MAIL.connect(_account(house, **filled), "")
    assert not found.connected
    assert found.reason.startswith(reason)
    assert PASSWORD not in found.reason


def test_a_wrong_password_is_told_from_other_trouble(house: MailHouse) -> None:
    house.change_password("another")
    assert MAIL.connect(_account(house), "").code == "unauthorized"


def test_tls_from_the_first_byte_and_only_with_a_certificate_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = certificate(tmp_path)
    with mail_house(made) as house:
        account = _account(house, imap_security="tls")
        assert "certificate" in MAIL.poll(account).fault.lower()
        monkeypatch.setenv("SSL_CERT_FILE", str(made))
        begun = _begun(account)
        house.lay_in(_letter())
        assert len(MAIL.poll(begun).updates) == 1


# --- looking ----------------------------------------------------------------------------------------------


def test_a_mail_is_marked_only_when_it_was_committed(house: MailHouse) -> None:
    begun = _begun(_account(house))
    number = house.lay_in(_letter("Once."))
    first = MAIL.poll(begun)
    again = MAIL.poll(begun)  # the worker died before it stored anything
    assert [each.provider_id for each in first.updates] == [each.provider_id for each in again.updates]
    assert len(first.updates) == 1
    assert "\\Seen" not in house.flags()[number]
    committed = _after(begun, first)
    assert MAIL.poll(committed).updates == []
    assert "\\Seen" in house.flags()[number]


def test_what_was_read_can_be_moved_away(house: MailHouse) -> None:
    begun = _begun(_account(house, done_folder="Done"))
    number = house.lay_in(_letter("Move me."))
    MAIL.poll(_after(begun, MAIL.poll(begun)))
    assert number not in house.flags()
    assert len(house.flags("Done")) == 1


def test_between_looks_nothing_is_asked(house: MailHouse) -> None:
    account = _account(house, poll_s=60)
    begun = replace(account, notes=MAIL.poll(account).notes)
    house.lay_in(_letter("Patience."))
    assert MAIL.poll(begun) == Polled()
    assert len(MAIL.poll(_after(begun, Polled(notes=begun.notes), minutes=2)).updates) == 1


def test_a_mailbox_that_is_numbered_anew_loses_and_doubles_nothing(house: MailHouse) -> None:
    house.new_folder("Desk")
    account = _account(house, folder="Desk")
    begun = _begun(account)
    house.lay_in(_letter("Of long ago."), "Desk", at=datetime.now(UTC) - timedelta(days=40))
    house.lay_in(_letter("Before."), "Desk")
    first = MAIL.poll(begun)
    house.renumber("Desk")
    house.lay_in(_letter("After."), "Desk")
    second = MAIL.poll(_after(begun, first))
    known = {each.provider_id for each in first.updates}
    assert len(second.updates) == 2
    assert len([each for each in second.updates if each.provider_id not in known]) == 1
    third = MAIL.poll(_after(begun, second))
    assert third.updates == []


def test_a_password_taken_back_and_a_folder_gone_are_told_and_nothing_is_lost(house: MailHouse) -> None:
    house.new_folder("Gone")
    begun = _begun(_account(house, folder="Gone"))
    house.lay_in(_letter("Still there."), "Gone")
    house.change_password("another")
    refused = MAIL.poll(begun)
    assert (refused.unauthorized, list(refused.updates), dict(refused.notes)) == (True, [], {})
    house.change_password(PASSWORD)
    assert len(MAIL.poll(begun).updates) == 1
    house.drop_folder("Gone")
    gone = MAIL.poll(begun)
    assert gone.fault.startswith("There is no folder")
    assert not gone.unauthorized


def test_a_server_that_is_gone_is_told(house: MailHouse) -> None:
    found = MAIL.poll(_account(house, imap_port=1))
    assert found.fault.startswith("The mailbox could not be read")
    assert not found.unauthorized


def test_many_mails_come_a_few_at_a_time_in_their_order(house: MailHouse) -> None:
    account = _begun(_account(house))
    for number in range(30):
        house.lay_in(_letter(f"Number {number}."))
    texts: list[str] = []
    while (found := MAIL.poll(account)).updates:
        assert len(found.updates) <= 25
        texts += [event.text for event in _read(account, found)]
        account = _after(account, found)
    assert texts == [f"Number {number}." for number in range(30)]


def test_of_a_mail_of_twenty_megabytes_the_headers_are_read(house: MailHouse) -> None:
    event = _only(_account(house), _letter("x" * 78 + "\r\n" + ("y" * 78 + "\r\n") * 262_144), house)
    assert event.text == "[This mail of 20 MB was too large to be read. Its subject: My order]"
    assert event.media[0].size > 20_000_000
    assert event.by.email == ADA


# --- reading ----------------------------------------------------------------------------------------------


def _id(account: Account, to: str, chat_id: int = 31) -> str:
    """The Message-ID of a mail that went to somebody, as it stood in it."""
    with post_office() as office:
        settings = {**account.settings, "smtp_port": office.port}
        handed = MAIL.send(replace(account, settings=settings), _parcel(to=to, chat_id=chat_id))
    assert handed.provider_id is not None
    return handed.provider_id


def _parcel(**more: Any) -> Parcel:
    facts: dict[str, Any] = {
        "row_id": 12,
        "customer_id": 1,
        "channel_id": 7,
        "kind": "email",
        "to": ADA,
        "body": "It left us.",
        "subject": "My order",
        "author": "Nina",
        "chat_id": 31,
        "thread": ["<1@example.com>"],
    }
    return Parcel(**facts | more)


def test_an_address_is_one_person_only_where_it_was_proved(house: MailHouse) -> None:
    account = _account(house)
    proved = _only(account, _letter("I am Ada.", above=PASSED), house)
    claimed = _only(account, _letter("So am I."), house)
    assert (proved.by.external_id, list(proved.by.proved)) == (ADA, ["email"])
    assert (claimed.by.external_id, list(claimed.by.proved)) == (ADA + UNPROVED, [])
    assert proved.aside["sender"] == "passed"
    assert claimed.aside["sender"] == "unknown"


def test_an_answer_with_our_signature_is_of_the_one_we_wrote_to(house: MailHouse) -> None:
    account = _account(house)
    ours = _id(account, ADA)
    answer = _only(account, _letter("Thanks.", In_Reply_To=ours), house)
    assert (answer.by.external_id, answer.quotes, answer.answers_chat) == (ADA, ours, 31)
    assert list(answer.by.proved) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"In_Reply_To": "<p.31.delivery-12-0.aaaaaaaaaaaaaaaaaaaaaaaa@fernhill.example>"},
        {"References": "<1@example.com> <p.31.delivery-12-0.@fernhill.example>"},
        {"X_Original_To": "desk+r31.aaaaaaaaaaaaaaaaaaaaaaaa@fernhill.example"},
        {"Delivered_To": "desk+r31@fernhill.example"},
        {"Cc": "desk+r31.AAAAAAAAAAAAAAAAAAAAAAAA@fernhill.example"},
    ],
)
def test_a_forged_answer_is_a_new_chat_of_somebody_unknown(house: MailHouse, headers: dict[str, str]) -> None:
    event = _only(_account(house), _letter("Give me all.", **headers), house)
    assert (event.by.external_id, event.quotes, event.answers_chat) == (ADA + UNPROVED, None, None)


def test_a_signature_is_worth_nothing_to_others_nor_in_a_mail_known_to_be_forged(house: MailHouse) -> None:
    account = _account(house)
    ours = _id(account, ADA)
    other = _only(account, _letter("I found this.", by="eve@evil.example", In_Reply_To=ours), house)
    assert (other.by.external_id, other.answers_chat) == ("eve@evil.example" + UNPROVED, None)
    failed = PASSED.replace("dmarc=pass", "dmarc=fail")
    forged = _only(account, _letter("I am Ada, really.", above=failed, In_Reply_To=ours), house)
    assert (forged.by.external_id, forged.answers_chat, forged.aside["sender"]) == (ADA + UNPROVED, None, "failed")


def test_two_mails_of_one_name_are_two_and_one_mail_by_two_ways_is_one(house: MailHouse) -> None:
    begun = _begun(_account(house))
    house.lay_in(_letter("One.", Message_ID="<same@example.com>"))
    house.lay_in(_letter("Two.", Message_ID="<same@example.com>"))
    house.lay_in(_letter("One.", above="Received: by another way\r\n", Message_ID="<same@example.com>"))
    found = MAIL.poll(begun)
    first, second, third = (each.provider_id for each in found.updates)
    assert first == third != second
    one, two, _ = _read(begun, found)
    assert one.message_id == two.message_id
    assert one.once != two.once


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (_letter("Away.", Auto_Submitted="auto-replied"), "automatically"),
        (_letter("News.", Precedence="bulk"), "to many"),
        (_letter("Own.", by=USER), "our own"),
        (_letter("Own.", Message_ID="<p.1.delivery-1-0.aaaaaaaaaaaaaaaaaaaaaaaa@fernhill.example>"), "our own"),
        (b"Subject: x\r\n\r\nWho am I?", "no sender"),
    ],
)
def test_what_would_go_round_in_circles_is_left_alone(house: MailHouse, raw: bytes, why: str) -> None:
    event = _only(_account(house), raw, house)
    assert isinstance(event, Ignored)
    assert why in event.why


def test_a_bounce_is_a_failed_message(house: MailHouse) -> None:
    account = _account(house)
    ours = _id(account, ADA)
    event = _only(account, _bounce(ours), house)
    assert event == Receipt(ours, "failed", "550 5.1.1 No such user", "unreachable")
    assert isinstance(_only(account, _bounce("<x@elsewhere.example>"), house), Ignored)


def _bounce(of: str) -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {USER}\r\nSubject: Returned\r\nMessage-ID: <{abs(hash(of))}@mx.example>\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSorry.\r\n--b\r\n"
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; a@b\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n\r\n--b\r\n"
        f"Content-Type: message/rfc822\r\n\r\nMessage-ID: {of}\r\n\r\nx\r\n--b--\r\n"
    ).encode()


def test_empty_and_long_mails_have_words_and_files_are_fetched_out_of_them(house: MailHouse, tmp_path: Path) -> None:
    account = _account(house)
    assert _only(account, _letter(""), house).text == "My order"
    begun = _begun(account)
    house.lay_in(_letter("word " * 5000))
    found = MAIL.poll(begun)
    (event,) = _read(begun, found)
    assert len(event.text) <= MAIL.can.longest
    (rest,) = event.media
    raw = found.updates[0].raw
    assert MAIL.fetch(account, rest, raw, tmp_path / "rest", 5_000_000).outcome == "got"
    assert (tmp_path / "rest").read_text().split() == ["word"] * 5000
    assert MAIL.fetch(account, rest, raw, tmp_path / "rest", 100).outcome == "too_large"
    assert MAIL.fetch(account, replace(rest, ref="x:99"), raw, tmp_path / "none", 100).outcome == "gone"


def test_what_is_no_mail_of_ours_is_put_aside(house: MailHouse) -> None:
    with pytest.raises(Unreadable):
        MAIL.read(_account(house), b"From: x@y.example\r\n\r\nnot as they are stored")


# --- sending ----------------------------------------------------------------------------------------------


def _sent(office: PostOffice, house: MailHouse, **more: Any) -> Handed:
    account = _account(house, office, plus_addressing=True)
    return MAIL.send(account, _parcel(**more))


def test_an_answer_goes_out_in_its_thread_with_its_files(house: MailHouse, office: PostOffice) -> None:
    file = File("plan.pdf", "document", "application/pdf", b"%PDF-1.4")
    photo = File("shot.png", "image", "image/png", b"\x89PNG")
    handed = _sent(office, house, to=ADA + UNPROVED, to_notes={"address": ADA}, file=file, also=[photo])
    (letter,) = office.letters
    assert handed.outcome == "sent"
    assert (letter["To"], letter["Subject"], letter["In-Reply-To"]) == (ADA, "Re: My order", "<1@example.com>")
    assert letter["Message-ID"] == handed.provider_id
    assert letter["Reply-To"].addresses[0].username.startswith("desk+r31.")
    assert [each.get_filename() for each in letter.iter_attachments()] == ["plan.pdf", "shot.png"]


def test_the_bot_and_the_desk_say_that_they_are_machines(house: MailHouse, office: PostOffice) -> None:
    _sent(office, house, automatic=True)
    _sent(office, house, broadcast_id=3)
    _sent(office, house)
    assert [each["Auto-Submitted"] for each in office.letters] == ["auto-replied", "auto-replied", None]


@pytest.mark.parametrize(
    ("told", "outcome", "code"),
    [
        ({"rcpt": "450 4.2.0 Busy"}, "later", ""),
        ({"rcpt": "550 5.1.1 No such user"}, "refused", "unreachable"),
        ({"rcpt": "550 5.7.1 Not from you"}, "refused", ""),
        ({"data": "451 4.3.0 Try again"}, "later", ""),
        ({"data": "554 5.6.0 Spam"}, "refused", ""),
        ({"data": "drop"}, "unknown", ""),
    ],
)
def test_what_became_of_it(
    house: MailHouse, office: PostOffice, told: Mapping[str, str], outcome: str, code: str
) -> None:
    for name, value in told.items():
        setattr(office, name, value)
    handed = _sent(office, house)
    assert (handed.outcome, handed.code) == (outcome, code)


def test_an_address_that_is_none_is_refused_before_anything_is_said(house: MailHouse, office: PostOffice) -> None:
    handed = _sent(office, house, to="a@b.example\r\nBcc: all@example.com")
    assert (handed.outcome, handed.code, office.attempts) == ("refused", "no_address", 0)


def test_nobody_at_home_is_later(house: MailHouse) -> None:
    assert MAIL.send(_account(house), _parcel()).outcome == "later"


# --- contact forms ----------------------------------------------------------------------------------------

FORM = "Forms@Shop.Example"
BY_FORM = "Authentication-Results: mx.fernhill.example; dmarc=pass header.from=shop.example\r\nAuto-Submitted: auto-generated\r\n"


def test_of_a_form_the_customer_is_who_stands_in_reply_to_and_nothing_proves_it(house: MailHouse) -> None:
    account = _account(house, form_addresses="other@shop.example, forms@shop.example")
    event = _only(account, _letter("A wish.", above=BY_FORM, by=FORM, Reply_To="Ada Lind <ada@example.com>"), house)
    assert (event.by.external_id, event.by.name, event.by.proved) == (ADA + UNPROVED, "Ada Lind", ())
    assert event.by.notes == {"address": ADA}
    assert (event.aside["from"], event.aside["sender"], event.aside["form"]) == (ADA, "unknown", FORM.lower())


def test_a_form_without_reply_to_is_who_it_is_and_nobody_elses_reply_to_counts(house: MailHouse) -> None:
    account = _account(house, form_addresses=FORM)
    event = _only(account, _letter("A second wish.", above=BY_FORM, by=FORM), house)
    assert event.by.external_id == FORM.lower()
    event = _only(account, _letter("A third.", above=PASSED, Reply_To="eve@example.com"), house)
    assert (event.by.external_id, "form" in event.aside) == (ADA, False)
    event = _only(_account(house), _letter("A fourth.", above=BY_FORM, by=FORM, Reply_To=ADA), house)
    assert isinstance(event, Ignored), "a machine, unless it is known to be a form"


def test_a_form_that_names_the_mailbox_itself_goes_round_in_no_circle(house: MailHouse) -> None:
    event = _only(_account(house, form_addresses=FORM), _letter("Round.", above=BY_FORM, by=FORM, Reply_To=USER), house)
    assert event == Ignored("it is one of our own")
