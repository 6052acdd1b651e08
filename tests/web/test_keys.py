"""Keys of other programs: the same decisions as for people, no more than their scopes, and nothing beside them counts."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from models.actions import accounts, api_keys
from models.db import one, run
from models.queries.api_keys import LENDS
from models.rules.scopes import SCOPES
from tests.support import front as code
from tests.support.clients import House
from tests.support.world import Colleague, World


class Program:
    """Another program, with a key and nothing else."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.headers = url, {"Authorization": f"Bearer {token}"}

    def request(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        return requests.request(method, self.url + path, json=body, headers=headers, timeout=10, **more)

    def code(self, method: str, path: str, body: Any = None, **more: Any) -> str:
        answer = self.request(method, path, body, **more)
        return "ok" if answer.status_code < 300 else str(answer.json()["code"])


def made(world: World, *scopes: str, acts_for: Colleague | None = None, **more: Any) -> tuple[int, str]:
    admin = world.colleague(role="admin").viewer
    holder = acts_for or world.colleague(role="supervisor")
    return api_keys.make(admin, name="CRM", scopes=scopes, agent_id=holder.id, **more)


@pytest.fixture
def key(house: House, limits_forgotten: None):
    return lambda *scopes, **more: Program(house.front.url, made(house.world, *scopes, **more)[1])


# What each scope opens, tried on a chat that is there: everything else is refused for want of a scope.
TRIED: dict[str, list[tuple[str, str, Any]]] = {
    "chats:read": [
        ("GET", "/api/chats?list=queue", None),
        ("GET", "/api/chats/{chat}", None),
        ("GET", "/api/chats/{chat}/messages", None),
        ("GET", "/api/chats/{chat}/transcript", None),
        ("GET", "/api/history", None),
        ("GET", "/api/search?q=anybody", None),
        ("GET", "/api/tags", None),
        ("GET", "/api/promises", None),
    ],
    "chats:write": [
        ("PUT", "/api/chats/{chat}/tags", {"tag_ids": []}),
        ("POST", "/api/chats/{chat}/messages", {"client_id": "0123456789abcdef", "body": "Hm.", "internal": True}),
        ("POST", "/api/chats/{chat}/start", {}),
    ],
    "customers:read": [("GET", "/api/customers/{customer}", None)],
    "customers:write": [("PATCH", "/api/customers/{customer}", {"name": "Ada"})],
    "knowledge:read": [("GET", "/api/services", None), ("GET", "/api/articles/export", None)],
    "knowledge:write": [("POST", "/api/articles", {"title": "Gifts", "body": "From ten pounds."})],
    "failures:read": [("GET", "/api/failures", None), ("GET", "/api/clusters", None)],
    "failures:write": [("POST", "/api/failures/examples/check", {"service_id": None, "failure_ids": []})],
    "broadcasts:read": [("GET", "/api/broadcasts", None)],
    "broadcasts:send": [("POST", "/api/broadcasts/list", {"text": "1"})],
    "reports:read": [("GET", "/api/escalations/report", None), ("GET", "/api/escalations/report.csv", None)],
}
PEOPLE_ONLY = [
    ("GET", "/api/session", None),
    ("POST", "/api/ticket", {}),
    ("GET", "/api/api-keys", None),
    ("POST", "/api/api-keys", {"name": "More", "scopes": ["chats:read"]}),
    ("POST", "/api/webhooks", {"name": "X", "url": "https://x.example/", "events": ["chat.ended"]}),
    ("GET", "/api/agents", None),
    ("PATCH", "/api/desk", {"agent_limit": 4}),
    ("GET", "/api/audit", None),
    ("POST", "/api/exports", {"what": "chats"}),
    ("POST", "/api/customers/{customer}/erase", {"reason": "Because."}),
    ("PUT", "/api/me/presence", {"status": "online"}),
    ("GET", "/api/views", None),
]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_opens_what_is_its_own_and_nothing_else(house, key, scope) -> None:
    world = house.world
    ours = world.colleague(role="supervisor")
    world.arrive(ours)
    guest = world.guest()
    chat_id = world.waiting(guest)
    program = key(scope, acts_for=ours)
    for other, requests_of in {**TRIED, "": PEOPLE_ONLY}.items():
        for method, path, body in requests_of:
            said = program.code(method, path.format(chat=chat_id, customer=guest.id), body)
            if other != scope:
                assert said == "scope", f"{method} {path}"
            else:
                assert said not in ("scope", "forbidden", "signed_out", "bad_key", "csrf", "not_found"), (
                    f"{method} {path}: {said}"
                )


def test_every_address_is_open_to_a_scope_that_is_tried_or_to_people_alone() -> None:
    """A new address is closed to keys until somebody decides which scope opens it."""
    from web.scopes import ADDRESSES, NOUNS, needed

    app = code.application()
    agents = [
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        if app.view_functions[rule.endpoint].declared_who.kind == "agent"
        for method in rule.methods - {"HEAD", "OPTIONS"}
    ]
    assert {needed(*each) for each in agents} == {*SCOPES, None}
    assert set(LENDS) == set(SCOPES) == set(TRIED)
    names = {endpoint for endpoint, _ in agents}
    assert set(ADDRESSES) <= names, "an exception for an address that is not there"
    assert set(NOUNS) <= {name.partition(".")[0] for name in names}
    closed = {name.partition(".")[0] for name in names} - set(NOUNS)
    assert closed == {
        *("session", "admin", "desk", "exports", "keeping", "routing", "mentions", "canned", "bot", "uploads"),
        *("integrations", "channels"),
    }


def test_a_key_may_no_more_than_its_account(house, key) -> None:
    world = house.world
    foreign = world.waiting(team="Billing")
    for role, said in (("agent", "not_found"), ("supervisor", "ok")):
        program = key("chats:read", acts_for=world.colleague(role=role))
        assert program.code("GET", f"/api/chats/{foreign}") == said
    by_agent = key(*SCOPES, acts_for=world.colleague())
    assert by_agent.code("POST", f"/api/chats/{world.waiting()}/takeover") == "forbidden"
    assert by_agent.code("GET", "/api/broadcasts") == "forbidden"
    by_analyst = key("chats:write", acts_for=world.colleague(role="analyst"))
    assert by_analyst.code("POST", f"/api/chats/{world.waiting()}/start") == "forbidden"


def test_what_a_key_does_is_its_accounts_and_the_audit_names_the_key(house, key) -> None:
    ours = house.world.colleague(role="supervisor")
    program = key("knowledge:write", acts_for=ours)
    made_one = program.request("POST", "/api/articles", {"title": "Gifts", "body": "From ten pounds."})
    assert made_one.status_code == 201, made_one.text
    noted = one("select agent_id, agent_name from audit_entry where target = 'article'")
    assert noted == {"agent_id": ours.id, "agent_name": f"{ours.name} (key: CRM)"}


def test_a_revoked_key_opens_nothing_from_then_on(house, limits_forgotten) -> None:
    number, token = made(house.world, "chats:read")
    program, admin = Program(house.front.url, token), house.console(house.world.colleague(role="admin"))
    assert program.code("GET", "/api/history") == "ok"
    (shown,) = admin.get("/api/api-keys").json()["items"]
    assert (shown["state"], shown["last_used_at"] is not None) == ("on", True)
    assert admin.request("DELETE", f"/api/api-keys/{number}").json()["items"][0]["state"] == "revoked"
    assert program.code("GET", "/api/history") == "bad_key"
    assert admin.request("DELETE", f"/api/api-keys/{number}").status_code == 200


@pytest.mark.parametrize("how", ["expired", "account disabled", "role lowered"])
def test_a_key_ends_with_its_time_and_with_its_account(house, limits_forgotten, how) -> None:
    world = house.world
    ours = world.colleague(role="supervisor")
    number, token = made(world, "broadcasts:read", acts_for=ours)
    program, admin = Program(house.front.url, token), world.colleague(role="admin").viewer
    assert program.code("GET", "/api/broadcasts") == "ok"
    if how == "expired":
        run("update api_key set expires_at = clock_timestamp() where id = %s", (number,))
    elif how == "account disabled":
        accounts.change(admin, ours.id, disabled=True)
    else:
        accounts.change(admin, ours.id, role="agent")
    assert program.code("GET", "/api/broadcasts") == ("forbidden" if how == "role lowered" else "bad_key")


def test_a_key_is_judged_alone_whatever_cookie_comes_with_it(house, key) -> None:
    """No mixing: a good cookie saves no bad key, and a key needs no CSRF token, for no browser sends one by itself."""
    admin = house.world.colleague(role="admin")
    bad = Program(house.front.url, "parley_not_a_key")
    cookie = {"parley": admin.token}
    assert bad.code("GET", "/api/history", cookies=cookie) == "bad_key"
    weak = key("chats:read")
    assert weak.code("GET", "/api/agents", cookies=cookie) == "scope"
    strong = key("knowledge:write")
    body = {"title": "Gifts", "body": "From ten pounds."}
    assert strong.code("POST", "/api/articles", body, headers={"Origin": "https://elsewhere.example"}) == "ok"
    bare = requests.post(f"{house.front.url}/api/articles", json=body, cookies=cookie, timeout=10)
    assert bare.json()["code"] == "csrf"


@pytest.mark.parametrize("sent", ["Bearer ", "bearer x", "Bearer parley_", "Bearer  parley_x y", "Bearer é".encode()])
def test_what_is_no_key_opens_nothing(house, limits_forgotten, sent) -> None:
    answer = requests.get(f"{house.front.url}/api/history", headers={"Authorization": sent}, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_key")


def test_a_key_is_no_visitors_token_and_no_sign_in(house, key) -> None:
    program = key(*SCOPES)
    assert program.code("GET", "/api/visitor/state") == "signed_out"
    guest = house.world.guest()
    widget = Program(house.front.url, guest.token)
    assert widget.code("GET", "/api/history") == "bad_key"


def test_guessing_is_slowed_down_and_so_is_a_program_in_a_loop(house, limits_forgotten, monkeypatch) -> None:
    guesser = Program(house.front.url, "parley_guess")
    said = [guesser.code("GET", "/api/history") for _ in range(32)]
    assert said == ["bad_key"] * 30 + ["too_many"] * 2
    _, token = made(house.world, "chats:read")
    assert Program(house.front.url, token).code("GET", "/api/history") == "too_many", "from this address, for now"


def test_a_key_is_shown_once_and_kept_as_a_hash(house, limits_forgotten) -> None:
    admin = house.console(house.world.colleague(role="admin"))
    body = {"name": "CRM", "scopes": ["chats:read", "chats:read"]}
    answer = admin.post("/api/api-keys", body)
    assert answer.status_code == 201
    token, shown = answer.json()["token"], answer.json()["key"]
    assert shown["scopes"] == ["chats:read"]
    assert token.startswith(shown["prefix"])
    assert len(token) >= len("parley_") + 43
    stored = str(one("select * from api_key")) + str(one("select * from audit_entry where target = 'api_key'"))
    assert token not in stored
    assert token not in admin.get("/api/api-keys").text
    assert Program(house.front.url, token).code("GET", "/api/history") == "ok"
    for wrong in (
        {"name": "", "scopes": ["chats:read"]},
        {"name": "X", "scopes": []},
        {"name": "X", "scopes": ["everything"]},
        {"name": "X", "scopes": ["chats:read"], "expires_at": "2001-01-01T00:00:00Z"},
        {"name": "X", "scopes": ["chats:read"], "agent_id": 987_654},
    ):
        assert admin.post("/api/api-keys", wrong).status_code == 422, wrong


def test_webhooks_are_kept_by_rest(house, limits_forgotten) -> None:
    """The whole of it, once; what lies behind is in tests/models/actions/test_webhooks.py."""
    admin = house.console(house.world.colleague(role="admin"))
    body = {"name": "CRM", "url": "https://crm.example/hooks", "events": ["chat.ended", "chat.started"]}
    answer = admin.post("/api/webhooks", body)
    assert answer.status_code == 201, answer.text
    hook, secret = answer.json()["webhook"], answer.json()["secret"]
    assert hook["events"] == ["chat.started", "chat.ended"]
    assert secret.startswith("whsec_")
    one_of = f"/api/webhooks/{hook['id']}"
    assert secret not in admin.get("/api/webhooks").text
    assert admin.request("PATCH", one_of, {"state": "paused"}).json()["state"] == "paused"
    assert admin.request("PATCH", one_of, {"state": "off"}).status_code == 422
    assert admin.request("PATCH", one_of, {"url": "https://10.0.0.1/"}).json()["code"] == "bad_url"
    assert admin.post(f"{one_of}/secret").json()["secret"] != secret
    tried = admin.post(f"{one_of}/test")
    assert (tried.status_code, tried.json()["event"]) == (202, "webhook.test")
    log = admin.get(f"{one_of}/deliveries").json()
    assert [each["id"] for each in log["items"]] == [tried.json()["id"]]
    assert admin.get(f"{one_of}/deliveries?state=dead").json()["items"] == []
    assert admin.post(f"{one_of}/deliveries/987654/replay").status_code == 404
    assert admin.post(f"{one_of}/replay", {"since": "2026-01-01T00:00:00Z"}).json() == {"count": 0}
    assert admin.post(f"{one_of}/replay", {}).status_code == 422
    assert admin.request("DELETE", one_of).json()["items"] == []
    assert admin.get(f"{one_of}/deliveries").status_code == 404
    for role in ("agent", "supervisor", "analyst"):
        other = house.console(house.world.colleague(role=role))
        for method, path in (
            ("PATCH", one_of),
            ("DELETE", one_of),
            ("POST", f"{one_of}/test"),
            ("POST", f"{one_of}/secret"),
        ):
            assert other.request(method, path, {}).json()["code"] == "forbidden"
