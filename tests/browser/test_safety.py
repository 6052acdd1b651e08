"""What people write stays what they wrote, and the widget listens to nobody but its own page."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Locator, expect

from models.actions import customers, visitors
from models.db import one
from models.queries import access
from tests.browser.payloads import PAYLOADS, TRAPS, is_clean, shows_all
from tests.browser.people import Company
from tests.browser.stage import SITE_KEY, Stage, colleague, wait_for
from tests.support.people import Customer as StoredCustomer
from tests.support.people import make_customer

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data]

NAME_LENGTH = 80


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    return quiet_desk


def test_payloads_are_names_and_messages_in_the_queue(people: Company) -> None:
    for payload in PAYLOADS:
        make_customer(payload[:NAME_LENGTH]).says(payload)
    isla = people.agent()
    isla.context.add_init_script(TRAPS)
    isla.signs_in("Isla Campbell")
    isla.looks_at("Queue")
    expect(isla.rows).to_have_count(len(PAYLOADS))
    shows_all(isla.page.get_by_role("tabpanel"), [payload[:NAME_LENGTH] for payload in PAYLOADS])
    isla.rows.first.get_by_role("link").click()
    expect(isla.conversation).to_be_visible()
    is_clean(isla.page.locator("#app"))


def test_payloads_are_words_for_both_sides_and_in_history(people: Company, desk: Stage) -> None:
    token, customer = comes_back_later("Ben Carter")
    customer.says("Hello")
    maya = colleague("Maya Lindholm")
    maya.takes(customer.chat)
    for payload in PAYLOADS:
        customer.says(payload)
        maya.says(customer.chat, f"You wrote {payload}")
        maya.notes(customer.chat, f"Ben wrote {payload}")

    agent = people.agent()
    agent.context.add_init_script(TRAPS)
    agent.signs_in("Maya Lindholm")
    agent.looks_at("Mine")
    agent.row("Ben Carter").get_by_role("link").click()
    agent.is_in_chat_with("Ben Carter")
    shows_from_the_beginning(agent.log, "Hello")
    shows_all(agent.log, [words for each in PAYLOADS for words in (each, f"You wrote {each}", f"Ben wrote {each}")])
    shows_all(agent.page.get_by_role("complementary"), [f"Ben wrote {PAYLOADS[-1]}"])

    ben = people.stranger()
    ben.expects("favicon.ico")  # a frame has none; only here is it a page of its own
    ben.context.add_init_script(TRAPS + f"localStorage['parley:{SITE_KEY}:token'] = {json.dumps(token)}")
    ben.page.goto(f"{desk.url}/w/frame?key={SITE_KEY}")
    log = ben.page.get_by_role("log")
    shows_from_the_beginning(log, "Hello")
    shows_all(log, [words for each in PAYLOADS for words in (each, f"You wrote {each}")])

    maya.ends(customer.chat, "other", f"He wrote {PAYLOADS[0]}{PAYLOADS[7]}")
    customer.rates(5, f"I wrote {PAYLOADS[12]}")
    agent.page.goto(f"{desk.url}/history/{customer.chat}")
    transcript = agent.page.locator("section.transcript")
    expect(transcript).to_contain_text(f"He wrote {PAYLOADS[0]}{PAYLOADS[7]}")
    expect(transcript).to_contain_text(f"I wrote {PAYLOADS[12]}")
    shows_all(transcript, [f"You wrote {PAYLOADS[-1]}", f"Ben wrote {PAYLOADS[-1]}"])


def test_payloads_typed_by_hand_are_words_too(people: Company) -> None:
    femi, cleo = people.agent("Femi Adebayo"), people.customer()
    for person in (femi, cleo):
        person.context.add_init_script(TRAPS)
    name = "<b onclick=alert(1)>Cleo</b>"
    cleo.comes_with(name, PAYLOADS[7])
    femi.starts(name)
    femi.says(PAYLOADS[12])
    cleo.reads(PAYLOADS[12])
    cleo.says(PAYLOADS[19])
    femi.reads(PAYLOADS[19])
    is_clean(femi.page.locator("#app"))
    is_clean(cleo.frame.locator("#app"))


def test_a_site_that_is_not_listed_cannot_embed_the_widget(people: Company, desk: Stage) -> None:
    page = f"<!doctype html><title>Elsewhere</title><iframe src='{desk.url}/w/frame?key={SITE_KEY}'></iframe>"
    somebody = people.stranger()
    somebody.expects("frame-ancestors")
    with elsewhere(page) as url:
        somebody.page.goto(url)
        somebody.page.wait_for_load_state("networkidle")
        [frame] = somebody.page.main_frame.child_frames
        assert frame.url.startswith("chrome-error:")
        assert frame.locator("#app").count() == 0


def test_a_strangers_frame_is_not_heard(people: Company) -> None:
    """An advertisement talks to the page it is on. The chat lies in a shadow tree, where it is not even found."""
    dora = people.customer()
    dora.comes_with("Dora Winter", "Hello")
    dora.composer.fill("I am still writing")
    words = [
        {"parley": "close"},
        {"parley": "unread", "count": 7},
        {"parley": "hidden", "page": "/"},
        {"parley": "shown", "page": "/", "focus": True},
    ]
    page = f"""<!doctype html><title>An advertisement</title><h1></h1><script>
      const others = [parent]  // and then every frame it finds: itself
      for (let i = 0; i < parent.length; i++) others.push(parent[i])
      for (const word of {json.dumps(words)}) for (const other of others) other.postMessage(word, '*')
      document.querySelector('h1').textContent = `Said to ${{others.length}}`
    </script>"""
    with elsewhere(page) as url:
        dora.page.evaluate(
            "url => document.body.append(Object.assign(document.createElement('iframe'), {src: url}))", url
        )
        expect(dora.page.frame_locator(f"iframe[src='{url}']").get_by_role("heading")).to_have_text("Said to 2")
    expect(dora.launcher).to_have_attribute("aria-expanded", "true")
    expect(dora.launcher.locator(".badge")).to_have_count(0)
    expect(dora.composer).to_be_focused()
    dora.presses("Enter")
    dora.reads("I am still writing")


def test_a_private_window_that_lets_frames_store_nothing_can_chat(people: Company, desk: Stage) -> None:
    enid, mateusz = people.customer(), people.agent("Mateusz Zieliński")
    enid.comes_to_shop(desk.far_shop_url)
    enid.opens_chat()
    with pytest.raises(Exception, match="Access is denied"):
        enid.page.frames[-1].evaluate("() => localStorage.length")
    enid.asks_first("Enid Frost", "Hello from a private window")
    mateusz.starts("Enid Frost")
    mateusz.says("Hello Enid.")
    enid.reads("Hello Enid.")


def test_whoever_breaks_a_rule_is_heard(people: Company, desk: Stage) -> None:
    """The watch over all these pages: it can fail a test."""
    somebody = people.stranger()
    somebody.page.goto(f"{desk.url}/gallery/")
    somebody.page.evaluate(
        """() => {
          document.body.append(Object.assign(document.createElement('img'), { src: 'http://evil.example/x.png' }))
          try { document.body.insertAdjacentHTML('beforeend', '<p>Not by a string</p>') } catch { /* reported */ }
          setTimeout(() => { throw new Error('slipped') })
          return fetch('/api/nothing')
        }"""
    )
    somebody.page.wait_for_timeout(200)
    heard = "\n".join(people.goes_home())
    for complaint in ("policy broken: img-src", "policy broken: require-trusted-types-for", "slipped", "status of 404"):
        assert complaint in heard


def comes_back_later(name: str) -> tuple[str, StoredCustomer]:
    """A customer of that name, and the token with which any browser is theirs."""
    channel = one("select id from channel where public_key = %s", (SITE_KEY,))
    assert channel is not None
    token, visitor = visitors.arrives(channel["id"], None)
    customers.introduces(visitor, name)
    return token, StoredCustomer(access.visitor_by_token_id(visitor.token_id) or visitor)


def shows_from_the_beginning(log: Locator, first: str) -> None:
    """Scroll up until the first word is there: older ones are fetched on the way."""

    def reached() -> bool:
        log.evaluate("log => log.scrollTo(0, 0)")
        older = log.get_by_role("button", name=re.compile("older|earlier"))
        if older.is_visible():
            older.click()
        return log.get_by_text(first, exact=True).count() > 0

    wait_for(reached, patience=30)


@contextmanager
def elsewhere(page: str) -> Iterator[str]:
    """A site that the desk has never heard of, with one page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode() if self.path == "/" else b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
