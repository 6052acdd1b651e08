"""The people of the browser tests, each at a browser of their own: what they do, and what they see.

Every page is watched. A script error, a report of the content policy or of Trusted Types,
a request to anybody outside, and every error in the console that the test has not announced with `expects` fails the test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    FrameLocator,
    Locator,
    Page,
    Request,
    expect,
)

from models.seeds.content import load
from tests.browser.stage import PASSWORD, Stage

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}

SIGNED_OUT = "status of 401"  # a console asks who it is before anybody has signed in
CUT_OFF = r"ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection to"

HERE = ("127.0.0.1", "localhost")

_TELL_OF_VIOLATIONS = """
addEventListener('securitypolicyviolation', event =>
  console.error(`policy broken: ${event.effectiveDirective} by ${event.blockedURI || event.sourceFile} ${event.sample}`))
"""


@dataclass
class Watch:
    """What went wrong on the pages of one person."""

    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=lambda: [SIGNED_OUT])

    def over(self, context: BrowserContext) -> None:
        context.add_init_script(_TELL_OF_VIOLATIONS)
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.complaints.append(f"script error: {error.error}"))
        context.on("request", self._asked)

    def unexpected(self) -> list[str]:
        return [each for each in self.complaints if not any(re.search(pattern, each) for pattern in self.expected)]

    def _asked(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme.startswith("http") and url.hostname not in HERE:
            self.complaints.append(f"asked outside: {request.url}")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")


class Person:
    """Somebody at a browser."""

    def __init__(self, stage: Stage, context: BrowserContext, watch: Watch) -> None:
        self.stage, self.context, self._watch = stage, context, watch
        self.page: Page = context.new_page()

    def expects(self, *patterns: str) -> None:
        """Errors that belong to what the test is about to do."""
        self._watch.expected += patterns

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def types(self, text: str) -> None:
        self.page.keyboard.type(text)


class Agent(Person):
    """Somebody of the team, at the console."""

    name = ""

    def signs_in(self, name: str) -> None:
        self.name = name
        [email] = [agent["email"] for agent in load("agents") if agent["name"] == name]
        self.page.goto(self.stage.url)
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        # Who comes without an address is led to a list as soon as there is something to choose by.
        expect(self.page).to_have_url(re.compile("/inbox/"))

    def opens_second_tab(self) -> Agent:
        """The same browser, so the same sign-in."""
        other = Agent(self.stage, self.context, self._watch)
        other.name = self.name
        other.page.goto(self.page.url)
        return other

    def looks_at(self, which: str) -> None:
        self.page.get_by_role("tab", name=which).click()

    @property
    def rows(self) -> Locator:
        return self.page.get_by_role("tabpanel").get_by_role("listitem")

    def row(self, customer: str) -> Locator:
        return self.rows.filter(has_text=customer)

    def starts(self, customer: str) -> None:
        """Press the button in the queue, and be in the conversation."""
        self.looks_at("Queue")
        self.row(customer).get_by_role("button", name="Start chat").click()
        self.is_in_chat_with(customer)

    def is_in_chat_with(self, customer: str) -> None:
        expect(self.conversation).to_have_attribute("aria-label", f"Conversation with {customer}")
        expect(self.composer).to_be_visible()

    @property
    def conversation(self) -> Locator:
        return self.page.locator("section[aria-label^='Conversation with']")

    @property
    def log(self) -> Locator:
        return self.conversation.get_by_role("log")

    @property
    def composer(self) -> Locator:
        return self.conversation.get_by_role("textbox", name=re.compile("Reply to|Internal note"))

    def entry(self, text: str) -> Locator:
        """The one entry of the log with these words."""
        return self.log.get_by_role("listitem").filter(has_text=text)

    def says(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")

    def notes(self, text: str) -> None:
        self.conversation.get_by_role("tab", name="Note").click()
        self.says(text)
        self.conversation.get_by_role("tab", name="Reply").click()

    def reads(self, text: str) -> None:
        expect(self.entry(text)).to_have_count(1)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)


class Customer(Person):
    """Somebody in the shop, with the widget in its corner."""

    name = ""

    def comes_to_shop(self, url: str | None = None) -> None:
        self.page.goto(url or self.stage.shop_url)
        expect(self.launcher).to_be_visible()

    @property
    def launcher(self) -> Locator:
        return self.page.locator("#parley button.launch")

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("#parley iframe")

    def opens_chat(self) -> None:
        self.launcher.click()
        expect(self.frame.get_by_role("button", name="Close chat")).to_be_visible()

    def closes_chat(self) -> None:
        self.frame.get_by_role("button", name="Close chat").click()
        expect(self.launcher).to_have_attribute("aria-expanded", "false")

    def asks_first(self, name: str, question: str) -> None:
        """The form before the chat, and what is asked in it."""
        self.name = name
        self.frame.get_by_role("button", name="Send us a message").click()
        self.frame.get_by_label("Name").fill(name)
        self.frame.get_by_label("Your message").fill(question)
        self.frame.get_by_role("button", name="Start chat").click()
        expect(self.said(question)).to_have_count(1)

    def comes_with(self, name: str, question: str) -> None:
        self.comes_to_shop()
        self.opens_chat()
        self.asks_first(name, question)

    @property
    def composer(self) -> Locator:
        return self.frame.get_by_role("textbox", name="Write a message")

    @property
    def log(self) -> Locator:
        return self.frame.get_by_role("log")

    @property
    def bubbles(self) -> Locator:
        return self.log.locator(".said, .unsent")

    def said(self, text: str) -> Locator:
        """What stands in the log with these words, whoever said it."""
        return self.bubbles.filter(has_text=text)

    def says(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")

    def reads(self, text: str) -> None:
        expect(self.said(text)).to_have_count(1)

    def reads_event(self, text: str) -> None:
        """What the desk says by itself, in the middle of the log; the newest with these words."""
        expect(self.log.locator(".event").filter(has_text=text).last).to_be_visible()


class Company:
    """Everybody in one test. Opens their browsers, and at the end looks at what went wrong in them."""

    def __init__(self, stage: Stage, browser: Browser) -> None:
        self._stage, self._browser = stage, browser
        self._met: list[tuple[BrowserContext, Watch]] = []

    def agent(self, name: str | None = None, **options: Any) -> Agent:
        """At the sign-in page, or signed in if named."""
        agent = Agent(self._stage, *self._context(options))
        if name is not None:
            agent.signs_in(name)
        return agent

    def customer(self, **options: Any) -> Customer:
        return Customer(self._stage, *self._context(options))

    def meet(self, agent: str, customer: str) -> tuple[Agent, Customer]:
        """A customer in the shop and one of the team at the console, in a chat of their own."""
        asks, answers = self.customer(), self.agent(agent)
        asks.comes_with(customer, f"Hello, this is {customer}.")
        answers.starts(customer)
        expect(asks.frame.get_by_role("heading", name=agent)).to_be_visible()
        return answers, asks

    def stranger(self, **options: Any) -> Person:
        """Somebody who looks at any page at all."""
        return Person(self._stage, *self._context(options))

    def _context(self, options: dict[str, Any]) -> tuple[BrowserContext, Watch]:
        context = self._browser.new_context(**{"viewport": DESKTOP, "color_scheme": "light", **options})
        context.set_default_timeout(20_000)
        watch = Watch()
        watch.over(context)
        self._met.append((context, watch))
        return context, watch

    def pictures(self, folder: Path) -> None:
        """What every page shows now, for whoever looks into a failure."""
        pages = [page for context, _ in self._met for page in context.pages]
        for number, page in enumerate(pages, start=1):
            with suppress(Error):
                page.screenshot(path=folder / f"{number}.png")

    def goes_home(self) -> list[str]:
        """Close every browser. Returns what nobody had expected."""
        unexpected = []
        for context, watch in self._met:
            unexpected += watch.unexpected()
            context.close()
        self._met.clear()
        return unexpected


@contextmanager
def company(stage: Stage, browser: Browser) -> Iterator[Company]:
    everybody = Company(stage, browser)
    try:
        yield everybody
    finally:
        unexpected = everybody.goes_home()
    assert not unexpected, "\n".join(["The browsers complained:", *unexpected])
