"""One person by two ways: asks in Telegram, is answered with a photo, confirms an address, writes a mail the next day.

Telegram is a server of ours that speaks its Bot API; the mailbox is a real IMAP server, and what goes out goes to a real
SMTP server. Everything between them is the desk's own processes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import expect

from models.actions import channels
from models.db import one, run
from models.jobs import Job, nudge
from tests.browser import axe
from tests.browser.people import Agent, Company
from tests.browser.stage import Stage, colleague, wait_for
from tests.support import files
from tests.support.joining import letter_to, token_of
from tests.support.mail_house import PASSWORD, USER, MailHouse, mail_house
from tests.support.people import let_time_pass
from tests.support.post_office import PostOffice, post_office
from tests.support.telegram import SECRET, TOKEN, update, word

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data, pytest.mark.timeout(120)]

BEN = "Ben Carter"
ADDRESS = "ben@example.com"
QUESTION = "Can I bring my horse on the night train to Cornwall?"
PHOTO = files.picture(900, 600)
DAY_S = 86_400


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    """The team, and a bot that knows nothing yet."""
    run("update desk set bot_enabled = true, bot_silent_s = 60")  # its worker may still be reading its language model
    return quiet_desk


@pytest.fixture(scope="module")
def house() -> Iterator[MailHouse]:
    with mail_house() as house:
        yield house


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


def connected(kind: str, name: str, filled: dict[str, object]) -> int:
    """A channel of the desk's, looked at and found working by its own worker."""
    number = channels.created(colleague("Isla Campbell").viewer, kind, name, filled)
    wait_for(lambda: one("select 1 as yes from channel where id = %s and connected", (number,)))
    return number


@pytest.fixture(scope="module")
def bot(desk: Stage) -> str:
    """How Telegram calls the desk."""
    number = connected("telegram", "Garden bot", {"token": TOKEN})
    found = one("select public_key from channel where id = %s", (number,))
    assert found is not None
    key: str = found["public_key"]
    return key


@pytest.fixture(scope="module")
def mailbox(desk: Stage, house: MailHouse, office: PostOffice) -> int:
    return connected(
        "email",
        "Post",
        {
            "from_address": USER,
            "from_name": "Fernhill",
            "imap_host": "127.0.0.1",
            "imap_port": house.port,
            "imap_security": "none",
            "user": USER,
            "password": PASSWORD,
            "smtp_host": "127.0.0.1",
            "smtp_port": office.port,
            "smtp_security": "none",
            "trusted_server": "mx.fernhill.example",
        },
    )


def test_who_moves_from_one_way_to_another_keeps_one_story(
    desk: Stage, people: Company, bot: str, mailbox: int, house: MailHouse, office: PostOffice
) -> None:
    maya = people.agent("Maya Lindholm")
    writes_in_telegram(desk, bot, 1, QUESTION)
    waits_for_somebody()
    maya.starts(BEN)
    maya.reads("No answer found. The question is kept for review.")
    answers_with_a_photo(desk, maya)
    writes_in_telegram(desk, bot, 2, f"Lovely! Write to {ADDRESS} if there is more.")
    maya.reads("Lovely!")
    is_asked_to_confirm(maya)
    confirms(people, desk)
    expect(maya.page.get_by_text(f"{ADDRESS} is proved")).to_be_visible()
    maya.reads(f"{ADDRESS} is confirmed")
    ends(maya)

    telegram_chat = one("select id, customer_id from chat")
    assert telegram_chat is not None
    let_time_pass(telegram_chat["id"], DAY_S)
    mails(house, mailbox, "It is Ben again. The horse would like a window seat.")
    waits_for_somebody()
    maya.starts(BEN)
    maya.reads("The horse would like a window seat.")
    sees_one_story(maya)
    maya.page.go_back()
    maya.is_in_chat_with(BEN)
    maya.says("Window seats are for horses first.")
    letter = wait_for(lambda: next((each for each in office.letters if each["To"] == ADDRESS), None))
    assert letter["Subject"] == "Re: A seat"
    assert one("select count(distinct customer_id)::int as n from chat") == {"n": 1}


def writes_in_telegram(desk: Stage, key: str, number: int, text: str) -> None:
    body = json.dumps(update(number, name=BEN, text=text))
    answer = requests.post(f"{desk.url}/hooks/telegram/{key}", data=body, headers={SECRET: word(key)}, timeout=10)
    assert answer.status_code == 200


def waits_for_somebody() -> None:
    wait_for(lambda: one("select 1 as yes from chat where state = 'queued'"))


def answers_with_a_photo(desk: Stage, maya: Agent) -> None:
    photo = {"name": "horse.jpg", "mimeType": "image/jpeg", "buffer": PHOTO}
    maya.conversation.locator("input[type=file]").set_input_files([photo])
    expect(maya.conversation.get_by_role("button", name="Remove horse.jpg")).to_be_visible()
    maya.says("Like this one, yes.")
    (arrived,) = wait_for(lambda: [each for each in desk.telegram.arrived if each.method == "sendPhoto"])
    assert (arrived.text, arrived.chat) == ("Like this one, yes.", "555")
    name, content = arrived.files["photo"]
    assert (name, content[:3]) == ("horse.jpg", b"\xff\xd8\xff")
    assert any("find" in text for text in desk.telegram.texts()), "and that somebody is being looked for"


def is_asked_to_confirm(maya: Agent) -> None:
    details = maya.page.get_by_role("complementary", name="Customer details")
    expect(details.get_by_text("Not proved", exact=True)).to_be_visible()
    details.get_by_role("button", name="Ask to confirm an address").click()
    expect(maya.dialog.get_by_label("Email")).to_have_value(ADDRESS)
    assert axe.in_both_themes(maya.page) == []
    maya.dialog.get_by_role("button", name="Send the letter").click()
    expect(maya.page.get_by_text(f"On its way to {ADDRESS}")).to_be_visible()
    expect(details.get_by_text(f"Asked {ADDRESS} to confirm")).to_be_visible()


def confirms(people: Company, desk: Stage) -> None:
    wait_for(lambda: one("select 1 as yes from mail where kind = 'confirmation' and state = 'sent'"))
    ben = people.stranger()
    ben.page.goto(f"{desk.url}/confirm/{token_of(letter_to(ADDRESS))}")
    expect(ben.page.get_by_role("heading", name="Is this your e-mail address?")).to_be_visible()
    assert axe.in_both_themes(ben.page) == []
    ben.page.get_by_role("button", name="Yes, that is me").click()
    expect(ben.page.get_by_role("heading", name="Thank you, that is confirmed")).to_be_visible()


def ends(maya: Agent) -> None:
    maya.conversation.get_by_role("button", name="End chat").click()
    maya.dialog.get_by_label("Issue resolved").check()
    maya.dialog.get_by_role("button", name="End chat").click()
    expect(maya.page.get_by_text(f"Chat with {BEN} ended")).to_be_visible()


def mails(house: MailHouse, mailbox: int, body: str) -> None:
    house.lay_in(
        "Authentication-Results: mx.fernhill.example; dmarc=pass header.from=example.com\r\n"
        f"From: Ben <{ADDRESS}>\r\nTo: {USER}\r\nSubject: A seat\r\nMessage-ID: <seat@example.com>\r\n\r\n{body}\r\n".encode()
    )
    run("update channel_pace set look_due_at = clock_timestamp() where channel_id = %s", (mailbox,))
    nudge(Job.POLL_CHANNEL, mailbox)


def sees_one_story(maya: Agent) -> None:
    """The panel leads to the chat in Telegram, and the history shows both, one after the other."""
    details = maya.page.get_by_role("complementary", name="Customer details")
    for way in ("Garden bot", "Post"):
        expect(details.get_by_role("listitem").filter(has_text=way)).to_contain_text("Proved")
    details.get_by_role("link", name="Maya Lindholm").click()
    maya.page.get_by_text("Chronological", exact=True).click()
    story = maya.page.get_by_role("main")
    for words in (QUESTION, "Like this one, yes.", "The horse would like a window seat."):
        expect(story.get_by_text(words).last).to_be_visible()
