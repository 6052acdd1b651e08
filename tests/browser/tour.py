"""A tour of every screen, for whoever wants to look at them: stops, one after the other, with the way between them.

Each stop names the screen and shows a page that has come to rest on it. Nothing on the
way changes what the next tour will find, except that the shop has one customer more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Frame, Locator, Page, ViewportSize, expect

from models.channels import whatsapp_templates
from models.db import as_json, one
from tests.browser.people import CUT_OFF, Agent, Company, Customer
from tests.browser.stage import Stage, colleague
from tests.support.whatsapp import template

UNKNOWN = "Can I bring my horse on the night train to Cornwall?"


@dataclass(frozen=True)
class Stop:
    """One screen: its name, the page it is on, and what tells that it is the right one."""

    name: str
    page: Page
    sign: Locator
    inside: bool = False  # in the widget alone; the page around it has been a stop already

    @property
    def frames(self) -> list[Frame]:
        """The documents to look at: the page and, where it is open, the widget in it."""
        ours = [frame for frame in self.page.frames if "/w/frame" in frame.url]
        return ours if self.inside else [self.page.main_frame, *ours]


def console(people: Company, _: Stage, size: ViewportSize) -> Iterator[Stop]:
    """An agent's day, from the sign-in to a transcript."""
    answers("Maya Lindholm", "Adaeze Okonkwo")
    maya = people.agent(viewport=size, reduced_motion="reduce")
    maya.page.goto(maya.stage.url)
    yield Stop("console-sign-in", maya.page, maya.page.get_by_role("heading", name="Sign in"))
    maya.signs_in("Maya Lindholm")
    maya.looks_at("Queue")
    yield Stop("console-queue", maya.page, maya.row("Margaret Ellis"))
    yield from _a_chat_from_outside(maya)
    yield from _a_chat_of_ones_own(maya)
    yield from _layers(maya)
    yield from _history(maya)
    yield from _other_eyes(people, size)


def _a_chat_from_outside(maya: Agent) -> Iterator[Stop]:
    maya.row("Margaret Ellis").get_by_role("link").click()
    yield Stop("console-preview", maya.page, maya.conversation.get_by_text("Margaret Ellis has waited"))
    maya.page.goto(f"{maya.stage.url}/inbox/mine")
    yield Stop("console-mine", maya.page, maya.row("Adaeze Okonkwo"))


def _a_chat_of_ones_own(maya: Agent) -> Iterator[Stop]:
    maya.row("Adaeze Okonkwo").get_by_role("link").click()
    maya.is_in_chat_with("Adaeze Okonkwo")
    yield Stop("console-conversation", maya.page, maya.composer)
    maya.conversation.get_by_role("tab", name="Note").click()
    maya.composer.fill("She sent photos before, on the 3rd.")
    yield Stop("console-note", maya.page, maya.conversation.get_by_role("textbox", name="Internal note"))
    maya.composer.fill("")
    maya.conversation.get_by_role("tab", name="Reply").click()
    maya.composer.fill("/")
    yield Stop("console-canned", maya.page, maya.page.get_by_role("option").first)
    maya.composer.fill("")

    maya.conversation.get_by_role("button", name="End chat").click()
    expect(maya.dialog).to_be_visible()
    maya.presses("5")
    maya.dialog.get_by_role("button", name="End chat").click()
    yield Stop("console-end", maya.page, maya.dialog.get_by_text("Say why in 3 to 500 characters."))
    maya.presses("Escape")
    for name in ("Femi Adebayo", "Tom Ashworth"):
        colleague(name)
    maya.conversation.get_by_role("button", name="Assign").click()
    yield Stop("console-assign", maya.page, maya.dialog.get_by_role("heading"))
    maya.presses("Escape")
    expect(maya.dialog).to_be_hidden()
    maya.conversation.get_by_role("button", name="More actions").click()
    maya.page.get_by_role("menuitem", name="Return to queue").click()
    yield Stop("console-return", maya.page, maya.dialog.get_by_role("heading"))
    maya.presses("Escape")
    expect(maya.dialog).to_be_hidden()

    details = maya.page.get_by_role("complementary", name="Customer details")
    if not details.is_visible():
        maya.conversation.get_by_role("button", name="Customer details").click()
    yield Stop("console-details", maya.page, details.get_by_role("heading", name="Adaeze Okonkwo"))
    details.get_by_role("button", name="Add", exact=True).click()
    yield Stop("console-tags", maya.page, maya.page.get_by_role("combobox", name="Find a tag"))
    maya.presses("Escape")


def _layers(maya: Agent) -> Iterator[Stop]:
    maya.page.goto(f"{maya.stage.url}/inbox/mine")
    expect(maya.row("Adaeze Okonkwo")).to_be_visible()
    maya.presses("Control+k")
    yield Stop("console-palette", maya.page, maya.page.get_by_role("option").first)
    maya.presses("Escape")
    expect(maya.dialog).to_be_hidden()  # until then the palette's field has the keys
    maya.presses("?")
    yield Stop("console-keys", maya.page, maya.dialog.get_by_role("heading", name="Keyboard shortcuts"))
    maya.presses("Escape")
    maya.page.get_by_role("button", name=re.compile("Maya Lindholm|^ML You|You$")).locator("visible=true").click()
    yield Stop("console-menu", maya.page, maya.page.get_by_role("menuitemradio", name=re.compile("^Away")))
    maya.page.get_by_role("menuitemradio", name=re.compile("^Offline")).click()
    yield Stop("console-leave", maya.page, maya.dialog.get_by_text("Return all to the queue"))
    maya.presses("Escape")


def _history(maya: Agent) -> Iterator[Stop]:
    maya.page.goto(f"{maya.stage.url}/history")
    rows = maya.page.locator("a[data-row]")
    search = maya.page.get_by_role("combobox", name="Search history")
    yield Stop("console-history", maya.page, rows.first)
    with maya.page.expect_response(lambda answer: "q=calathea" in answer.url):
        search.fill("calathea")
    search.blur()
    expect(maya.page.locator("[aria-busy=true]")).to_have_count(0)
    yield Stop("console-history-found", maya.page, rows.first)
    maya.page.locator(".hits a").first.click()
    transcript = maya.page.locator("section.transcript")
    yield Stop("console-transcript", maya.page, transcript.get_by_role("heading").first)
    maya.presses("v")
    yield Stop("console-chronological", maya.page, transcript.locator(".rail").first)
    maya.page.goto(f"{maya.stage.url}/history")
    search.fill("zeppelin before:soon")
    yield Stop("console-history-problem", maya.page, maya.page.get_by_text("isn’t a date"))
    search.fill("zeppelin")
    yield Stop("console-history-nothing", maya.page, maya.page.get_by_text("No chat fits"))
    maya.page.goto(f"{maya.stage.url}/nowhere/at/all")
    yield Stop("console-missing", maya.page, maya.page.get_by_role("heading").first)


def _other_eyes(people: Company, size: ViewportSize) -> Iterator[Stop]:
    """What an agent without chats sees, and a supervisor."""
    mateusz = people.agent("Mateusz Zieliński", viewport=size, reduced_motion="reduce")
    mateusz.looks_at("Mine")
    yield Stop("console-empty", mateusz.page, mateusz.page.get_by_text("You have no chats"))
    isla = people.agent("Isla Campbell", viewport=size, reduced_motion="reduce")
    isla.looks_at("Assistant")
    expect(isla.page.locator(".skeleton")).to_have_count(0)
    yield Stop("console-assistant", isla.page, isla.page.get_by_role("heading", name="With the assistant"))


def widget(people: Company, stage: Stage, size: ViewportSize) -> Iterator[Stop]:
    """A customer's visit, from the shop's page to the rating."""
    stage.wait_for_the_bot()
    nora = people.customer(viewport=size, reduced_motion="reduce")
    nora.comes_to_shop()
    yield Stop("shop", nora.page, nora.launcher)
    expect(nora.page.locator("#parley .teaser")).to_be_visible()
    yield Stop("shop-teaser", nora.page, nora.page.locator("#parley .teaser"))
    nora.opens_chat()
    yield Stop("widget-home", nora.page, nora.frame.get_by_role("button", name="Send us a message"))
    yield from _asks_the_bot(nora)
    chat_id = newest_chat()
    maya = colleague("Maya Lindholm")
    maya.takes(chat_id)
    maya.says(chat_id, "Hi Nora, I’m Maya. I’ve read what you wrote: no horses yet, I’m afraid.")
    nora.says("What a pity. And a large dog?")
    expect(nora.log.locator(".said").filter(has_text="What a pity.")).to_be_visible()
    maya.reads(chat_id, 99)
    maya.says(chat_id, "Dogs are welcome in both shops.")
    nora.reads("Dogs are welcome in both shops.")
    yield Stop("widget-agent", nora.page, nora.frame.get_by_role("heading", name="Maya Lindholm"), inside=True)
    yield from _options(nora)
    maya.ends(chat_id)
    yield Stop("widget-ended", nora.page, nora.frame.get_by_text("How was this chat?"), inside=True)
    nora.frame.locator("label", has=nora.frame.get_by_role("radio", name="5 stars")).click()
    yield Stop("widget-rating", nora.page, nora.frame.get_by_role("button", name="Send rating"), inside=True)
    nora.frame.get_by_role("button", name="Send rating").click()
    yield Stop("widget-rated", nora.page, nora.frame.get_by_text("Thank you."), inside=True)


def _asks_the_bot(nora: Customer) -> Iterator[Stop]:
    nora.frame.get_by_role("button", name="Send us a message").click()
    nora.frame.get_by_role("button", name="Start chat").click()
    yield Stop("widget-form", nora.page, nora.frame.get_by_text("Enter your name"), inside=True)
    nora.frame.get_by_label("Name").fill("Nora Whitfield")
    nora.frame.get_by_label("Your message").fill("How long does delivery take?")
    nora.frame.get_by_role("button", name="Start chat").click()
    yield Stop("widget-bot", nora.page, nora.log.get_by_text("From: How long delivery takes"), inside=True)
    nora.says(UNKNOWN)
    yield Stop("widget-queue", nora.page, nora.frame.get_by_role("button", name="Leave queue"), inside=True)


def _options(nora: Customer) -> Iterator[Stop]:
    nora.frame.get_by_role("button", name="Chat options").click()
    end = nora.frame.get_by_role("button", name="End chat")
    yield Stop("widget-options", nora.page, end, inside=True)
    end.click()
    yield Stop("widget-leave", nora.page, nora.frame.get_by_text("End this chat?"), inside=True)
    nora.frame.get_by_role("button", name="Not yet").click()


def without_a_line(people: Company, stage: Stage, size: ViewportSize) -> Iterator[Stop]:
    """What both sides see while the front is away. It is back at the end."""
    stage.wait_for_the_bot()
    ida = people.customer(viewport=size, reduced_motion="reduce")
    ida.comes_with("Ida Sommer", "How long does delivery take?")
    ida.reads("Standard delivery takes")
    answers("Maya Lindholm", "Adaeze Okonkwo")
    maya = people.agent("Maya Lindholm", viewport=size, reduced_motion="reduce")
    maya.page.goto(f"{stage.url}/inbox/mine")
    maya.row("Adaeze Okonkwo").get_by_role("link").click()
    maya.is_in_chat_with("Adaeze Okonkwo")
    for person in (ida, maya):
        person.expects(CUT_OFF)
    stage.desk.kill("web")
    ida.says("And over the weekend?")
    yield Stop("widget-reconnecting", ida.page, ida.frame.get_by_text("Reconnecting."))
    yield Stop("console-reconnecting", maya.page, maya.page.get_by_text("You’re offline."))
    stage.desk.start("web")
    stage.desk.wait_until_ready()


def pages(people: Company, stage: Stage, size: ViewportSize) -> Iterator[Stop]:
    """Our pages that are for people who build with the desk."""
    reader = people.stranger(viewport=size, reduced_motion="reduce")
    reader.page.goto(f"{stage.url}/gallery/")
    yield Stop("gallery", reader.page, reader.page.get_by_role("heading", name="Gallery"))
    reader.page.goto(f"{stage.url}/api/docs")
    yield Stop("api-reference", reader.page, reader.page.get_by_role("heading", name="Parley API"))


def answers(agent: str, customer: str) -> None:
    """This chat is theirs again, where the desk has taken it back while nobody of that name was there."""
    found = one(
        "select chat.id, chat.state from chat join customer on customer.id = chat.customer_id"
        " where customer.name = %s order by chat.id desc limit 1",
        (customer,),
    )
    assert found is not None
    if found["state"] == "queued":
        colleague(agent).takes(found["id"])


def whatsapp() -> int:
    """A number in WhatsApp: paused, so that nothing is sent from it, with templates of every kind. Its channel's id."""
    found = one("select id from channel where kind = 'whatsapp'")
    if found is None:
        body = {"type": "BODY", "text": "Hello {{1}}, about your order {{2}}: may we write to you?"}
        kept = whatsapp_templates.read(
            [
                template("hello_again", {**body, "example": {"body_text": [["Ana", "4711"]]}}),
                template("order_update", {"type": "HEADER", "format": "IMAGE"}, body, language="pt_BR"),
                template("spring_sale", body, category="MARKETING", status="REJECTED", rejected_reason="PROMOTIONAL"),
                template("spring_news", body, category="MARKETING", status="PAUSED"),
                template("thank_you", body, language="de", status="PENDING"),
            ]
        )
        found = one(
            "with made as (insert into channel (kind, name, public_key, allowed_origins, secret_tails, notes, paused_at,"
            " paused_why, last_in_at, last_out_at, error, error_at, connected, checked_at)"
            " values ('whatsapp', 'Fernhill in WhatsApp', 'tour', '{}', '{\"token\": \"9xYz\"}',"
            " jsonb_build_object('templates', %s::jsonb, 'templates_at', clock_timestamp() - interval '2 hours',"
            " 'templates_fault', '(#80007) Rate limit hit'), clock_timestamp(), 'agent', clock_timestamp(), clock_timestamp(),"
            " '(#80007) Rate limit hit', clock_timestamp(), true, clock_timestamp()) returning id),"
            " pace as (insert into channel_pace (channel_id) select id from made)"
            " select id from made",
            (as_json(kept),),
        )
    assert found is not None
    number: int = found["id"]
    return number


def newest_chat() -> int:
    found = one("select max(id) as id from chat")
    assert found is not None
    number: int = found["id"]
    return number
