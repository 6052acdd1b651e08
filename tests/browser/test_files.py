"""Photos, papers and pictures from the clipboard, both ways; what is refused, and what is taken back on the way."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from models.db import rows
from tests.browser.people import Company, Customer, Person
from tests.browser.stage import Stage
from tests.support import files

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data]

MOST = 5_242_880  # bytes of one file
PHOTO = files.picture(1200, 900)
PAPER = files.pdf()

PASTE = """(box, [name, type, content]) => {
  const carried = new DataTransfer()
  carried.items.add(new File([Uint8Array.from(atob(content), letter => letter.charCodeAt(0))], name, { type }))
  box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }))
}"""


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    return quiet_desk


def test_a_customer_sends_a_photo_and_a_paper(people: Company) -> None:
    maya, ben = people.meet("Maya Lindholm", "Ben Carter")
    chooses(ben, payload("leaf.jpg", "image/jpeg", PHOTO), payload("receipt.pdf", "application/pdf", PAPER))
    for name in ("leaf.jpg", "receipt.pdf"):  # it is there, and can only be taken off again
        expect(ben.frame.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    ben.says("The leaf, and what I paid.")
    expect(ben.log.get_by_role("button", name="View leaf.jpg")).to_be_visible()
    expect(ben.log.get_by_role("link", name="Download receipt.pdf")).to_be_visible()

    maya.reads("The leaf, and what I paid.")
    picture = maya.log.get_by_role("button", name="View leaf.jpg")
    is_drawn(picture.get_by_role("img"))
    expect(maya.log.get_by_text("PDF, ")).to_be_visible()
    with maya.page.expect_download() as arriving:
        maya.log.get_by_role("link", name="Download receipt.pdf").click()
    assert arriving.value.suggested_filename == "receipt.pdf"
    assert Path(arriving.value.path()).read_bytes() == PAPER

    picture.click()
    viewer = maya.page.get_by_role("dialog", name="Images")
    is_drawn(viewer.get_by_role("img", name="leaf.jpg"))
    maya.presses("Escape")
    expect(viewer).to_have_count(0)
    expect(picture).to_be_focused()


def test_an_agent_pastes_a_picture_and_answers_from_a_canned_message_with_its_file(people: Company) -> None:
    isla = people.agent("Isla Campbell")
    writes_a_canned_message(isla.page, "repot", "How to repot", "This is how it is done.", "steps.pdf")
    femi, cleo = people.meet("Femi Adebayo", "Cleo Marsh")
    femi.composer.evaluate(PASTE, ["pot.png", "image/png", base64.b64encode(files.picture(300, 200, "PNG")).decode()])
    expect(femi.conversation.get_by_role("list", name="Files of this message")).to_contain_text("pot.png")
    femi.says("Such a pot.")
    cleo.reads("Such a pot.")
    is_drawn(cleo.log.get_by_role("button", name="View pot.png").get_by_role("img"))

    femi.composer.fill("/repot")
    expect(femi.page.get_by_role("option")).to_have_count(1)
    femi.presses("Enter")
    expect(femi.composer).to_have_value("This is how it is done.")
    expect(femi.conversation.get_by_role("list", name="Files of this message")).to_contain_text("steps.pdf")
    femi.presses("Enter")
    cleo.reads("This is how it is done.")
    with cleo.page.expect_download() as arriving:
        cleo.log.get_by_role("link", name="Download steps.pdf").click()
    assert Path(arriving.value.path()).read_bytes() == PAPER


def test_what_is_too_large_or_of_no_kind_is_refused_before_anything_leaves(people: Company) -> None:
    tom, dora = people.meet("Tom Ashworth", "Dora Winter")
    large = payload("garden.jpg", "image/jpeg", files.photo_of_size(MOST + 1))
    program = payload("setup.exe", "application/octet-stream", b"MZ" + bytes(200))
    for person, tray in ((dora, "Files to send"), (tom, "Files of this message")):
        sent = uploads_of(person)
        chooses(person, large, program)
        refused = place(person).get_by_role("list", name=tray)
        expect(refused.get_by_role("alert")).to_have_count(2)
        expect(refused).to_contain_text("5.1 MB, and files can be 5 MB at most.")
        expect(refused).to_contain_text("Files of the kind “.exe” aren’t taken.")
        assert sent == []
        for name in ("garden.jpg", "setup.exe"):
            refused.get_by_role("button", name=f"Remove {name}").click()
        expect(refused).to_have_count(0)
    chooses(dora, payload("garden.jpg", "image/jpeg", files.photo_of_size(MOST)))
    expect(dora.frame.get_by_role("button", name="Remove garden.jpg")).to_be_visible()
    dora.says("One byte less.")
    tom.reads("One byte less.")
    expect(tom.log.get_by_role("button", name="View garden.jpg")).to_be_visible()


def test_a_file_that_is_not_what_its_name_says_is_refused_by_the_desk(people: Company) -> None:
    priya, enid = people.meet("Priya Raman", "Enid Frost")
    enid.expects("status of 422")
    chooses(enid, payload("leaf.png", "image/png", files.PAGE))
    tray = enid.frame.get_by_role("list", name="Files to send")
    expect(tray.get_by_role("alert")).to_be_visible()
    tray.get_by_role("button", name="Remove leaf.png").click()
    enid.says("Then without it.")
    priya.reads("Then without it.")
    assert rows("select 1 from attachment where name = 'leaf.png'") == []


def test_an_upload_can_be_cancelled_on_its_way(people: Company) -> None:
    mateusz, gus = people.meet("Mateusz Zieliński", "Gus Hale")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    gus.context.route("**/api/visitor/uploads*", hold)
    chooses(gus, payload("wrong.jpg", "image/jpeg", PHOTO))
    tray = gus.frame.get_by_role("list", name="Files to send")
    tray.get_by_role("button", name="Cancel the upload of wrong.jpg").click()
    expect(tray).to_have_count(0)
    gus.context.unroute("**/api/visitor/uploads*", hold)
    gus.says("I chose the wrong one.")
    mateusz.reads("I chose the wrong one.")
    expect(mateusz.log.get_by_role("button", name="View wrong.jpg")).to_have_count(0)
    assert rows("select 1 from attachment where name = 'wrong.jpg'") == []

    chooses(gus, payload("right.jpg", "image/jpeg", PHOTO))
    expect(tray.get_by_role("button", name="Remove right.jpg")).to_be_visible()
    gus.frame.get_by_role("button", name="Send", exact=True).click()
    expect(mateusz.log.get_by_role("button", name="View right.jpg")).to_be_visible()


def payload(name: str, kind: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def place(person: Person) -> Any:
    """Where this person writes: the widget, or the conversation at the desk."""
    return person.frame if isinstance(person, Customer) else person.page


def chooses(person: Person, *chosen: FilePayload) -> None:
    """What the file dialog of the system gives back."""
    place(person).locator("input[type=file]").set_input_files(list(chosen))


def uploads_of(person: Person) -> list[str]:
    """The uploads that leave this browser from now on."""
    sent: list[str] = []
    person.context.on("request", lambda request: sent.append(request.url) if "/uploads" in request.url else None)
    return sent


def is_drawn(image: Locator) -> None:
    """It has come, and is a picture."""
    expect(image).to_be_visible()
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("image => image.naturalWidth") > 0


def writes_a_canned_message(page: Page, shortcut: str, title: str, body: str, file_name: str) -> None:
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Canned messages").click()
    page.get_by_role("link", name="Add a message").click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Shortcut").fill(shortcut)
    page.get_by_role("textbox", name=re.compile("^Message")).fill(body)
    page.locator("input[type=file]").set_input_files([payload(file_name, "application/pdf", PAPER)])
    expect(page.get_by_role("button", name=f"Remove {file_name}")).to_be_visible()
    page.get_by_role("radio", name=re.compile("^Everybody")).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"“{title}” added")).to_be_visible()
