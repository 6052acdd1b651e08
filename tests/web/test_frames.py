"""Whatever a client sends, the front answers or hangs up; it never falls over, and never does what was not asked."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from models.db import rows
from models.schemas.base import MESSAGE_LIMIT
from models.schemas.events import FROM_CONSOLE, FROM_VISITOR
from tests.support.clients import Socket
from tests.support.world import fingerprint, fresh_id, stored

WRONG = ["7", 7.5, True, None, [], [1], {}, {"$ne": 1}, "", "0e1", -1, 0, 2**63, 2**70, float("1e300")]


@pytest.fixture
def talk(house):
    """A supervisor and a customer in conversation: chat, supervisor's socket, customer's socket."""
    guest, owner = house.world.guest(), house.world.colleague(role="supervisor")
    chat_id = house.world.active(owner, guest)
    with house.console(owner).socket() as agent, house.widget(guest).socket() as customer:
        yield chat_id, agent, customer


def alive(house) -> bool:
    """Somebody else is served as if nothing had happened."""
    with house.console(house.world.colleague("Billing")).socket() as other:
        return other.ask("presence:set", {"status": "away"})["ok"]


# --- forged and unknown events ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["connect", "disconnect"])
def test_a_forged_life_cycle_event_does_nothing_and_the_third_ends_the_socket(house, talk, name) -> None:
    chat_id, agent, _ = talk
    leases = rows("select sid, seen_at > clock_timestamp() - interval '20 seconds' as fresh from socket_lease")
    for _ in range(2):
        answer = agent.ask(name, {"ticket": "x"})
        assert answer["ok"] is False
        assert answer["error"]["code"] == "invalid"
    assert not agent.closed
    assert agent.ask("chat:sync", {"chat_id": chat_id, "after": 0})["ok"], "rooms and rights are as they were"
    same = rows("select sid, seen_at > clock_timestamp() - interval '20 seconds' as fresh from socket_lease")
    assert same == leases, "nobody was signed out, nobody was counted twice"
    agent.send(name, "forged")
    assert agent.wait_closed()
    assert alive(house)


@pytest.mark.parametrize(
    "name",
    ["chat:erase", "__class__", "message:new", "heads", "Message:Send", "message:send ", "ｃhat:sync", "", "x" * 5000],
)
def test_what_is_not_on_the_wire_is_refused(house, talk, name) -> None:
    _, agent, _ = talk
    before = fingerprint()
    assert agent.ask(name, {"chat_id": 1})["error"]["code"] == "invalid"
    assert fingerprint() == before


def test_an_event_of_the_other_namespace_is_unknown_here(talk) -> None:
    chat_id, agent, customer = talk
    assert customer.ask("chat:end", {"chat_id": chat_id, "reason": "resolved"})["error"]["code"] == "invalid"
    assert agent.ask("chat:rate", {"chat_id": chat_id, "stars": 5})["error"]["code"] == "invalid"


def test_who_goes_on_making_things_up_is_cut_off(house, talk) -> None:
    _, agent, _ = talk
    for number in range(10):
        agent.send(f"made:up:{number}", {})
    assert agent.wait_closed()
    assert alive(house)


# --- wrong types ------------------------------------------------------------------------------------------


def test_no_field_takes_a_value_of_another_kind(house, talk) -> None:
    """Type confusion: every field of every event gets every wrong value, the other fields being right."""
    chat_id, agent, customer = talk
    right = {
        "chat_id": chat_id,
        "client_id": "0123456789abcdef",
        "body": "x",
        "after": 0,
        "seq": 0,
        "on": True,
        "reason": "resolved",
        "agent_id": 1,
        "status": "online",
        "stars": 5,
        "message_id": 1,
        "email": "ada@example.com",
        "mode": "reply",
        "note": "Tried it twice.",
        "helped": True,
    }
    before = fingerprint()
    for socket, table in ((agent, FROM_CONSOLE), (customer, FROM_VISITOR)):
        for event, asked in table.items():
            fields = asked.takes().fields
            for name, field in fields.items():
                others = {key: right[key] for key, each in fields.items() if each.required and key != name}
                for value in WRONG:
                    try:
                        field.deserialize(value)
                    except ValidationError:
                        answer = socket.ask(event, {**others, name: value})
                        assert answer["ok"] is False, (event, name, value)
                        assert answer["error"]["code"] in ("invalid", "reason_required"), (event, name, value, answer)
    assert fingerprint() == before


@pytest.mark.parametrize("value", ["7", 7.0, True, [7], {"$ne": 1}, {"id": 7}, None, -7, 0, 2**63])
def test_an_id_is_a_positive_number_and_nothing_else(talk, value) -> None:
    _, agent, customer = talk
    for socket in (agent, customer):
        assert socket.ask("chat:sync", {"chat_id": value, "after": 0})["error"]["code"] == "invalid"


@pytest.mark.parametrize(
    "arguments", ["[]", '["chat:sync"]', '["chat:sync",1]', '["chat:sync",{},{}]', "[7,{}]", "[null]"]
)
def test_an_event_takes_exactly_one_object(house, talk, arguments) -> None:
    _, agent, _ = talk
    agent.raw(f"42/console,900{arguments}")
    assert agent.ack(900)["error"]["code"] == "invalid"


@pytest.mark.parametrize("extra", ["role", "owner_id", "all_seq", "__proto__", "author", "created_at"])
def test_an_unknown_field_is_an_error(talk, extra) -> None:
    chat_id, agent, _ = talk
    draft = {"chat_id": chat_id, "client_id": fresh_id(), "body": "x", extra: 1}
    assert agent.ask("message:send", draft)["error"]["fields"] == {extra: ["Unknown field."]}


# --- broken frames ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "frame",
    [
        '42/console,1["chat:sync",{"chat_id":NaN,"after":0}]',
        '42/console,1["chat:sync",{"chat_id":Infinity}]',
        '42/console,1["chat:sync"',
        '42/console,1["chat:sync",' + "[" * 30_000,
        '42/console,1["chat:sync",' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "]",
        "42/console,99999999999999999999[]",
        "42/console,-1[]",
        "42/nowhere,1[]",
        "49/console,",
        "9",
        "",
        "4",
        "42",
        "hello",
        "\x00",
        '451-/console,1["chat:sync",{"_placeholder":true,"num":0}]',
        '45999999999-/console,1["x"]',
        b"\x04\x00\xff",
        b"",
        "43/console,1[]",
        "40/console,{}",
        '42/console,1["message:send",{"body":"\\ud800"}]',
        "2probe",
        "6",
    ],
    ids=lambda frame: repr(frame[:40]),
)
def test_a_broken_frame_hurts_nobody_but_its_sender(house, talk, frame) -> None:
    _, agent, _ = talk
    log = house.front.log_from_here("web")
    agent.raw(frame)
    assert alive(house)
    assert "Traceback" not in log(), "a client's mistake is not our fault, and fills no log"


def test_too_large_an_event_ends_its_own_socket_alone(house, talk) -> None:
    chat_id, agent, customer = talk
    agent.raw('42/console,1["message:send",{"body":"' + "x" * 140_000 + '"}]')
    assert agent.wait_closed()
    assert customer.ask("chat:typing", {"chat_id": chat_id, "on": True})["ok"]


def test_binary_attachments_never_pile_up(house, talk) -> None:
    """CVE-2026-48804: a packet that promises attachments and never sends them."""
    _, agent, _ = talk
    agent.raw('459-/console,1["message:send",{"_placeholder":true,"num":0}]')
    for _ in range(9):
        agent.raw(b"x" * 1000)
    assert alive(house)


# --- text -------------------------------------------------------------------------------------------------


def test_text_is_cleaned_before_it_is_measured_and_stored(talk) -> None:
    chat_id, _, customer = talk
    said = "  a\x00b\x07c\x1b[31m\r\nd\u2028e\u0085f\x7fe\u0301  "
    answer = customer.ask("message:send", {"client_id": fresh_id(), "body": said})
    assert answer["data"]["message"]["body"] == "abc[31m\ndef" + "é"
    assert stored(chat_id)[-1]["body"] == answer["data"]["message"]["body"]


@pytest.mark.parametrize("nothing", ["", "   ", "\x00\x01", "\n\n\t"])
def test_a_message_without_a_word_is_none(talk, nothing) -> None:
    chat_id, _, customer = talk
    before = len(stored(chat_id))
    answer = customer.ask("message:send", {"client_id": fresh_id(), "body": nothing})
    assert answer["error"]["fields"] == {"body": ["This is empty."]}
    assert len(stored(chat_id)) == before


def test_a_message_has_ten_thousand_characters_and_not_one_more(talk) -> None:
    chat_id, agent, customer = talk
    for socket, more in ((customer, {}), (agent, {"chat_id": chat_id})):
        most = socket.ask("message:send", {"client_id": fresh_id(), "body": "ä" * MESSAGE_LIMIT, **more})
        assert len(most["data"]["message"]["body"]) == MESSAGE_LIMIT
        over = socket.ask("message:send", {"client_id": fresh_id(), "body": "ä" * (MESSAGE_LIMIT + 1), **more})
        assert over["error"]["code"] == "invalid"
        assert "10,000" in over["error"]["fields"]["body"][0]
        padded = socket.ask("message:send", {"client_id": fresh_id(), "body": " x" + "\x00" * 5_000 + " ", **more})
        assert padded["data"]["message"]["body"] == "x", "what is cleaned away is not counted"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "{{7*7}} ${7*7} %s {0.__class__}",
        "'; drop table message; --",
        "=cmd|' /C calc'!A0",
        "a \u202egnp.exe\u202c b",
        "🧑🏽‍🚀 שלום مرحبا",
        '{"$ne": 1}',
    ],
)
def test_text_is_only_ever_text(talk, text) -> None:
    chat_id, _, customer = talk
    answer = customer.ask("message:send", {"client_id": fresh_id(), "body": text})
    assert answer["data"]["message"]["body"] == text
    assert stored(chat_id)[-1]["body"] == text


# --- how often --------------------------------------------------------------------------------------------


def test_the_same_broken_bodies_over_rest(house) -> None:
    console = house.console()
    chat_id = house.world.active(house.world.colleague())
    path = f"/api/chats/{chat_id}/messages"
    headers = {"Content-Type": "application/json"}
    for body in ('{"body": NaN}', "{", "[]", '"x"', "null", "7", "[" * 100_000, '{"a":' * 50_000, b"\xff\xfe", ""):
        answer = console.request("POST", path, data=body, headers=headers)
        assert answer.status_code in (400, 422), (str(body)[:30], answer.status_code)
        assert answer.json()["code"] == "invalid"
    for value in WRONG:
        answer = console.post(path, {"client_id": fresh_id(), "body": value})
        assert answer.status_code in ((201,) if value in ("7", "0e1") else (422,)), value


def test_what_is_wrong_inside_a_list_is_told_by_its_place(house) -> None:
    chat_id = house.world.waiting()
    answer = house.console().put(f"/api/chats/{chat_id}/tags", {"tag_ids": [1, "x", True]})
    assert answer.status_code == 422
    assert answer.json()["fields"] == {"tag_ids": {"1": ["Not a valid id."], "2": ["Not a valid id."]}}


@pytest.mark.parametrize("stars", [0, 6, -1, 2**40])
def test_a_rating_has_one_to_five_stars(house, stars) -> None:
    guest = house.world.guest()
    chat_id = house.world.ended(house.world.colleague(), guest)
    widget = house.widget(guest)
    assert widget.post(f"/api/visitor/chats/{chat_id}/rating", {"stars": stars}).json()["code"] == "invalid"
    with widget.socket() as customer:
        assert customer.ask("chat:rate", {"chat_id": chat_id, "stars": stars})["error"]["code"] == "invalid"


@pytest.mark.parametrize("limit", [0, 51, -1, 2**40])
def test_an_agent_has_one_to_fifty_chats(house, limit) -> None:
    console = house.console(house.world.colleague(role="supervisor"))
    assert console.request("PATCH", "/api/desk", {"agent_limit": limit}).json()["code"] == "invalid"


def test_a_password_as_long_as_a_book_is_not_hashed(house, limits_forgotten) -> None:
    body = {"email": "orders.agent@desk.example", "password": "x" * 1025}
    assert house.widget().post("/api/session", body).status_code == 422


@pytest.mark.parametrize("odd", ["0", "-1", "1.0", "0x1", "1e3", "９", "1%00", "99999999999999999999", "' or 1=1"])
def test_an_odd_number_in_an_address_is_no_chat(house, odd) -> None:
    answer = house.console().get(f"/api/chats/{odd}")
    assert answer.status_code == 404


# Odd, and still a number or a moment: there is nothing by that name.
FINE_IF_EMPTY = (
    {"team_id": "99999999999999999999999"},
    {"after": "0|0001-01-01T00:00:00|1"},
    {"after": "0|2026-W01-1|1"},
)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/chats", {"after": "x"}),
        ("/api/chats", {"after": "1|2|3"}),
        ("/api/chats", {"limit": "0"}),
        ("/api/chats", {"limit": "101"}),
        ("/api/chats", {"list": "everything"}),
        ("/api/chats", {"team_id": "1 or 1=1"}),
        ("/api/history", {"after": "2026-01-01'|1"}),
        ("/api/history", {"reasons": "r" * 41}),
        ("/api/history", {"agent_ids": "99999999999999999999999"}),
        ("/api/history", {"agent_ids": "1,2,x"}),
        ("/api/history", {"agent_ids": ",".join("1" * 51)}),
        ("/api/history", {"causes": "boredom"}),
        ("/api/history", {"ratings": "0"}),
        ("/api/history", {"sort": "random()"}),
        ("/api/history", {"from_at": "2026-02-01T00:00:00Z", "to_at": "2026-01-01T00:00:00Z"}),
        ("/api/history", {"from_at": "2026-02-01"}),
        ("/api/search", {"q": "a" * 501}),
        ("/api/search", {"q": "a" * 5_000}),
        ("/api/search", {}),
        ("/api/search", {"q": "pot", "after": "1|2"}),
        ("/api/search", {"q": "pot", "zone": "Mars"}),
        ("/api/search/suggest", {"q": "pot", "at": "-1"}),
        ("/api/customers/1/timeline", {"around": "1", "before": "2"}),
        ("/api/customers/1/timeline", {"around": "0"}),
        ("/api/sessions/1/timeline", {"limit": "1000"}),
        ("/api/chats", {"team_id": "99999999999999999999999"}),
        ("/api/chats", {"limit": "-1"}),
        ("/api/history", {"limit": "1000000"}),
        ("/api/history", {"after": "x" * 201}),
        ("/api/chats", {"after": f"0|2026-01-01T00:00:00|{2**70}"}),
        ("/api/chats", {"after": "0|0001-01-01T00:00:00|1"}),
        ("/api/chats", {"after": "0|2026-W01-1|1"}),
        ("/api/history", {"after": f"2026-01-01T00:00:00|{2**70}"}),
    ],
)
def test_an_odd_query_is_refused_and_never_reaches_sql(house, path, query) -> None:
    answer = house.console().get(path, params=query)
    assert answer.status_code == (200 if query in FINE_IF_EMPTY else 422), answer.text


def test_a_page_pasted_into_the_search_is_turned_away(house) -> None:
    answer = house.console().get("/api/search", params={"q": "a" * 10_000})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["q"])
    assert house.console().get("/api/search", params={"q": "a" * 70_000}).status_code == 414, "that is not even read"
    assert house.console().get("/api/search", params={"q": "a" * 400}).status_code == 200


@pytest.mark.parametrize("q", ["%", "_", "\\", "'", "\x00", "a" * 200, "%' or '1'='1", "(", "ilike", "a:*", "!(x"])
def test_search_looks_for_the_letters_themselves(house, q) -> None:
    owner = house.world.colleague()
    house.world.ended(owner)
    answer = house.console(owner).get("/api/search", params={"q": q})
    assert answer.status_code == 200
    assert answer.json()["items"] == [], "signs are letters here"


def test_a_socket_that_never_says_who_it_is_holds_nothing(house) -> None:
    socket = Socket(house.front.url)
    socket.raw('42/console,1["chat:sync",{"chat_id":1,"after":0}]')
    assert alive(house)
    assert socket._acks == {}
    socket.close()
