"""Broadcasts through the door: who may do what, what a bad request hears, and what the two sides' screens are told."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import broadcasts
from models.db import rows, run
from models.schemas.broadcasts import BroadcastDetail, BroadcastPage, RecipientPage
from models.schemas.visitor import NoticeList
from tests.support.clients import House
from tests.support.world import ROLES, fresh_id
from workers import casting

PREPARES, SENDS = {"supervisor", "analyst", "admin"}, {"supervisor", "admin"}


def meant(house: House, many: int = 2) -> list[int]:
    guests = [house.world.guest() for _ in range(many)]
    return [guest.id for guest in guests]


def body(ids: list[int], **more: Any) -> dict[str, Any]:
    return {
        "title": "Parcels",
        "body": "On its way.",
        "audience_kind": "list",
        "audience": {"customer_ids": ids},
        **more,
    }


def a_draft(house: House, ids: list[int]) -> int:
    return broadcasts.draft(house.world.colleague(role="supervisor").viewer, rate=1000, **body(ids))


def set_to(number: int, state: str) -> None:
    """Whatever was done to it before: in this state again, its ledger with one that waits and one that has failed."""
    frozen, over = state != "draft", state in ("done", "failed", "cancelled")
    run(
        "update broadcast set state = %s, frozen_at = case when %s then clock_timestamp() end, scheduled_at = case when %s"
        " then clock_timestamp() end, finished_at = case when %s then clock_timestamp() end where id = %s",
        (state, frozen, frozen, over, number),
    )
    run("delete from recipient where broadcast_id = %s", (number,))
    if frozen:
        run(
            "insert into recipient (broadcast_id, customer_id, state, settled_at)"
            " select %s, id, case when n = 1 then 'failed' else 'waiting' end, case when n = 1 then clock_timestamp() end"
            " from (select id, row_number() over (order by id) as n from customer limit 2) two",
            (number,),
        )


@pytest.mark.parametrize("role", ROLES)
def test_every_address_is_open_to_those_it_is_for(house: House, role: str) -> None:
    ids = meant(house)
    house.world.waiting(house.world.guest())
    run("insert into session (customer_id, subject) select id, '' from customer")
    run(
        "insert into chat (session_id, customer_id, channel_id, state, ended_at, end_cause)"
        " select s.id, s.customer_id, %s, 'ended', clock_timestamp(), 'inactivity' from session s where s.customer_id = any(%s)",
        (house.world.channel_id, ids),
    )
    number = a_draft(house, ids)
    console = house.console(house.world.colleague(role=role))
    for method, path, sent, state, allowed in (
        ("GET", "", None, "draft", PREPARES),
        ("PATCH", "", {"title": "Better"}, "draft", PREPARES),
        ("POST", "/trial", {"customer_id": ids[0]}, "draft", SENDS),
        ("POST", "/schedule", {}, "draft", SENDS),
        ("POST", "/pause", {}, "sending", SENDS),
        ("POST", "/resume", {}, "paused", SENDS),
        ("POST", "/cancel", {}, "paused", SENDS),
        ("POST", "/retry", {}, "done", SENDS),
        ("GET", "/recipients", None, "done", PREPARES),
        ("POST", "/recipients.csv", {}, "done", PREPARES),
        ("DELETE", "", None, "draft", PREPARES),
    ):
        set_to(number, state)
        answer = console.request(method, f"/api/broadcasts/{number}{path}", sent)
        found = "ok" if answer.status_code < 300 else answer.json()["code"]
        assert found == ("ok" if role in allowed else "forbidden"), f"{method} {path}: {answer.text}"


def test_what_is_answered_has_the_shape_it_says(house: House) -> None:
    console, ids = house.console(house.world.colleague(role="supervisor")), meant(house)
    made = console.post("/api/broadcasts", body(ids)).json()
    assert not BroadcastDetail().validate(made)
    number = made["id"]
    assert not BroadcastPage().validate(console.get("/api/broadcasts").json())
    assert console.post(f"/api/broadcasts/{number}/schedule", {}).json()["counts"]["waiting"] == 2
    casting.send(number)
    page = console.get(f"/api/broadcasts/{number}/recipients").json()
    assert not RecipientPage().validate(page)
    file = console.post(f"/api/broadcasts/{number}/recipients.csv", {})
    assert file.headers["Content-Disposition"] == f'attachment; filename="broadcast-{number}.csv"'
    assert len(file.text.splitlines()) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "x" * 121},
        {"body": " "},
        {"body": "x" * 2001},
        {"rate": 0},
        {"rate": 1001},
        {"rate": "20"},
        {"audience_kind": "everybody"},
        {"audience": {}},
        {"audience": {"tag_ids": [1]}},
        {"audience": {"customer_ids": [1], "tag_ids": [1]}},
        {"audience": {"customer_ids": []}},
        {"audience": {"customer_ids": ["1"]}},
        {"audience_kind": "filter", "audience": {"filter": {"state": "asleep"}}},
        {"state": "done"},
        {"confirmed": 1},
    ],
    ids=str,
)
def test_a_bad_draft_is_refused_and_nothing_is_kept(house: House, wrong: dict[str, Any]) -> None:
    answer = house.console(house.world.colleague(role="supervisor")).post("/api/broadcasts", {**body([1]), **wrong})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert not rows("select 1 from broadcast")


def test_a_cluster_there_is_not_is_not_found(house: House) -> None:
    console = house.console(house.world.colleague(role="supervisor"))
    sent = {**body([1]), "audience_kind": "cluster", "audience": {"cluster_id": 987_654}}
    assert console.post("/api/broadcasts", sent).json()["code"] == "not_found"
    assert console.get("/api/broadcasts/987654").json()["code"] == "not_found"


def test_the_number_is_asked_for_above_five_hundred(house: House) -> None:
    run("insert into customer (name) select 'C' || n from generate_series(1, 501) n")
    run(
        "insert into visitor_token (token_hash, customer_id, channel_id, expires_at)"
        " select 'hash-' || id, id, %s, clock_timestamp() + interval '1 day' from customer",
        (house.world.channel_id,),
    )
    ids = [each["id"] for each in rows("select id from customer")]
    number = a_draft(house, ids)
    console = house.console(house.world.colleague(role="supervisor"))
    for typed in ({}, {"confirmed": 500}):
        refused = console.post(f"/api/broadcasts/{number}/schedule", typed).json()
        assert (refused["code"], refused["count"]) == ("confirm_count", 501)
    assert console.post(f"/api/broadcasts/{number}/schedule", {"confirmed": 501}).json()["state"] == "sending"


def test_the_customer_hears_answers_and_stops_them(house: House) -> None:
    guest = house.world.guest()
    widget, number = house.widget(guest), a_draft(house, [guest.id])
    broadcasts.schedule(house.world.colleague(role="supervisor").viewer, number)
    with widget.socket() as socket:
        casting.send(number)
        listed = widget.get("/api/visitor/state").json()["notices"]
        assert not NoticeList().validate(listed)
        assert [each["body"] for each in listed["items"]] == ["On its way."]
        notice = listed["items"][0]["id"]
        assert widget.post("/api/visitor/notices/seen", {}).json()["items"][0]["seen"]
        sent = socket.ask("message:send", {"client_id": fresh_id(), "body": "Which parcel?", "notice_id": notice})
        assert sent["ok"], sent
    page = widget.get("/api/visitor/messages", params={"chat_id": sent["data"]["chat"]["id"]}).json()
    assert [each["body"] for each in page["messages"] if each["kind"] == "text"] == ["On its way.", "Which parcel?"]
    assert page["messages"][0]["data"] == {"broadcast": True}
    assert widget.put("/api/visitor/broadcasts", {"wanted": False}).json() == {"items": [], "wanted": False}
    assert widget.put("/api/visitor/broadcasts", {"wanted": True}).json()["wanted"]
    other = house.widget(house.world.guest())
    assert other.post(f"/api/visitor/notices/{notice}/close", {}).status_code == 404
