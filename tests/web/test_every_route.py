"""What must be true of every address there is, walked from the address table itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from tests.support import front as code
from tests.support.world import CHANNEL_KEY, SITE, fingerprint

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


@dataclass(frozen=True)
class Route:
    method: str
    rule: str
    caller: str  # anybody, visitor, agent

    def path(self, chat_id: int = 1) -> str:
        path = self.rule.replace("<path:name>", "a.js").replace("<path:page>", "queue")
        return re.sub("<[a-z]+>", "x", re.sub("<int:[a-z_]+>", str(chat_id), path))

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def routes() -> Iterator[Route]:
    app = code.application()
    for rule in app.url_map.iter_rules():
        caller = app.view_functions[rule.endpoint].declared_who.kind
        yield from (Route(method, rule.rule, caller) for method in sorted(rule.methods - {"OPTIONS"}))


@pytest.fixture(scope="module")
def every_route(settings) -> list[Route]:
    return list(routes())


@pytest.fixture
def unsafe_of_agents(every_route) -> list[Route]:
    found = [route for route in every_route if route.caller == "agent" and route.method in UNSAFE]
    assert len(found) >= 10
    return found


# --- requests from other sites ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "code_of_refusal"),
    [
        ({"X-CSRF-Token": ""}, "csrf"),
        ({"X-CSRF-Token": "0" * 64}, "csrf"),
        ({"X-CSRF-Token": "é"}, "csrf"),
        ({"Origin": "https://evil.example"}, "bad_origin"),
        ({"Origin": "null"}, "bad_origin"),
        ({"Origin": "http://127.0.0.1.evil.example"}, "bad_origin"),
    ],
    ids=str,
)
def test_no_other_site_can_make_an_agents_browser_act(house, unsafe_of_agents, headers, code_of_refusal) -> None:
    chat_id = house.world.waiting()
    console = house.console(house.world.colleague(role="admin"))
    console.get("/api/session")
    before = fingerprint()
    sent = {name: value.encode() for name, value in headers.items()}
    for route in unsafe_of_agents:
        answer = console.request(route.method, route.path(chat_id), {}, headers=sent)
        assert (answer.status_code, answer.json()["code"]) == (403, code_of_refusal), str(route)
    assert fingerprint() == before


def test_a_csrf_token_belongs_to_one_session(house) -> None:
    ada = house.world.colleague()
    other = house.console(house.world.sign_in_again(ada)).get("/api/session").json()["csrf_token"]
    answer = house.console(ada).post("/api/ticket", headers={"X-CSRF-Token": other})
    assert answer.status_code == 403


def test_only_what_proves_itself_otherwise_is_unsafe_and_open(every_route) -> None:
    """Signing in carries a password, a widget's session an allowed site, a provider's call its signature, a link in a
    letter or a broadcast its token; visitors one that no form can send."""
    found = {str(route) for route in every_route if route.caller == "anybody" and route.method in UNSAFE}
    assert found == {
        "POST /api/session",
        "POST /api/visitor/session",
        "POST /hooks/<kind>/<key>",
        "POST /confirm/<token>",
        "POST /stop/<token>",
    }


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])
def test_a_form_of_another_site_is_not_read(house, kind) -> None:
    """Only JSON is a body: a plain form, which needs no preflight, says nothing to us."""
    url, body = house.front.url, b'{"email": "orders.agent@desk.example", "password": "x"}'
    answer = requests.post(f"{url}/api/session", data=body, headers={"Content-Type": kind}, timeout=10)
    assert answer.status_code in (400, 415, 422)


def test_the_widgets_session_is_opened_from_its_own_sites_only(house, limits_forgotten) -> None:
    def opened(origin: str | None) -> int:
        headers = {"Origin": origin} if origin is not None else {}
        answer = requests.post(
            f"{house.front.url}/api/visitor/session", json={"key": CHANNEL_KEY}, headers=headers, timeout=10
        )
        return answer.status_code

    assert [opened(origin) for origin in (SITE, house.front.url)] == [200, 200]
    assert [opened(origin) for origin in ("https://evil.example", "null", f"{SITE}.evil.example")] == [404] * 3


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"{SITE}.evil.example", SITE.replace("https", "http")]
)
def test_no_other_site_reads_an_answer(house, every_route, origin) -> None:
    console = house.console()
    for route in every_route:
        if route.method == "GET":
            answer = console.get(route.path(), params={"key": CHANNEL_KEY}, headers={"Origin": origin})
            assert "Access-Control-Allow-Origin" not in answer.headers, str(route)
            assert "Access-Control-Allow-Credentials" not in answer.headers, str(route)


# --- reading changes nothing ------------------------------------------------------------------------------


def test_reading_changes_nothing(house, every_route) -> None:
    world, guest = house.world, house.world.guest()
    owner = world.colleague(role="supervisor")
    chat_id = world.active(owner, guest)
    console, widget = house.console(owner), house.widget(guest)
    before = fingerprint()
    for route in every_route:
        if route.method in ("GET", "HEAD"):
            for browser in (console, widget):
                answer = browser.request(
                    route.method,
                    route.path(chat_id),
                    params={"key": CHANNEL_KEY, "chat_id": chat_id} if route.caller != "agent" else {},
                    headers={"X-HTTP-Method-Override": "DELETE", "X-CSRF-Token": console.csrf},
                )
                assert answer.status_code < 500, f"{route}: {answer.text}"
    assert fingerprint() == before


def test_a_method_an_address_does_not_take_is_refused(house, every_route) -> None:
    taken = {(route.method, route.rule) for route in every_route}
    console = house.console()
    for rule in {route.rule for route in every_route if route.rule.startswith("/api/")}:
        for method in UNSAFE - {known for known, its in taken if its == rule}:
            answer = console.request(method, Route(method, rule, "").path(), {})
            assert answer.status_code == 405, f"{method} {rule}"
            assert answer.json()["code"] == "method_not_allowed"
            assert answer.headers["Allow"]


# --- headers ----------------------------------------------------------------------------------------------


def assert_safe(answer: requests.Response, about: str) -> None:
    headers = answer.headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'", about
    assert policy["frame-ancestors"].startswith(("'none'", "'self'")), about
    assert "unsafe-" not in headers["Content-Security-Policy"], about
    assert "*" not in headers["Content-Security-Policy"], about
    assert headers["X-Content-Type-Options"] == "nosniff", about
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin", about
    assert headers["Cross-Origin-Opener-Policy"] in ("same-origin", "unsafe-none"), about
    assert headers["Cross-Origin-Resource-Policy"] in ("same-origin", "cross-origin"), about
    assert "camera=()" in headers["Permissions-Policy"], about
    assert "Server" not in headers or "Werkzeug" not in headers["Server"], about
    if "json" in headers.get("Content-Type", ""):
        assert headers["Content-Type"] == "application/json; charset=utf-8", about


def test_every_answer_of_every_route_carries_the_headers_of_safety(house, every_route) -> None:
    world, guest = house.world, house.world.guest()
    owner = world.colleague(role="supervisor")
    chat_id = world.active(owner, guest)
    nobody, console, widget = requests.Session(), house.console(owner), house.widget(guest)
    for route in every_route:
        path = route.path(chat_id)
        answers = [
            nobody.request(route.method, house.front.url + path, timeout=10),
            console.request(route.method, path) if str(route) != "DELETE /api/session" else None,
            widget.request(route.method, path, {} if route.method in UNSAFE else None),
        ]
        for answer in filter(None, answers):
            assert_safe(answer, f"{route} → {answer.status_code}")
            assert answer.status_code < 500, f"{route}: {answer.text}"
            if route.caller in ("agent", "visitor"):
                assert answer.headers["Cache-Control"] == "no-store", str(route)
    nobody.close()


@pytest.mark.parametrize(
    "path",
    ["/api/nothing", "/nothing.php", "/assets/..%2f..%2f..%2fpages.py", "/w/%2e%2e%2f%2e%2e%2fapp.py", "/w/none.js"],
)
def test_what_is_not_there_is_not_there_safely(house, path) -> None:
    answer = house.console().get(path)
    assert answer.status_code == 404
    assert_safe(answer, path)


def test_too_large_a_body_is_refused_before_it_is_read(house) -> None:
    answer = house.console().post("/api/chats/1/messages", {"body": "x" * (256 * 1024 + 1)})
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"
    assert_safe(answer, "413")


def test_our_own_pages_take_scripts_from_nowhere_else(settings) -> None:
    code.application()
    from web.hooks import page_csp

    policy = page_csp("'none'")
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "object-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy


def test_the_frame_is_shown_by_the_channels_own_sites_alone(house) -> None:
    known = requests.get(f"{house.front.url}/w/frame", params={"key": CHANNEL_KEY}, timeout=10)
    unknown = requests.get(f"{house.front.url}/w/frame", params={"key": "no-such-channel"}, timeout=10)
    assert unknown.status_code == 404
    if known.status_code == 200:  # the front end is built
        assert f"frame-ancestors 'self' {SITE};" in known.headers["Content-Security-Policy"]
