"""The whole story: a customer asks, the bot answers as far as it can, a person takes over, and nobody loses a word."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from models.db import one, rows
from tests.browser.people import CUT_OFF, Agent, Company, Customer
from tests.browser.stage import Stage, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data, pytest.mark.timeout(240)]

KNOWN = "How long does delivery take?"
UNKNOWN = "Can I bring my horse on the night train to Cornwall?"
EXPLANATION = "Horses travel by another company."


@pytest.fixture(scope="module", autouse=True)
def desk(answering_desk: Stage) -> Stage:
    return answering_desk


def test_from_the_first_question_to_the_next_chat(desk: Stage, people: Company) -> None:
    adaeze, maya = people.customer(), people.agent("Maya Lindholm")
    opens_the_widget_by_keyboard(adaeze)
    is_answered_by_the_bot(adaeze)
    chat_id = is_handed_over(adaeze)
    is_taken_by(maya, adaeze)
    they_talk(maya, adaeze)
    nothing_is_lost_when_the_front_is_killed(desk, maya, adaeze, chat_id)
    maya_ends_with_an_explanation(maya, adaeze)
    is_rated_by(adaeze)
    stands_in_history(maya, adaeze)
    goes_on_in_a_new_chat(adaeze, chat_id)


def test_with_auto_assign_a_customer_gets_whoever_is_online(desk: Stage, people: Company) -> None:
    isla, femi, theo = people.agent("Isla Campbell"), people.agent("Femi Adebayo"), people.customer()
    isla.page.get_by_role("switch", name="Auto-assign").click()
    expect(femi.page.get_by_text("Auto-assign is on.")).to_be_visible()
    isla.button("Isla Campbell").click()
    isla.page.get_by_role("menuitemradio", name=re.compile("^Away")).click()
    theo.comes_with("Theo Brandt", KNOWN)
    theo.frame.get_by_role("button", name="Talk to a person").click()
    expect(theo.frame.get_by_role("heading", name="Femi Adebayo")).to_be_visible()
    expect(femi.page.get_by_text("Theo Brandt was assigned to you")).to_be_visible()
    femi.looks_at("Mine")
    expect(femi.row("Theo Brandt")).to_be_visible()


def opens_the_widget_by_keyboard(adaeze: Customer) -> None:
    adaeze.comes_to_shop()
    adaeze.page.bring_to_front()  # keys go to the window in front, and Maya's was opened after this one
    adaeze.launcher.focus()
    adaeze.presses("Enter")
    expect(adaeze.frame.get_by_role("button", name="Send us a message")).to_be_focused()
    adaeze.presses("Enter")
    expect(adaeze.frame.get_by_label("Name")).to_be_focused()
    adaeze.name = "Adaeze Okonkwo"
    adaeze.types(adaeze.name)
    adaeze.presses("Tab", "Tab", "Tab")
    expect(adaeze.frame.get_by_label("Your message")).to_be_focused()
    adaeze.types(KNOWN)
    adaeze.presses("Tab", "Enter")


def is_answered_by_the_bot(adaeze: Customer) -> None:
    adaeze.reads("Standard delivery takes two to three working days")
    expect(adaeze.log.get_by_text("From: How long delivery takes")).to_be_visible()
    expect(adaeze.frame.get_by_role("button", name="Talk to a person")).to_be_visible()


def is_handed_over(adaeze: Customer) -> int:
    adaeze.says(UNKNOWN)
    expect(adaeze.frame.get_by_text("You’re next in line")).to_be_in_viewport()
    failure = one("select chat_id, trigger, status from failed_response where text = %s", (UNKNOWN,))
    assert failure is not None, "the question that nobody could answer is kept for review"
    assert failure["status"] == "open"
    chat_id: int = failure["chat_id"]
    return chat_id


def is_taken_by(maya: Agent, adaeze: Customer) -> None:
    maya.starts(adaeze.name)
    maya.reads("No answer found. The question is kept for review.")
    expect(adaeze.frame.get_by_role("heading", name=maya.name)).to_be_visible()
    expect(adaeze.frame.get_by_text("You’re next in line")).to_be_hidden()


def they_talk(maya: Agent, adaeze: Customer) -> None:
    maya.composer.press_sequentially("Hello Adaeze, I'm Maya.", delay=20)
    expect(adaeze.frame.get_by_role("img", name=f"{maya.name} is typing")).to_be_visible()
    maya.presses("Enter")
    adaeze.reads("Hello Adaeze, I'm Maya.")
    expect(maya.entry("Hello Adaeze, I'm Maya.").get_by_title("Read")).to_be_visible()

    adaeze.composer.press_sequentially("Hello Maya!", delay=20)
    expect(maya.log.get_by_text(f"{adaeze.name} is typing")).to_be_attached()
    adaeze.presses("Enter")
    maya.reads("Hello Maya!")
    expect(adaeze.said("Hello Maya!").get_by_role("img", name="Read")).to_be_visible()

    maya.notes("Sounds friendly.")
    maya.reads("Sounds friendly.")
    expect(adaeze.log.get_by_text("Sounds friendly.")).to_have_count(0)


def nothing_is_lost_when_the_front_is_killed(desk: Stage, maya: Agent, adaeze: Customer, chat_id: int) -> None:
    """Two words are on their way when it dies, two more are written while it is away."""
    maya.expects(CUT_OFF)
    adaeze.expects(CUT_OFF)
    said = {
        maya: ["Let me look that up.", "I am still here."],
        adaeze: ["It is a small horse.", "And very quiet."],
    }
    for person, (first, _) in said.items():
        person.composer.fill(first)
    for person in said:
        person.composer.press("Enter")
    desk.desk.kill("web")
    for person, (_, second) in said.items():
        person.says(second)
    expect(adaeze.frame.get_by_text("Reconnecting. Your messages are kept and will be sent.")).to_be_visible()
    expect(maya.page.get_by_text("Messages are saved and will send when the connection is back.")).to_be_visible()

    desk.desk.start("web")
    desk.desk.wait_until_ready()
    words = [word for each in said.values() for word in each]
    wait_for(lambda: len(stored(chat_id, words)) == len(words))
    expect(adaeze.frame.get_by_text(re.compile("Reconnecting"))).to_be_hidden()
    expect(maya.page.get_by_text("Messages are saved")).to_be_hidden()
    for word in words:
        maya.reads(word)
        adaeze.reads(word)
    expect(maya.log.get_by_title("Sending")).to_have_count(0)
    expect(adaeze.log.locator(".unsent")).to_have_count(0)
    assert sorted(stored(chat_id, words)) == sorted(words), "each is stored once"


def maya_ends_with_an_explanation(maya: Agent, adaeze: Customer) -> None:
    maya.conversation.get_by_role("button", name="End chat").click()
    maya.dialog.get_by_label("Others").check()
    maya.dialog.get_by_role("button", name="End chat").click()
    expect(maya.dialog.get_by_text("Say why in 3 to 500 characters.")).to_be_visible()
    maya.dialog.get_by_role("textbox", name="Explanation").fill(EXPLANATION)
    maya.dialog.get_by_role("button", name="End chat").click()
    expect(maya.dialog).to_be_hidden()
    expect(maya.page.get_by_text(f"Chat with {adaeze.name} ended")).to_be_visible()
    expect(adaeze.frame.get_by_text("How was this chat?")).to_be_visible()


def is_rated_by(adaeze: Customer) -> None:
    adaeze.frame.locator("label", has=adaeze.frame.get_by_role("radio", name="4 stars")).click()
    adaeze.frame.get_by_label("Anything we could do better?").fill("Do carry horses.")
    adaeze.frame.get_by_role("button", name="Send rating").click()
    expect(adaeze.frame.get_by_text("Thank you. That helps us get better.")).to_be_visible()


def stands_in_history(maya: Agent, adaeze: Customer) -> None:
    maya.page.get_by_role("link", name="History").click()
    row = maya.page.get_by_role("listitem").filter(has_text=adaeze.name)
    expect(row).to_contain_text("Others")
    expect(row).to_contain_text("4")
    row.get_by_role("link").click()
    transcript = maya.page.get_by_role("region", name="Transcript").last
    for words in (KNOWN, UNKNOWN, "Sounds friendly.", f"Others. {EXPLANATION}", "Do carry horses."):
        expect(transcript).to_contain_text(words)
    expect(transcript.get_by_role("img", name="Rated 4 of 5")).to_be_visible()


def goes_on_in_a_new_chat(adaeze: Customer, before: int) -> None:
    adaeze.frame.get_by_role("button", name="New chat").click()
    adaeze.says("One more thing about the horse.")
    adaeze.reads("One more thing about the horse.")
    later = wait_for(lambda: one("select * from chat where previous_chat_id = %s", (before,)))
    earlier = one("select * from chat where id = %s", (before,))
    assert earlier is not None
    assert later["session_id"] == earlier["session_id"]
    assert (earlier["end_reason"], earlier["end_note"], earlier["rating"]) == ("other", EXPLANATION, 4)


def stored(chat_id: int, words: list[str]) -> list[Any]:
    found = rows("select body from message where chat_id = %s and body = any(%s)", (chat_id, words))
    return [each["body"] for each in found]
