"""The customer's side, beyond talking: an address instead of a wait, a message after hours, files both ways, a closed door."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.sync_api import expect

from models.db import connection, one, rows
from models.tables.desk import Desk
from tests.browser.axe import violations
from tests.browser.people import Agent, Company, Customer
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data, pytest.mark.timeout(180)]

MOST = 5 * 1024 * 1024


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    return quiet_desk


@pytest.fixture
def closed() -> Iterator[datetime]:
    """Nobody is there until this moment, nine in the morning of the day after tomorrow."""
    opens = (datetime.now(UTC) + timedelta(days=2)).replace(hour=9, minute=0, second=0, microsecond=0)
    week = [{"day": opens.weekday(), "hours": [{"opens": "09:00", "closes": "17:00"}]}]
    with connection():
        Desk.update(hours={"time_zone": "UTC", "week": week, "holidays": []}).execute()
    yield opens
    with connection():
        Desk.update(hours=None).execute()


def test_an_address_instead_of_a_wait(people: Company) -> None:
    ada = people.customer()
    ada.comes_with("Ada Quick", "My parcel is late")
    ada.frame.get_by_role("button", name="Email me instead").click()
    ada.frame.get_by_label("Your email").fill("ada@")
    ada.frame.get_by_role("button", name="Email me", exact=True).click()
    expect(ada.frame.get_by_role("alert")).to_have_text("Enter a full address, like name@example.com")
    ada.frame.get_by_label("Your email").fill("ada@shop.example")
    ada.presses("Enter")
    expect(ada.frame.get_by_text("We’ll write to ada@shop.example")).to_be_visible()
    ada.says("The order is 4711")
    ada.reads("The order is 4711")
    chat = _chat_of("Ada Quick")
    assert (chat["state"], chat["reply_by_email"], chat["email"]) == ("queued", True, "ada@shop.example")
    ada.page.reload()
    ada.opens_chat()
    expect(ada.frame.get_by_text("We’ll write to ada@shop.example")).to_be_visible()


def test_a_message_after_hours(people: Company, closed: datetime) -> None:
    cem = people.customer(timezone_id="America/New_York")
    cem.comes_to_shop()
    cem.opens_chat()
    there = closed.astimezone(ZoneInfo("America/New_York"))
    expect(cem.frame.get_by_text(f"We’re back {there:%A} at {there.hour}:00")).to_be_visible()
    cem.frame.get_by_role("button", name="Leave a message").click()
    cem.frame.get_by_label("Name").fill("Cem Aksoy")
    cem.frame.get_by_label("Your message").fill("Do you deliver to Ankara?")
    cem.frame.get_by_role("button", name="Back").click()
    cem.frame.get_by_role("button", name="Leave a message").click()
    expect(cem.frame.get_by_label("Your message")).to_have_value("Do you deliver to Ankara?")
    cem.frame.get_by_role("button", name="Send message").click()
    expect(cem.frame.get_by_label("Email")).to_be_focused()
    cem.types("cem@shop.example")
    cem.presses("Enter")
    expect(cem.frame.get_by_text("We’ll write to cem@shop.example")).to_be_visible()
    cem.reads("Do you deliver to Ankara?")
    assert not violations(cem.page.frames[-1])
    chat = _chat_of("Cem Aksoy")
    assert (chat["state"], chat["reply_by_email"], chat["email"]) == ("queued", True, "cem@shop.example")


def test_files_both_ways(people: Company) -> None:
    maya, bo = people.agent("Maya Lindholm"), people.customer()
    bo.comes_with("Bo Lind", "Look at this leaf")
    maya.starts("Bo Lind")
    _chooses(bo, ("leaf.jpg", "image/jpeg", _picture()), ("wall.png", "image/png", bytes(MOST + 1)))
    expect(bo.frame.get_by_text(re.compile("5.1 MB"))).to_be_visible()
    bo.says("It was green yesterday")
    expect(bo.frame.get_by_role("button", name="View leaf.jpg")).to_be_visible()
    expect(maya.conversation.get_by_role("img", name="leaf.jpg")).to_be_visible()
    assert rows("select name, kind, width from attachment where message_id is not null") == [
        {"name": "leaf.jpg", "kind": "image", "width": 640}
    ]
    _answers_with_a_file(maya)
    card = bo.frame.get_by_role("link", name="Download care-card.txt")
    with bo.page.expect_download() as download:
        card.click()
    assert download.value.path().read_bytes() == b"Let the top of the soil dry first."
    bo.frame.get_by_role("button", name="View leaf.jpg").click()
    expect(bo.frame.get_by_role("dialog", name="Images")).to_be_visible()
    bo.presses("Escape")
    expect(bo.frame.get_by_role("dialog", name="Images")).to_be_hidden()
    expect(bo.frame.get_by_role("button", name="Close chat")).to_be_visible()  # Escape closed the picture alone


def test_a_closed_door(people: Company) -> None:
    dora, rosa = people.customer(), people.agent("Rosa Delgado")
    dora.comes_with("Dora Voss", "You are all useless")
    expect(dora.frame.get_by_role("button", name="Leave queue")).to_be_visible()
    customer = one("select id from customer where name = 'Dora Voss'")
    assert customer is not None
    _asks(rosa, f"/api/customers/{customer['id']}/block", {"reason": "abuse"})
    dora.frame.get_by_role("button", name="New chat").click()
    dora.says("Let me in")
    expect(dora.frame.get_by_text("isn’t taking messages from here")).to_be_visible()
    dora.reads("Let me in")
    assert not violations(dora.page.frames[-1])
    dora.frame.get_by_role("button", name="Edit").click()
    expect(dora.composer).to_have_value("Let me in")


def _chat_of(name: str) -> dict[str, Any]:
    found = one(
        "select chat.state, chat.reply_by_email, customer.email from chat join customer on customer.id = chat.customer_id"
        " where customer.name = %s",
        (name,),
    )
    assert found is not None
    return found


def _chooses(customer: Customer, *files: tuple[str, str, bytes]) -> None:
    payload = [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
    customer.frame.locator("input[type=file]").set_input_files(payload)  # type: ignore[arg-type]


def _answers_with_a_file(agent: Agent) -> None:
    agent.page.locator("section[aria-label^='Conversation with'] input[type=file]").set_input_files(
        {"name": "care-card.txt", "mimeType": "text/plain", "buffer": b"Let the top of the soil dry first."}
    )
    agent.says("Our card for it")
    agent.reads("Our card for it")


def _asks(agent: Agent, path: str, body: dict[str, Any]) -> None:
    """As the agent's own page would."""
    csrf = agent.page.request.get(f"{agent.stage.url}/api/session").json()["csrf_token"]
    headers = {"X-CSRF-Token": csrf, "Idempotency-Key": "a-door-is-closed"}
    answer = agent.page.request.post(f"{agent.stage.url}{path}", data=body, headers=headers)
    assert answer.ok, answer.text()


def _picture() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 140, 80)).save(drawn, "JPEG")
    return drawn.getvalue()
