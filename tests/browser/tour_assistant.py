"""The tour through what the bot knows, what it failed on, and what customers are told about it."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import ViewportSize, expect

from models.db import one
from tests.browser.people import Company
from tests.browser.stage import Stage, wait_for
from tests.browser.tour import Stop


def assistant(people: Company, stage: Stage, size: ViewportSize) -> Iterator[Stop]:
    """Services and articles, failed responses, broadcasts."""
    page = people.agent("Isla Campbell", viewport=size, reduced_motion="reduce").page
    for noun, one_of_them in (("services", "Name"), ("articles", "Title")):
        page.goto(f"{stage.url}/{noun}")
        first = page.locator("main").get_by_role("link").filter(has=page.locator("strong")).first
        yield Stop(noun, page, first)
        first.click()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        yield Stop(f"{noun}-one", page, page.get_by_role("textbox", name=one_of_them, exact=True))
        page.goto(f"{stage.url}/{noun}/new")
        yield Stop(f"{noun}-new", page, page.get_by_role("textbox", name=one_of_them, exact=True))
    wait_for(lambda: one("select 1 from cluster where status = 'open'"))  # a worker reads the demo's questions first
    for view in ("groups", "questions", "proposals", "figures"):
        page.goto(f"{stage.url}/failures?view={view}")
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        yield Stop(f"failures-{view}", page, page.get_by_role("heading", name="Failed responses", level=1))
    page.goto(f"{stage.url}/broadcasts")
    yield Stop("broadcasts", page, page.get_by_role("heading", name="Broadcasts", level=1))
    page.goto(f"{stage.url}/broadcasts/new")
    yield Stop("broadcasts-new", page, page.get_by_role("textbox", name="Message"))
