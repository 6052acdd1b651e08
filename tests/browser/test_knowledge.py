"""What is taught in the console is what the bot says in the widget a moment later."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from models.db import one
from tests.browser.people import Company
from tests.browser.stage import Stage, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data, pytest.mark.timeout(150)]

ANSWER = "Bring the bulbs in before the first frost."


@pytest.fixture(scope="module", autouse=True)
def desk(answering_desk: Stage) -> Stage:
    return answering_desk


def test_a_service_and_an_article_are_written_and_the_bot_answers_with_them(desk: Stage, people: Company) -> None:
    isla, theo = people.agent("Isla Campbell"), people.customer()
    page = isla.page
    page.goto(f"{desk.url}/services/new")
    page.get_by_role("textbox", name="Name").fill("Dahlia bulbs in winter")
    page.get_by_role("textbox", name="Ways to ask for it").fill(
        "What do I do with dahlia bulbs in winter?\nDo dahlias survive frost?\nwhere to store dahlia tubers"
    )
    page.get_by_role("textbox", name="Answer").fill(ANSWER)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Dahlia bulbs in winter")).to_be_visible()

    page.goto(f"{desk.url}/articles/new")
    page.get_by_role("textbox", name="Title").fill("Hedgehogs in the compost")
    page.get_by_role("textbox", name="Text").fill("Leave a sleeping hedgehog where it is until spring.")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("In use", exact=True)).to_be_visible()

    wait_for(_has_been_read, patience=60)
    theo.comes_with("Theo Brandt", "What do I do with dahlia bulbs in winter?")
    theo.reads(ANSWER)
    theo.frame.get_by_role("button", name="This didn’t help").click()
    failed = wait_for(lambda: one("select text, trigger from failed_response"))
    assert failed == {"text": "What do I do with dahlia bulbs in winter?", "trigger": "thumbs_down"}


def _has_been_read() -> bool:
    """All of it has its vectors, and the services have been learned anew."""
    found = one(
        "select not exists (select from service_phrase where embedding is null)"
        " and not exists (select from article_chunk where embedding is null)"
        " and not exists (select from service where enabled and direction is null) as read"
    )
    return bool(found and found["read"])
