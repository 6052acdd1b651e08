"""What the bot could not answer becomes what it can: grouped as it comes in, mended, proved, and told to whom it failed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import ViewportSize, expect

from models.actions import blocks, notices
from models.db import connection, one, rows
from tests.browser import axe
from tests.browser.people import DESKTOP, PHONE, Company
from tests.browser.stage import Stage, colleague, wait_for
from tests.support.people import Customer, make_customer

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data, pytest.mark.timeout(300)]

WORDINGS = (
    "Can I rent plants for a wedding?",
    "do you rent out plants for weddings",
    "renting plants for our wedding day, possible?",
    "Is it possible to hire plants for a wedding?",
    "plant hire for a wedding",
    "we want to rent some plants for our wedding",
    "Do you hire out plants for a wedding party?",
    "could I rent plants from you for my wedding",
)
TITLE = "Renting plants for a wedding"
TEXT = (
    "You can rent plants for a wedding. Plants for weddings are rented by the day: write to us two weeks before,"
    " say how many plants you want to hire, and we bring them to the party and fetch them the next morning."
)
NEWS = "You can rent plants for your wedding from today on."


@pytest.fixture(scope="module", autouse=True)
def desk(answering_desk: Stage) -> Stage:
    return answering_desk


def test_thirty_fail_the_fix_is_proved_and_told_to_the_twenty_four_it_should_reach(
    desk: Stage, people: Company
) -> None:
    isla, wren = people.agent("Isla Campbell"), people.customer()
    isla.page.get_by_role("link", name="Failed responses").click()
    expect(isla.page.get_by_role("heading", name="No group is open")).to_be_visible()

    asked = [asks(WORDINGS[number % len(WORDINGS)], f"Guest {number}") for number in range(29)]
    wren.comes_with("Wren Doyle", WORDINGS[0])
    wait_for(lambda: len(unanswered()) == 30)
    row = isla.page.get_by_role("row").filter(has_text=re.compile("wedding"))
    expect(row.first).to_be_visible(timeout=60_000)  # without a reload
    wait_for(lambda: one("select 1 as yes from failed_response group by cluster_id having count(*) = 30"))
    expect(row).to_contain_text("30")
    who_needs_no_word(asked)

    row.get_by_role("link").click()
    panel = isla.page.get_by_role("complementary", name=re.compile("^Group: "))
    expect(panel).to_contain_text("30 questions from 30 people.")
    expect(panel.get_by_role("link", name=re.compile("View session"))).to_have_count(30)
    panel.get_by_role("button", name="Add to knowledge base").click()
    isla.dialog.get_by_label("Title").fill(TITLE)
    isla.dialog.get_by_label("Text").fill(TEXT)
    isla.dialog.get_by_role("button", name="Prove it").click()
    expect(isla.dialog.get_by_text("Passed", exact=True)).to_be_visible(timeout=60_000)
    expect(isla.dialog.get_by_role("button", name=re.compile("Fixed"))).to_contain_text("30")
    assert rows("select 1 from article where title = %s", (TITLE,)) == [], "nothing of it is saved yet"
    isla.dialog.get_by_role("button", name="Save", exact=True).click()
    expect(isla.dialog).to_be_hidden()
    expect(panel.get_by_text(f"Answered by the article “{TITLE}”")).to_be_visible()
    desk.wait_for_the_bot()
    panel.get_by_role("button", name="More").click()
    isla.page.get_by_role("menuitem", name="Replay").click()
    expect(panel.get_by_text("The bot as it is")).to_be_visible()
    expect(panel.get_by_text("Passed", exact=True)).to_be_visible(timeout=60_000)
    panel.get_by_role("button", name="Resolve").click()
    isla.dialog.get_by_role("radio", name=re.compile("^Fixed")).check()
    isla.dialog.get_by_role("button", name="Resolve").click()
    expect(panel.get_by_text("Resolved", exact=True).first).to_be_visible()  # each of its questions says so, too

    panel.get_by_role("link", name="Broadcast to 24").click()
    expect(isla.page.get_by_text("Goes to 24 people")).to_be_visible()
    isla.page.get_by_label("Title").fill("Weddings")
    isla.page.get_by_role("textbox", name="Message").fill(NEWS)
    isla.button("Send…").click()
    isla.dialog.get_by_role("button", name="Send to 24 people").click()
    expect(isla.page.get_by_role("progressbar", name="Weddings")).to_have_attribute(
        "aria-valuenow", "24", timeout=60_000
    )
    wren.reads(NEWS)
    reached = {each["customer_id"] for each in rows("select customer_id from recipient where state = 'sent'")}
    assert len(reached) == 24
    assert not reached & {each.id for each in asked[:6]}

    asta = people.customer()
    asta.comes_with("Asta Berg", "Could we rent a few plants for a wedding party?")
    asta.reads("rented by the day")
    assert one("select count(*)::int as n from failed_response") == {"n": 30}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nobody_is_kept_out(desk: Stage, people: Company, size: ViewportSize) -> None:
    hana = people.agent("Hana Kobayashi", viewport=size, reduced_motion="reduce")
    group = one("select id from cluster order by id limit 1")
    question = one("select id from failed_response order by id limit 1")
    assert group is not None
    assert question is not None
    findings = []
    for path in (
        "/failures?status=resolved",
        f"/failures/groups/{group['id']}",
        f"/failures/questions/{question['id']}",
        "/failures?view=questions",
        "/failures?view=proposals",
        "/failures?view=figures",
    ):
        hana.page.goto(f"{desk.url}{path}")
        expect(hana.page.get_by_role("heading", name="Failed responses", level=1)).to_be_visible()
        expect(hana.page.locator("[aria-busy=true]")).to_have_count(0)
        findings += [f"{path}, {each}" for each in axe.in_both_themes(hana.page)]
    assert not findings, "\n".join(findings)


def asks(text: str, name: str) -> Customer:
    """Somebody asks from a page that no browser of ours shows; the bot's own worker answers."""
    with connection():
        customer = make_customer(name)
        customer.says(text)
    return customer


def unanswered() -> list[dict[str, int]]:
    return rows("select id from failed_response")


def who_needs_no_word(asked: list[Customer]) -> None:
    """Three were helped by a person, two want no broadcasts, one is kept out."""
    with connection():
        maya = colleague("Maya Lindholm")
        for customer in asked[:3]:
            maya.takes(customer.chat)
            maya.says(customer.chat, "We do not, but our friends at the nursery do.")
            maya.ends(customer.chat)
        for customer in asked[3:5]:
            notices.opts(customer.visitor, out=True)
        blocks.block(
            colleague("Isla Campbell").viewer, asked[5].id, reason="Shouts at everybody.", until=None, address=False
        )
