"""The tour of the settings: every page, and what is opened on it. Nothing is saved."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, ViewportSize, expect

from models.db import one, rows, run
from tests.browser.people import PHONE, Company
from tests.browser.stage import Stage
from tests.browser.tour import Stop, whatsapp

PAGES = {
    "canned": "Canned messages", "notifications": "Notifications", "desk": "Desk", "channels": "Channels",
    "assignment": "Assignment and limits",
    "bot": "Bot & failed responses", "timing": "Timing", "escalations": "Escalations", "hours": "Opening hours",
    "teams": "Teams", "agents": "Agents", "routing": "Routing rules",
    "end-reasons": "End reasons", "tags": "Tags", "attributes": "Customer attributes",
    "api-keys": "API keys", "webhooks": "Webhooks", "blocked": "Blocked people",
    "keeping": "Retention & erasure",     "audit": "Audit",
}  # fmt: skip


def settings(people: Company, stage: Stage, size: ViewportSize) -> Iterator[Stop]:
    """An admin goes through all of it; somebody without the right to sees that, and whom to ask."""
    rosa = people.agent("Rosa Delgado", viewport=size, reduced_motion="reduce")
    page = rosa.page
    if size == PHONE:
        page.goto(f"{stage.url}/settings")
        yield Stop("settings-list", page, page.get_by_role("heading", name="Settings"))
    for name, title in PAGES.items():
        goes_to(page, stage, name)
        yield Stop(f"settings-{name}", page, page.get_by_role("heading", name=title, level=1))
    priya = people.agent("Priya Raman", viewport=size, reduced_motion="reduce")
    priya.page.goto(f"{stage.url}/settings/audit")
    yield Stop("settings-forbidden", priya.page, priya.page.get_by_text("Audit isn’t part of your role"))


def forms(people: Company, stage: Stage, size: ViewportSize) -> Iterator[Stop]:
    """What the pages open: one thing of a list, a form that is wrong, a rule that is tried, and the dialogs."""
    page = people.agent("Rosa Delgado", viewport=size, reduced_motion="reduce").page
    _listen()
    _lose()
    for name in ("teams", "agents", "canned", "webhooks", "channels"):
        goes_to(page, stage, name)
        page.get_by_role("row").get_by_role("link").last.click()  # the first channel is the website
        rests(page)
        yield Stop(f"settings-{name}-one", page, page.get_by_role("heading", level=1))
    page.get_by_role("row").get_by_role("button", name="hello_again").click()
    yield Stop("settings-channels-template", page, page.get_by_role("dialog").get_by_role("figure"))
    page.keyboard.press("Escape")
    goes_to(page, stage, "channels")
    page.get_by_role("row").get_by_role("link").first.click()
    rests(page)
    yield Stop("settings-channels-website", page, page.get_by_role("heading", name="Websites"))
    goes_to(page, stage, "hours")
    page.get_by_role("radio", name="At set hours").check()
    page.get_by_label("Monday, opens").fill("19:00")
    page.get_by_role("button", name="Add a holiday").click()
    yield Stop("settings-hours-set", page, page.get_by_text("The end must come after the start."))
    page.get_by_role("button", name="Discard").click()
    goes_to(page, stage, "desk")
    page.get_by_role("textbox", name="Brand colour", exact=True).fill("#12")
    page.get_by_role("textbox", name="Name of the desk").fill("")
    page.get_by_role("button", name="Save").click()
    yield Stop("settings-desk-wrong", page, page.get_by_text("This can’t be empty."))
    page.get_by_role("button", name="Discard").click()
    goes_to(page, stage, "routing")
    page.get_by_role("button", name="Add a rule").first.click()
    page.get_by_label("Name of the rule").fill("Money first")
    page.get_by_label("Compare with").fill("charged twice, refund")
    page.get_by_label("First message").fill("I was charged twice this month")
    page.get_by_role("button", name="Try").click()
    yield Stop("settings-routing-rule", page, page.get_by_role("region", name="Try it").get_by_role("listitem").first)
    page.get_by_role("button", name="Discard").click()
    yield from _dialogs(page, stage)


def _listen() -> None:
    """A webhook with something in its log, and a key that is in use: no page of the console makes those by being looked at."""
    if one("select 1 as yes from webhook"):
        return
    hook = rows(
        "insert into webhook (name, url, secret, secret_tail, events, failures, failing_since, last_at)"
        " values ('Warehouse', 'https://warehouse.example/hooks/parley', '', 'x9k=', '{chat.started,chat.ended,failure.created}',"
        " 2, clock_timestamp(), clock_timestamp() - interval '1 hour') returning id"
    )[0]["id"]
    for state, status, fault, attempts in (
        ("sent", 200, None, 1), ("dead", 500, None, 6), ("waiting", None, "timeout", 2), ("waiting", None, None, 0),
    ):  # fmt: skip
        run(
            "insert into webhook_delivery (webhook_id, event, event_id, state, status, fault, attempts, took_ms, settled_at, due_at)"
            " values (%(hook)s, 'chat.ended', %(state)s || %(tries)s, %(state)s, %(status)s, %(fault)s, %(tries)s, 87,"
            " case when %(state)s = 'waiting' then null else clock_timestamp() end, clock_timestamp() + interval '1 hour')",
            {"hook": hook, "state": state, "status": status, "fault": fault, "tries": attempts},
        )
    for name, ended in (("CRM", None), ("Old importer", "2026-01-01T00:00:00Z")):
        run(
            "insert into api_key (name, prefix, token_hash, scopes, agent_id, last_used_at, revoked_at)"
            " select %(name)s, 'parley_Zk3f9a', %(name)s, '{chats:read,customers:read,customers:write}', min(id),"
            " clock_timestamp(), %(ended)s::timestamptz from agent",
            {"name": name, "ended": ended},
        )


def _lose() -> None:
    """Something whose last word in WhatsApp may or may not have arrived."""
    number = whatsapp()
    if one("select 1 as yes from delivery where channel_id = %s", (number,)):
        return
    run(
        "insert into delivery (message_id, chat_id, channel_id, pub_seq, state, error, settled_at)"
        " select m.id, m.chat_id, %s, m.pub_seq, 'unknown', 'The connection was reset.', clock_timestamp()"
        " from message m join chat c on c.id = m.chat_id where c.state = 'ended' and m.author_kind = 'agent'"
        " and m.kind = 'text' and m.pub_seq is not null order by m.id limit 1",
        (number,),
    )


def _dialogs(page: Page, stage: Stage) -> Iterator[Stop]:
    for name, button in (
        ("agents", "Add an agent"), ("end-reasons", "Add a reason"), ("tags", "Add a tag"), ("tags", "Merge Praise into another"),
        ("attributes", "Add an attribute"), ("keeping", "Add rule"), ("api-keys", "New key"), ("webhooks", "New webhook"),
        ("channels", "Connect a channel"),
    ):  # fmt: skip
        goes_to(page, stage, name)
        page.get_by_role("button", name=button).first.click()
        yield Stop(
            f"settings-{name}-{button.split()[0].lower()}", page, page.get_by_role("dialog").get_by_role("heading")
        )
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
    goes_to(page, stage, "canned")
    page.get_by_role("button", name="Import and export").click()
    page.get_by_role("menuitem", name="Import…").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("shortcut,title,body\nHello World,,")
    page.get_by_role("dialog").get_by_role("button").last.click()
    yield Stop(
        "settings-canned-import", page, page.get_by_role("dialog").get_by_role("status").get_by_role("listitem").first
    )
    page.keyboard.press("Escape")


def goes_to(page: Page, stage: Stage, name: str) -> None:
    page.goto(f"{stage.url}/settings/{name}")
    expect(page.get_by_role("heading", name=PAGES[name], level=1)).to_be_visible()
    rests(page)


def rests(page: Page) -> None:
    """Nothing is on its way any more."""
    expect(page.locator(".skeleton, [aria-busy=true]")).to_have_count(0)
