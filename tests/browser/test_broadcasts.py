"""One message to many: written, confirmed and watched by a supervisor; seen once, answered and stopped by customers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from models.actions import customers
from models.db import one, rows
from models.queries import access
from tests.browser.axe import violations
from tests.browser.people import PHONE, Agent, Company
from tests.browser.stage import Stage, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data]

WORDS = "Parcels in the north are moving again."


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    return quiet_desk


def leaves(customer_id: int) -> None:
    """The customer's chat is over, and their page knows nothing of what comes after."""
    token = one("select id from visitor_token where customer_id = %s", (customer_id,))
    chat = one("select id from chat where customer_id = %s", (customer_id,))
    assert token is not None
    assert chat is not None
    visitor = access.visitor_by_token_id(token["id"])
    assert visitor is not None
    customers.ends(visitor, chat["id"])


def sends(isla: Agent, meant: list[int], file: Path) -> None:
    """Write it, see what is missing and how it will look, choose people from a list, send it and watch."""
    page = isla.page
    page.get_by_role("link", name="Broadcasts").click()
    expect(page.get_by_text("Nothing has been sent yet")).to_be_visible()
    page.get_by_role("link", name="New broadcast").first.click()
    page.get_by_label("Title").fill("North")
    isla.button("Send…").click()
    expect(page.get_by_text("Write what customers will read")).to_be_visible()
    page.get_by_role("textbox", name="Message").fill(WORDS)
    expect(page.get_by_role("region", name="What customers see")).to_contain_text(WORDS)
    page.get_by_role("radio", name="List").click()
    page.get_by_label("Customer numbers").fill("\n".join([*map(str, meant), "nobody here"]))
    isla.button("Read the list").click()
    expect(page.get_by_text("1 line names nobody")).to_be_visible()
    expect(page.get_by_text("Goes to 2 people")).to_be_visible()
    assert not violations(page.main_frame)
    isla.button("Send…").click()
    isla.dialog.get_by_role("button", name="Send to 2 people").click()
    expect(page.get_by_role("progressbar", name="North")).to_have_attribute("aria-valuenow", "2")
    expect(page.get_by_role("row").filter(has_text="Ben Carter")).to_contain_text("Sent")
    assert not violations(page.main_frame)
    with page.expect_download() as download:
        isla.button("Export CSV").click()
    download.value.save_as(file)


def test_a_broadcast_reaches_an_open_chat_and_a_later_visit_once_each_and_is_answered_and_stopped(
    people: Company, tmp_path: Path
) -> None:
    maya, ben = people.meet("Maya Lindholm", "Ben Carter")
    ola = people.customer(viewport=PHONE)
    ola.comes_with("Ola Nowak", "Hello, is anybody there?")
    wait_for(lambda: len(rows("select 1 from chat")) == 2)
    ben_id, ola_id = [each["customer_id"] for each in rows("select customer_id from chat order by id")]
    leaves(ola_id)

    isla = people.agent("Isla Campbell")
    sends(isla, [ben_id, ola_id], tmp_path / "ledger.csv")
    assert "Ola Nowak" in (tmp_path / "ledger.csv").read_text(encoding="utf-8")

    ben.reads(WORDS)
    expect(maya.entry(WORDS)).to_contain_text("Broadcast: North")
    ben.frame.get_by_role("button", name="Stop these messages").click()
    expect(ben.frame.get_by_text("You’ll get no more messages like this.")).to_be_visible()
    expect(maya.page.get_by_text("Wants no broadcasts")).to_be_visible()
    ben.frame.get_by_role("button", name="Undo").click()
    wait_for(lambda: one("select 1 as yes from customer where id = %s and broadcasts_off_at is null", (ben_id,)))

    ola.page.reload()
    ola.opens_chat()
    notice = ola.frame.get_by_role("article", name=re.compile("Message from"))
    expect(notice).to_have_count(1)
    expect(notice).to_contain_text(WORDS)
    [frame] = [each for each in ola.page.frames if each != ola.page.main_frame]
    assert not violations(frame)
    notice.get_by_role("button", name="Reply").click()
    ola.says("And when is mine here?")
    ola.reads(WORDS)
    ola.reads("And when is mine here?")
    isla.page.reload()
    expect(isla.page.get_by_role("row").filter(has_text="Ola Nowak")).to_contain_text("Replied")
