"""The tour goes on through a chat with everything in it: files, quotes, corrections, and what is decided about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, ViewportSize, expect

from models.db import one, run
from tests.browser.people import Agent, Company, Customer
from tests.browser.stage import Stage, colleague
from tests.browser.tour import UNKNOWN, Stop, newest_chat, whatsapp
from tests.support import files


def leaf() -> bytes:
    """A leaf with brown spots, as customers send it."""
    drawn = Image.new("RGB", (1200, 900), "#e9e4d4")
    pen = ImageDraw.Draw(drawn)
    pen.ellipse((220, 160, 980, 740), fill="#4f8a54")
    pen.line((230, 690, 960, 210), fill="#86b57f", width=14)
    for x, y, size in ((420, 330, 46), (560, 520, 70), (720, 300, 34), (760, 470, 52), (610, 390, 26)):
        pen.ellipse((x, y, x + size, y + size), fill="#8a6239")
    kept = BytesIO()
    drawn.save(kept, "JPEG", quality=85)
    return kept.getvalue()


PHOTO: FilePayload = {"name": "leaf.jpg", "mimeType": "image/jpeg", "buffer": leaf()}
PAPER: FilePayload = {"name": "receipt.pdf", "mimeType": "application/pdf", "buffer": files.pdf()}
PROGRAM: FilePayload = {"name": "setup.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}


def chat(people: Company, stage: Stage, size: ViewportSize) -> Iterator[Stop]:
    """A chat between a customer and a supervisor, and both sides of it."""
    stage.wait_for_the_bot()
    lena = people.customer(viewport=size, reduced_motion="reduce")
    lena.comes_with("Lena Fischer", UNKNOWN)
    lena.frame.get_by_role("button", name="Email me instead").click()
    yield Stop("widget-email", lena.page, lena.frame.get_by_label("Your email"), inside=True)
    lena.frame.get_by_role("button", name="Not now").click()

    chat_id = newest_chat()
    isla = people.agent("Isla Campbell", viewport=size, reduced_motion="reduce", permissions=["microphone"])
    isla.page.goto(f"{isla.stage.url}/inbox/queue/{chat_id}")
    isla.conversation.get_by_role("button", name="Start chat").click()
    isla.is_in_chat_with("Lena Fischer")
    isla.says("Hi Lena, which plant is it?")
    lena.reads("Hi Lena, which plant is it?")
    yield from _files_and_answers(lena)
    yield from _in_the_log(isla)
    yield from _while_writing(isla)
    yield from _decisions(isla)
    yield from _details(isla)
    yield from _after_a_day(isla, chat_id)
    colleague("Isla Campbell").ends(chat_id)
    lena.frame.get_by_role("button", name="Email transcript").click()
    yield Stop("widget-mail", lena.page, lena.frame.get_by_role("button", name="Send transcript"), inside=True)


def _files_and_answers(lena: Customer) -> Iterator[Stop]:
    lena.frame.locator("input[type=file]").set_input_files([PHOTO, PAPER, PROGRAM])
    for name in ("leaf.jpg", "receipt.pdf"):
        expect(lena.frame.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    yield Stop("widget-files", lena.page, lena.frame.get_by_role("alert"), inside=True)
    lena.frame.get_by_role("button", name="Remove setup.exe").click()
    said = lena.said("Hi Lena, which plant is it?")
    said.hover()
    said.get_by_role("button", name="Reply to this message").click()
    lena.composer.fill("This one. It was green yesterday.")
    yield Stop("widget-reply", lena.page, lena.frame.get_by_role("button", name="Write without a reply"), inside=True)
    lena.composer.press("Enter")
    lena.reads("This one. It was green yesterday.")
    view = lena.log.get_by_role("button", name="View leaf.jpg")
    yield Stop("widget-sent", lena.page, view, inside=True)
    view.click()
    yield Stop("widget-viewer", lena.page, lena.frame.get_by_role("dialog", name="Images"), inside=True)
    lena.presses("Escape")


def _in_the_log(isla: Agent) -> Iterator[Stop]:
    isla.reads("This one. It was green yesterday.")
    isla.notes("A spider mite, I think.")
    isla.says("That looks like a spider mite. Does it stand near a radiator?")
    view = isla.log.get_by_role("button", name="View leaf.jpg")
    yield Stop("console-files", isla.page, view)
    view.click()
    yield Stop("console-viewer", isla.page, isla.page.get_by_role("dialog", name="Images"))
    isla.presses("Escape")
    entry = isla.entry("This one. It was green yesterday.").first
    entry.hover()
    entry.get_by_role("button", name=re.compile("^Actions for the message")).click()
    yield Stop("console-message", isla.page, isla.page.get_by_role("menuitem", name="Quote"))
    isla.page.get_by_role("menuitem", name="Quote").click()
    yield Stop("console-quote", isla.page, isla.conversation.get_by_role("button", name="Don’t quote"))
    isla.conversation.get_by_role("button", name="Don’t quote").click()
    entry = isla.entry("That looks like a spider mite.").first
    entry.hover()
    entry.get_by_role("button", name=re.compile("^Actions for the message")).click()
    isla.page.get_by_role("menuitem", name="Delete").click()
    yield Stop("console-delete", isla.page, isla.dialog.get_by_text("stays in its place"))
    isla.presses("Escape")
    isla.conversation.get_by_role("tab", name="Note").click()
    isla.composer.focus()
    isla.presses("ArrowUp")
    yield Stop("console-edit", isla.page, isla.conversation.get_by_role("button", name="Stop editing"))
    isla.conversation.get_by_role("textbox", name="Editing your message").fill("Spider mites, I’m quite sure.")
    isla.presses("Enter")
    isla.entry("Spider mites").get_by_role("button", name="Edited").click()
    yield Stop("console-versions", isla.page, isla.dialog.get_by_text("Edited by Isla Campbell"))
    isla.presses("Escape")
    expect(isla.dialog).to_be_hidden()


def _while_writing(isla: Agent) -> Iterator[Stop]:
    isla.composer.press_sequentially("Ask @ma")
    yield Stop("console-mention", isla.page, isla.page.get_by_role("option").first)
    isla.composer.fill("")
    isla.conversation.get_by_role("tab", name="Reply").click()
    isla.conversation.locator("input[type=file]").set_input_files([PHOTO, PAPER, PROGRAM])
    for name in ("leaf.jpg", "receipt.pdf"):
        expect(isla.conversation.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    yield Stop("console-attach", isla.page, isla.conversation.get_by_role("alert"))
    for name in ("leaf.jpg", "receipt.pdf", "setup.exe"):
        isla.conversation.get_by_role("button", name=f"Remove {name}").click()
    isla.conversation.get_by_role("button", name="Record audio").click()
    meter = isla.conversation.get_by_role("meter", name="Microphone level")
    expect(meter).not_to_have_attribute("aria-valuenow", "0")
    yield Stop("console-record", isla.page, meter)
    isla.conversation.get_by_role("button", name="Discard").click()
    isla.conversation.get_by_role("button", name="Emoji").click()
    yield Stop("console-emoji", isla.page, isla.page.get_by_role("textbox", name="Search emoji"))
    isla.presses("Escape")


def _decisions(isla: Agent) -> Iterator[Stop]:
    for item, name in (("Move or change priority", "move"), ("How this chat was assigned", "assignments")):
        isla.conversation.get_by_role("button", name="More actions").click()
        isla.page.get_by_role("menuitem", name=item).click()
        expect(isla.page.locator("[aria-busy=true]")).to_have_count(0)
        yield Stop(f"console-{name}", isla.page, isla.dialog.get_by_role("heading"))
        isla.presses("Escape")
        expect(isla.dialog).to_be_hidden()
    isla.conversation.get_by_role("button", name="End chat").click()
    isla.dialog.get_by_label("Will be contacted upon issue resolution").check()
    yield Stop("console-end-promise", isla.page, isla.dialog.get_by_label("Date and time"))
    isla.presses("Escape")


def _details(isla: Agent) -> Iterator[Stop]:
    details = isla.page.get_by_role("complementary", name="Customer details")
    if not details.is_visible():
        isla.conversation.get_by_role("button", name="Customer details").click()
    details.get_by_role("button", name="Add phone").click()
    yield Stop("console-details-edit", isla.page, details.get_by_role("textbox", name="Phone"))
    isla.presses("Escape")
    details.get_by_role("button", name="Add note").click()
    yield Stop("console-details-note", isla.page, details.get_by_role("textbox", name="Note about this person"))
    isla.presses("Escape")
    details.get_by_role("button", name="Actions for this customer").click()
    isla.page.get_by_role("menuitem", name="Block…").click()
    isla.dialog.get_by_role("button", name="Block", exact=True).click()
    yield Stop("console-block", isla.page, isla.dialog.get_by_text("Say why in 3 to 500 characters."))
    isla.presses("Escape")


def _after_a_day(isla: Agent, chat_id: int) -> Iterator[Stop]:
    """The same chat as if it had come by WhatsApp, too long ago for a plain message. It is one of the website's again after."""
    before = one("select channel_id from chat where id = %s", (chat_id,))
    assert before is not None
    run(
        "insert into identity (customer_id, channel_id, external_id, last_in_at)"
        " select customer_id, %s, '4915', clock_timestamp() - interval '25 hours' from chat where id = %s",
        (whatsapp(), chat_id),
    )
    run("update chat set channel_id = %s where id = %s", (whatsapp(), chat_id))
    isla.page.reload()
    isla.conversation.get_by_role("button", name="Use a template").first.click()
    option = isla.dialog.get_by_role("option", name="hello_again")
    yield Stop("console-template", isla.page, option)
    option.click()
    isla.dialog.get_by_role("button", name="Send").click()
    yield Stop("console-template-filling", isla.page, isla.dialog.get_by_text("Fill this in."))
    isla.presses("Escape")
    run("delete from identity where channel_id = %s", (whatsapp(),))
    run("update chat set channel_id = %s where id = %s", (before["channel_id"], chat_id))


def lists(people: Company, _: Stage, size: ViewportSize) -> Iterator[Stop]:
    """What is owed, who was named, a narrowed queue, and many chats at once."""
    maya = people.agent("Maya Lindholm", viewport=size, reduced_motion="reduce")
    maya.page.goto(f"{maya.stage.url}/mentions")
    yield Stop("console-mentions", maya.page, maya.page.get_by_role("heading", name="Mentions"))
    maya.page.goto(f"{maya.stage.url}/inbox/queue")
    maya.button("Search and filter").click()
    yield Stop("console-filters", maya.page, maya.page.get_by_role("searchbox", name="Search the queue"))
    maya.page.get_by_role("searchbox", name="Search the queue").fill("zeppelin")
    yield Stop("console-no-match", maya.page, maya.page.get_by_text("No waiting chat fits"))
    maya.page.goto(f"{maya.stage.url}/inbox/queue")
    maya.button("Choose chats").click()
    maya.button("All").click()
    yield Stop("console-chosen", maya.page, maya.button("Tags").first)
    maya.button("Tags").first.click()
    yield Stop("console-tag-many", maya.page, maya.dialog.get_by_role("heading"))
    maya.presses("Escape")

    isla = people.agent("Isla Campbell", viewport=size, reduced_motion="reduce")
    isla.page.goto(f"{isla.stage.url}/promises")
    isla.page.get_by_role("radio", name="All").click()
    row = isla.page.get_by_role("article").first
    yield Stop("console-promises", isla.page, row)
    row.get_by_role("button", name="More for the promise").click()
    yield Stop("console-promise", isla.page, isla.page.get_by_role("menuitem", name="Mark as kept"))
    isla.page.get_by_role("menuitem", name="Move").click()
    yield Stop("console-promise-move", isla.page, isla.dialog.get_by_label("Contact them by"))
    isla.presses("Escape")
    expect(isla.dialog).to_be_hidden()
    row.get_by_role("button", name="More for the promise").click()
    isla.page.get_by_role("menuitem", name="Mark as kept").click()
    yield Stop("console-promise-kept", isla.page, isla.dialog.get_by_label("How"))
    isla.presses("Escape")
    of_maya = one("select c.id from chat c join agent a on a.id = c.owner_id where a.name = 'Maya Lindholm' limit 1")
    assert of_maya is not None
    isla.page.goto(f"{isla.stage.url}/inbox/mine/{of_maya['id']}")
    isla.conversation.get_by_role("button", name="Take over").click()
    yield Stop("console-takeover", isla.page, isla.dialog.get_by_text("becomes your chat"))
    isla.presses("Escape")
