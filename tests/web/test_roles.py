"""Who may do what: one table, tried through both doors, for every role of two teams on every kind of chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from models.queries.access import PERMISSIONS, Permission
from models.tables.desk import Desk
from tests.support import front, reviewing
from tests.support import world as worlds
from tests.support.world import ROLES, Colleague, World, fresh_id

# What happens to somebody who asks, by who they are and whose chat it is. "own" is theirs, "team" a
# colleague's of their own team, "foreign" another team's, "missing" there is none.
OK, FORBIDDEN, NOT_FOUND, NOT_OWNER = "ok", "forbidden", "not_found", "not_owner"
CONFLICT, INVALID, OFFER_CLOSED = "state_conflict", "invalid", "offer_closed"
EXPORTS = {"supervisor", "analyst", "admin"}
READS_ALL = {"supervisor", "analyst", "admin"}
SUPERVISES = {"supervisor", "admin"}
ANSWERS = {"agent", "supervisor", "admin"}


@dataclass(frozen=True)
class Command:
    """One thing that can be asked of a chat, by its two names."""

    event: str | None  # None: REST alone has it
    method: str
    path: str
    body: Callable[[Staffed], dict[str, Any]] = lambda world: {}
    needs: Permission = Permission.CHAT_ANSWER
    state: str = "active"  # the chat it is tried on
    owners: bool = True  # only the owner, or a supervisor, may
    strictly: bool = False  # not even a supervisor
    wrong_state: str = ""  # what even the right person hears, when this state never takes it

    def expected(self, role: str, whose: str) -> str:
        if self.needs not in PERMISSIONS[role]:
            return FORBIDDEN
        if whose == "missing" or (whose == "foreign" and role not in READS_ALL):
            return NOT_FOUND
        if self.wrong_state:
            return self.wrong_state
        if whose == "own" or not self.owners:
            return OK
        return OK if role in SUPERVISES and not self.strictly else NOT_OWNER


def message(internal: bool) -> Callable[[Staffed], dict[str, Any]]:
    return lambda world: {"client_id": fresh_id(), "body": "Said.", "internal": internal}


COMMANDS = {
    "write": Command("message:send", "POST", "/messages", message(False), strictly=True),
    "note": Command("message:send", "POST", "/messages", message(True), owners=False),
    "start": Command("chat:start", "POST", "/start", state="queued", owners=False),
    "take over": Command(
        "chat:takeover", "POST", "/takeover", needs=Permission.CHAT_SUPERVISE, state="queued", wrong_state=CONFLICT
    ),
    "take over from a colleague": Command(
        "chat:takeover", "POST", "/takeover", needs=Permission.CHAT_SUPERVISE, owners=False
    ),
    "move": Command(
        "chat:move",
        "POST",
        "/move",
        lambda world: {"team_id": world.teams["Billing"], "priority": 2},
        needs=Permission.CHAT_SUPERVISE,
        state="queued",
        owners=False,
    ),
    "who had it": Command(None, "GET", "/assignments", needs=Permission.CHAT_READ, owners=False),
    "assign": Command("chat:assign", "POST", "/assign", lambda world: {"agent_id": world.helper.id}),
    "assign beyond the limit": Command(
        "chat:assign",
        "POST",
        "/assign",
        lambda world: {"agent_id": world.helper.id, "override": True},
        needs=Permission.CHAT_SUPERVISE,
        owners=False,
    ),
    "return": Command("chat:return", "POST", "/return", lambda world: {"reason": "Lunch."}),
    "escalate": Command(
        "chat:escalate", "POST", "/escalate", lambda world: {"agent_id": world.helper.id, "note": "Tried it twice."}
    ),
    "say what the customer would be told": Command(
        None, "POST", "/escalate/preview", lambda world: {"agent_id": world.helper.id}, owners=False
    ),
    "to whom it could be escalated": Command(None, "GET", "/escalation-targets", owners=False),
    "what was offered": Command(None, "GET", "/escalations", needs=Permission.CHAT_READ, owners=False),
    "accept what was not offered": Command("chat:accept", "POST", "/accept", wrong_state=OFFER_CLOSED),
    "reject what was not offered": Command(
        "chat:reject",
        "POST",
        "/reject",
        lambda world: {"reason": "other", "note": "Not mine."},
        wrong_state=OFFER_CLOSED,
    ),
    "cancel what was not offered": Command("chat:cancel", "POST", "/cancel", wrong_state=OFFER_CLOSED),
    "end": Command("chat:end", "POST", "/end", lambda world: {"reason": "resolved"}),
    "tag": Command(None, "PUT", "/tags", lambda world: {"tag_ids": []}, owners=False),
    "read": Command(None, "GET", "", needs=Permission.CHAT_READ, owners=False),
    "read on": Command(None, "GET", "/messages", needs=Permission.CHAT_READ, owners=False),
    "keep a draft": Command(
        "chat:draft", "PUT", "/draft", lambda world: {"mode": "note", "body": "Typed."}, owners=False
    ),
    "sync": Command("chat:sync", "GET", "/messages", lambda world: {"after": 0}, Permission.CHAT_READ, owners=False),
    "watch": Command("chat:watch", "GET", "", needs=Permission.CHAT_READ, owners=False),
}
WHOSE = ("own", "team", "foreign", "missing")


class Staffed(World):
    """A desk where everybody is there and has room: a deputy in each team, and one who takes what is handed on."""

    deputies: dict[str, Colleague]
    helper: Colleague


@pytest.fixture
def staffed(house) -> Staffed:
    world = Staffed(**vars(house.world))
    Desk.update(agent_limit=50).execute()
    world.deputies = {team: worlds.hire(f"{team} deputy", "agent", number) for team, number in world.teams.items()}
    world.helper = worlds.hire("Helper", "agent", world.teams["Orders"])
    for colleague in (*world.agents.values(), *world.deputies.values(), world.helper):
        world.arrive(colleague)
    return world


def chat_for(world: Staffed, command: Command, who: Colleague, whose: str) -> int:
    """A chat in the state that the command is for, which stands to the caller as `whose` says."""
    if whose == "missing":
        return 987_654_321
    team = "Billing" if whose == "foreign" else "Orders"
    if command.state == "queued":
        return world.waiting(team=team)
    return world.active(who if whose == "own" and who.role != "analyst" else world.deputies[team])


def said(answer) -> str:
    if answer.status_code < 300:
        return OK
    return str(answer.json()["code"])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", COMMANDS)
def test_both_doors_decide_alike_and_as_the_table_says(house, staffed, name, role) -> None:
    command, who = COMMANDS[name], staffed.colleague("Orders", role)
    console = house.console(who)
    found, wanted = {}, {}
    with console.socket() as socket:
        for whose in WHOSE:
            expected = command.expected(role, whose if role != "analyst" or whose != "own" else "team")
            rest_chat = chat_for(staffed, command, who, whose)
            answer = console.request(
                command.method,
                f"/api/chats/{rest_chat}{command.path}",
                command.body(staffed) if command.method != "GET" else None,
            )
            found[whose, "REST"], wanted[whose, "REST"] = said(answer), expected
            if command.event is not None:
                socket_chat = rest_chat if command.method == "GET" else chat_for(staffed, command, who, whose)
                ack = socket.ask(command.event, {"chat_id": socket_chat, **command.body(staffed)})
                found[whose, "socket"] = OK if ack["ok"] else ack["error"]["code"]
                wanted[whose, "socket"] = expected
    assert found == wanted


# Addresses without a chat in them: who gets in. Everything else of the console is above.
OTHERS: dict[tuple[str, str], tuple[dict[str, Any] | None, set[str]]] = {
    ("GET", "/api/session"): (None, set(ROLES)),
    ("GET", "/api/overview"): (None, set(ROLES)),
    ("GET", "/api/chats?list=queue"): (None, set(ROLES)),
    ("GET", "/api/chats?list=mine"): (None, set(ROLES)),
    ("GET", "/api/chats?list=bot"): (None, SUPERVISES),
    ("GET", "/api/chats?list=escalations"): (None, set(ROLES)),
    ("GET", "/api/chats?list=all_escalations"): (None, SUPERVISES),
    ("GET", "/api/escalations/report"): (None, READS_ALL),
    ("GET", "/api/escalations/report.csv"): (None, READS_ALL),
    ("GET", "/api/history"): (None, set(ROLES)),
    ("GET", "/api/history/choices"): (None, set(ROLES)),
    ("GET", "/api/search?q=anybody"): (None, set(ROLES)),
    ("GET", "/api/search/suggest?q=ta"): (None, set(ROLES)),
    ("GET", "/api/views"): (None, set(ROLES)),
    ("GET", "/api/exports"): (None, EXPORTS),
    ("POST", "/api/exports"): ({"what": "chats"}, EXPORTS),
    ("GET", "/api/broadcasts"): (None, READS_ALL),
    ("POST", "/api/broadcasts"): (
        {"title": "T", "body": "B", "audience_kind": "list", "audience": {"customer_ids": [1]}},
        READS_ALL,
    ),
    ("POST", "/api/broadcasts/audience"): (
        {"audience_kind": "filter", "audience": {"filter": {}}},
        READS_ALL,
    ),
    ("POST", "/api/broadcasts/list"): ({"text": "1"}, READS_ALL),
    ("GET", "/api/services"): (None, set(ROLES)),
    ("POST", "/api/services"): ({"name": "Gift cards", "answer": "From ten pounds."}, READS_ALL),
    ("GET", "/api/services/export"): (None, READS_ALL),
    ("POST", "/api/services/import"): ({"text": "[]"}, READS_ALL),
    ("GET", "/api/articles"): (None, set(ROLES)),
    ("POST", "/api/articles"): ({"title": "Gift cards", "body": "From ten pounds."}, READS_ALL),
    ("GET", "/api/articles/export"): (None, READS_ALL),
    ("POST", "/api/articles/import"): ({"text": "[]"}, READS_ALL),
    ("POST", "/api/bot/trials"): ({"question": "Do you sell gift cards?"}, set(ROLES)),
    ("GET", "/api/bot/models"): (None, SUPERVISES),
    ("GET", "/api/erasures"): (None, SUPERVISES),
    ("GET", "/api/retention"): (None, {"admin"}),
    ("POST", "/api/retention"): ({"what": "files", "after_days": 365}, {"admin"}),
    ("POST", "/api/views"): ({"name": "Lately", "filter": {}}, set(ROLES)),
    ("GET", "/api/canned"): (None, set(ROLES)),
    ("GET", "/api/tags"): (None, set(ROLES)),
    ("GET", "/api/promises"): (None, set(ROLES)),
    ("GET", "/api/end-reasons"): (None, set(ROLES)),
    ("POST", "/api/end-reasons"): ({"label": "Of our own"}, {"admin"}),
    ("GET", "/api/canned/export"): (None, ANSWERS),
    ("POST", "/api/canned/import"): ({"text": "[]"}, ANSWERS),
    ("POST", "/api/canned"): (
        {"shortcut": "roles", "title": "For all", "body": "Hello", "scope": "desk"},
        SUPERVISES,
    ),
    ("GET", "/api/mentions"): (None, set(ROLES)),
    ("POST", "/api/mentions/seen"): ({}, set(ROLES)),
    ("GET", "/api/channels"): (None, SUPERVISES),
    ("GET", "/api/channels/kinds"): (None, SUPERVISES),
    ("GET", "/api/alarms"): (None, SUPERVISES),
    ("GET", "/api/routing"): (None, SUPERVISES),
    ("POST", "/api/routing/try"): ({"rules": [], "sample": {"text": "Hello"}}, SUPERVISES),
    ("PUT", "/api/routing"): ({"rules": [], "version": 0}, SUPERVISES),
    ("POST", "/api/uploads?name=note.txt"): ({"any": "body is a file"}, {"agent", "supervisor", "admin"}),
    ("POST", "/api/ticket"): (None, set(ROLES)),
    ("GET", "/api/me/mail"): (None, ANSWERS),
    ("PUT", "/api/me/mail"): ({"on": False}, ANSWERS),
    ("PUT", "/api/me/presence"): ({"status": "away"}, {"agent", "supervisor", "admin"}),
    ("PATCH", "/api/desk"): ({"agent_limit": 4}, SUPERVISES),
    ("GET", "/api/api-keys"): (None, {"admin"}),
    ("POST", "/api/api-keys"): ({"name": "CRM", "scopes": ["chats:read"]}, {"admin"}),
    ("GET", "/api/webhooks"): (None, {"admin"}),
    ("POST", "/api/webhooks"): (
        {"name": "CRM", "url": "https://crm.example/", "events": ["chat.ended"]},
        {"admin"},
    ),
}


# Addresses that name something which a test has to make first: every role tries them there.
ELSEWHERE: set[tuple[str, str]] = {
    ("DELETE", "/api/session"),  # test_signing_in.py
    ("DELETE", "/api/api-keys/<int:key_id>"),  # test_keys.py
    ("PATCH", "/api/webhooks/<int:webhook_id>"),
    ("DELETE", "/api/webhooks/<int:webhook_id>"),
    ("POST", "/api/webhooks/<int:webhook_id>/secret"),
    ("POST", "/api/webhooks/<int:webhook_id>/test"),
    ("POST", "/api/webhooks/<int:webhook_id>/replay"),
    ("GET", "/api/webhooks/<int:webhook_id>/deliveries"),
    ("POST", "/api/webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/replay"),
    ("DELETE", "/api/uploads/<int:upload_id>"),  # test_uploads.py
    ("GET", "/api/chats/<int:chat_id>/attachments/<int:attachment_id>"),  # test_media.py
    ("PATCH", "/api/chats/<int:chat_id>/messages/<int:message_id>"),  # test_talking.py
    ("DELETE", "/api/chats/<int:chat_id>/messages/<int:message_id>"),
    ("GET", "/api/chats/<int:chat_id>/messages/<int:message_id>/versions"),
    ("GET", "/api/chats/<int:chat_id>/messages/<int:message_id>/original"),  # test_channels.py
    ("GET", "/api/exports/<int:export_id>"),  # test_history.py
    ("POST", "/api/exports/<int:export_id>/cancel"),
    ("GET", "/api/exports/<int:export_id>/file"),
    ("POST", "/api/customers/<int:customer_id>/export"),
    ("POST", "/api/customers/<int:customer_id>/erase"),
    ("GET", "/api/broadcasts/start"),
    ("GET", "/api/broadcasts/<int:broadcast_id>"),  # test_broadcasts.py, to the end of the broadcasts
    ("PATCH", "/api/broadcasts/<int:broadcast_id>"),
    ("DELETE", "/api/broadcasts/<int:broadcast_id>"),
    ("POST", "/api/broadcasts/<int:broadcast_id>/trial"),
    ("POST", "/api/broadcasts/<int:broadcast_id>/schedule"),
    ("POST", "/api/broadcasts/<int:broadcast_id>/pause"),
    ("POST", "/api/broadcasts/<int:broadcast_id>/resume"),
    ("POST", "/api/broadcasts/<int:broadcast_id>/cancel"),
    ("POST", "/api/broadcasts/<int:broadcast_id>/retry"),
    ("GET", "/api/broadcasts/<int:broadcast_id>/recipients"),
    ("POST", "/api/broadcasts/<int:broadcast_id>/recipients.csv"),
    ("GET", "/api/services/<int:service_id>"),  # test_knowledge.py, to the end of what the bot knows
    ("PUT", "/api/services/<int:service_id>"),
    ("GET", "/api/services/<int:service_id>/versions"),
    ("POST", "/api/services/<int:service_id>/archive"),
    ("POST", "/api/services/<int:service_id>/restore"),
    ("GET", "/api/articles/<int:article_id>"),
    ("PUT", "/api/articles/<int:article_id>"),
    ("POST", "/api/articles/<int:article_id>/discard"),
    ("POST", "/api/articles/<int:article_id>/disable"),
    ("GET", "/api/articles/<int:article_id>/versions"),
    ("POST", "/api/articles/<int:article_id>/archive"),
    ("POST", "/api/articles/<int:article_id>/restore"),
    ("GET", "/api/bot/trials/<int:trial_id>"),
    ("POST", "/api/bot/models/changes"),
    ("POST", "/api/bot/models/changes/<int:change_id>/cancel"),
    ("PATCH", "/api/retention/<int:rule_id>"),  # test_history.py
    ("DELETE", "/api/retention/<int:rule_id>"),
    ("POST", "/api/retention/<int:rule_id>/try"),
    ("PATCH", "/api/views/<int:view_id>"),
    ("DELETE", "/api/views/<int:view_id>"),
    ("GET", "/api/sessions/<int:session_id>/timeline"),
    ("GET", "/api/customers/<int:customer_id>/timeline"),
    ("PATCH", "/api/promises/<int:promise_id>"),  # test_owed.py
    ("POST", "/api/promises/<int:promise_id>/extend"),
    ("POST", "/api/promises/<int:promise_id>/extend/preview"),
    ("POST", "/api/promises/<int:promise_id>/settle"),
    ("POST", "/api/chats/<int:chat_id>/follow-up"),
    ("POST", "/api/chats/<int:chat_id>/reason"),  # test_history.py
    ("GET", "/api/chats/<int:chat_id>/transcript"),
    ("POST", "/api/chats/<int:chat_id>/transcript"),
    ("PATCH", "/api/end-reasons/<code>"),
    ("POST", "/api/chats/<int:chat_id>/confirmation"),  # test_confirming.py
    ("DELETE", "/api/joins/<int:join_id>"),
    ("GET", "/api/customers/<int:customer_id>"),  # test_keeping_house.py, to the end of the agents
    ("PATCH", "/api/customers/<int:customer_id>"),
    ("POST", "/api/customers/<int:customer_id>/notes"),
    ("DELETE", "/api/customers/<int:customer_id>/notes/<int:note_id>"),
    ("POST", "/api/customers/<int:customer_id>/block"),
    ("DELETE", "/api/customers/<int:customer_id>/block"),
    ("GET", "/api/blocks"),
    ("DELETE", "/api/blocks/<int:block_id>"),
    ("POST", "/api/tags"),
    ("POST", "/api/tags/bulk"),
    ("PATCH", "/api/tags/<int:tag_id>"),
    ("DELETE", "/api/tags/<int:tag_id>"),
    ("POST", "/api/tags/<int:tag_id>/merge"),
    ("GET", "/api/attributes"),
    ("POST", "/api/attributes"),
    ("PATCH", "/api/attributes/<int:attribute_id>"),
    ("GET", "/api/teams"),
    ("POST", "/api/teams"),
    ("PATCH", "/api/teams/<int:team_id>"),
    ("POST", "/api/teams/<int:team_id>/archive"),
    ("GET", "/api/desk/settings"),
    ("GET", "/api/audit"),
    ("GET", "/api/agents"),
    ("POST", "/api/agents"),
    ("PATCH", "/api/agents/<int:agent_id>"),
    ("POST", "/api/agents/<int:agent_id>/password"),
    ("POST", "/api/channels"),  # test_channels.py
    ("GET", "/api/channels/<int:channel_id>"),
    ("PATCH", "/api/channels/<int:channel_id>"),
    ("PATCH", "/api/channels/<int:channel_id>/website"),
    ("DELETE", "/api/channels/<int:channel_id>"),
    ("POST", "/api/channels/<int:channel_id>/test"),
    ("POST", "/api/channels/<int:channel_id>/pause"),
    ("POST", "/api/channels/<int:channel_id>/resume"),
    ("GET", "/api/channels/<int:channel_id>/lost"),
    ("POST", "/api/channels/<int:channel_id>/lost/seen"),
    ("GET", "/api/channels/<int:channel_id>/templates"),  # flows/test_whatsapp.py
    ("POST", "/api/channels/<int:channel_id>/templates/read"),
    ("POST", "/api/deliveries/<int:delivery_id>/retry"),
    ("POST", "/api/inbound/<int:inbound_id>/retry"),
    ("PUT", "/api/canned/<int:canned_id>"),  # test_canned.py
    ("DELETE", "/api/canned/<int:canned_id>"),
}


@pytest.mark.parametrize("role", ROLES)
def test_the_desk_around_the_chats_is_open_to_those_it_is_for(house, role) -> None:
    console = house.console(house.world.colleague(role=role))
    for (method, path), (body, roles) in OTHERS.items():
        answer = console.request(method, path, body)
        assert said(answer) == (OK if role in roles else FORBIDDEN), f"{method} {path}"


def test_the_table_names_every_address_of_the_console() -> None:
    """A route that is added without a line here is a route whose door nobody tried."""
    app = front.application()
    tried = {(method, path.split("?")[0]) for method, path in OTHERS}
    tried |= {(each.method, f"/api/chats/<int:chat_id>{each.path}") for each in COMMANDS.values()}
    tried |= ELSEWHERE | set(reviewing.ROUTES)  # the latter: test_failures.py
    there = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if app.view_functions[rule.endpoint].declared_who.kind == "agent"
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert there == tried


@pytest.mark.parametrize("role", ROLES)
def test_lists_show_what_can_be_opened_and_nothing_else(house, staffed, role) -> None:
    who = staffed.colleague("Orders", role)
    for team in staffed.teams:
        staffed.waiting(team=team)
        staffed.ended(staffed.colleague(team))
    console = house.console(who)
    for path in ("/api/chats?list=queue", "/api/history"):
        page = console.get(path).json()
        assert page["total"] == len(page["items"]) == (2 if role in READS_ALL else 1)
        for chat in page["items"]:
            assert console.get(f"/api/chats/{chat['id']}").status_code == 200
    assert console.get("/api/overview").json()["queue"] == (2 if role in READS_ALL else 1)


def test_ids_inside_a_request_are_checked_as_well_as_the_one_in_the_address(house, staffed) -> None:
    """CVE-2026-40591 and its kin: the main object was checked, the attached one was not."""
    who = staffed.colleague()
    console, chat_id = house.console(who), staffed.active(who)
    analyst = staffed.colleague(role="analyst")
    for agent_id, expected in ((987_654_321, NOT_FOUND), (analyst.id, "target_offline")):
        assert said(console.post(f"/api/chats/{chat_id}/assign", {"agent_id": agent_id})) == expected
    answer = console.put(f"/api/chats/{chat_id}/tags", {"tag_ids": [987_654_321]})
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize("extra", ["owner_id", "state", "version", "role", "pub_seq", "created_at", "priority"])
def test_nobody_assigns_what_is_not_theirs_to_assign(house, staffed, extra) -> None:
    who = staffed.colleague()
    console, chat_id = house.console(who), staffed.active(who)
    for path, body in (("/end", {"reason": "resolved"}), ("/return", {}), ("/assign", {"agent_id": staffed.helper.id})):
        answer = console.post(f"/api/chats/{chat_id}{path}", {**body, extra: 1})
        assert answer.status_code == 422, path
        assert extra in answer.json()["fields"]


def test_the_same_key_carries_a_command_out_once(house, staffed) -> None:
    who = staffed.colleague()
    console, chat_id, other = house.console(who), staffed.active(who), staffed.active(who)
    key = {"Idempotency-Key": fresh_id()}
    first = console.post(f"/api/chats/{chat_id}/end", {"reason": "resolved"}, headers=key)
    again = console.post(f"/api/chats/{chat_id}/end", {"reason": "resolved"}, headers=key)
    assert again.status_code == 200
    assert again.json() == first.json()
    misused = console.post(f"/api/chats/{other}/end", {"reason": "resolved"}, headers=key)
    assert said(misused) == "key_reused"
    assert (
        said(console.post(f"/api/chats/{other}/end", {"reason": "resolved"}, headers={"Idempotency-Key": "x"}))
        == INVALID
    )
