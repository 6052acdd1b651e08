"""Exports: what stands in the file, within what one may see; progress, cancelling, death and old age."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from models.actions import exports, uploads
from models.db import one, rows, run
from models.errors import Conflict, Invalid, NotFound, Refused
from models.jobs import Job
from models.media import links
from models.media.storage import storage
from models.queries import exports as read
from models.rules import exporting
from models.tables.desk import Tag
from models.tables.people import Agent
from tests.support.people import Colleague, chat_of, make_agent, make_customer, make_team
from tests.support.told import Told


@pytest.fixture
def ana() -> Colleague:
    return make_agent("Ana Ruiz", limit=50)


@pytest.fixture
def boss() -> Colleague:
    return make_agent("Sam Boss", role="supervisor", limit=50)


def asked(by: Colleague, what: str = "chats", *, format: str = "csv", notes: bool = False, **criteria: Any) -> int:  # noqa: A002
    return exports.request(by.viewer, what=what, format=format, filter=criteria, notes=notes)


def stored(export_id: int) -> dict[str, Any]:
    found = one("select * from export where id = %s", (export_id,))
    assert found is not None
    return found


def text_of(export_id: int) -> str:
    row = stored(export_id)
    assert row["state"] == "done", row
    return b"".join(storage().read(row["storage_key"], 0, row["size"])).decode()


def table(export_id: int) -> list[dict[str, str]]:
    text = text_of(export_id).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def objects(export_id: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text_of(export_id).splitlines()]


def written(export_id: int) -> int:
    exports.write(export_id)
    return export_id


@pytest.fixture
def chat_id(ana: Colleague) -> int:
    """One chat with everything in it."""
    rosa = make_customer("=Rosa")
    number = chat_of(ana, rosa)
    ana.says(number, "@SUM(1+1)*cmd")
    ana.notes(number, "A difficult one")
    ana.tags(number, Tag.create(name="-refund", hue=1).id)
    ana.ends(number, "other", "+They bought it elsewhere")
    rosa.rates(4, "Good")
    return number


def test_chats_have_one_row_each_and_no_formula(chat_id: int, boss: Colleague) -> None:
    (row,) = table(written(asked(boss)))
    assert list(row) == list(exporting.COLUMNS["chats"])
    assert row["chat_id"] == str(chat_id)
    assert (row["customer"], row["tags"], row["end_note"]) == ("'=Rosa", "'-refund", "'+They bought it elsewhere")
    assert (row["agents"], row["ended_by"], row["end_reason"], row["rating"]) == ("Ana Ruiz", "Ana Ruiz", "other", "4")
    assert (row["escalated"], row["state"]) == ("no", "ended")
    assert 0 <= int(row["duration_s"]) < 60
    assert int(row["messages"]) == 2


def test_messages_are_in_their_order_and_notes_only_when_asked_for(chat_id: int, boss: Colleague) -> None:
    found = table(written(asked(boss, "messages")))
    assert list(found[0]) == list(exporting.COLUMNS["messages"])
    assert [(each["author_kind"], each["body"]) for each in found] == [
        ("customer", "Where is my parcel?"),
        ("agent", "'@SUM(1+1)*cmd"),
    ]
    with_notes = objects(written(asked(boss, "messages", format="jsonl", notes=True)))
    assert [each["kind"] for each in with_notes] == ["text", "text", "note"]
    assert {each["chat_id"] for each in with_notes} == {chat_id}


def test_the_filter_decides_what_is_in_it(chat_id: int, ana: Colleague, boss: Colleague) -> None:
    other = chat_of(ana)
    ana.ends(other)
    assert [each["chat_id"] for each in objects(written(asked(boss, format="jsonl", reasons=["resolved"])))] == [other]
    assert objects(written(asked(boss, format="jsonl", reasons=["time_waster"]))) == []
    assert table(written(asked(boss, reasons=["time_waster"]))) == []


def test_it_holds_what_its_asker_may_see_when_it_is_written(boss: Colleague) -> None:
    orders, returns = make_team("Orders"), make_team("Returns")
    both = make_agent("Kim Boss", role="supervisor", teams=(orders,))
    for team in ("Orders", "Returns"):
        chat_id = make_customer().waits(topic=team)
        boss.takes(chat_id)
        boss.ends(chat_id)
    first, second = asked(both, format="jsonl"), asked(both, format="jsonl")
    assert len(objects(written(first))) == 2
    Agent.update(role="agent").where(Agent.id == both.id).execute()
    assert [each["team"] for each in objects(written(second))] == ["Orders"]
    assert returns


def test_agents_export_nothing_and_one_customer_is_for_supervisors(
    ana: Colleague, boss: Colleague, chat_id: int
) -> None:
    customer = one("select customer_id as id from chat where id = %s", (chat_id,))
    assert customer is not None
    analyst = make_agent("Kim Read", role="analyst")
    with pytest.raises(Refused):
        asked(ana)
    for who in (ana, analyst):
        with pytest.raises(Refused):
            exports.request_customer(who.viewer, customer["id"], notes=False)
    asked(analyst)
    with pytest.raises(NotFound):
        exports.request_customer(boss.viewer, 987_654, notes=False)


def test_one_customer_is_everything_that_is_kept_of_them(ana: Colleague, boss: Colleague, chat_id: int) -> None:
    customer = one("select customer_id as id from chat where id = %s", (chat_id,))
    assert customer is not None
    other = chat_of(ana)
    run("insert into customer_note (customer_id, agent_id, body) values (%s, %s, 'Kind')", (customer["id"], ana.id))
    found = objects(written(exports.request_customer(boss.viewer, customer["id"], notes=False)))
    assert [each["is"] for each in found] == ["customer", "identity", "session", "chat", "message", "message"]
    assert found[0]["name"] == "=Rosa"
    assert {each.get("chat_id", chat_id) for each in found} == {chat_id} != {other}
    more = objects(written(exports.request_customer(boss.viewer, customer["id"], notes=True)))
    assert [each["is"] for each in more if each not in found] == ["customer_note", "message"]


def test_what_was_asked_for_and_fetched_is_in_the_audit(boss: Colleague) -> None:
    number = written(asked(boss, reasons=["resolved"]))
    exports.fetched(boss.viewer, number)
    first, second = rows("select what, target, after from audit_entry order by id")
    assert (first["what"], first["after"]["filter"]) == ("exported", {"reasons": ["resolved"]})
    assert (second["what"], second["target"], second["after"]["rows"]) == ("downloaded", "export", 0)


def test_progress_is_told_to_whoever_asked(
    told: Told, ana: Colleague, boss: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "STEP_S", 0)
    for _ in range(3):
        ana.ends(chat_of(ana))
    told.clear()
    number = asked(boss)
    assert told.nudges == [(Job.WRITE_EXPORT, (number,))]
    exports.write(number)
    heard = told.payloads("export:changed", f"agent:{boss.id}")
    assert [(each["state"], each["rows_done"], each["rows_total"]) for each in heard] == [
        ("waiting", 0, None), ("working", 0, 3), ("working", 1, 3), ("working", 2, 3), ("working", 3, 3), ("done", 3, 3),
    ]  # fmt: skip
    assert heard[-1]["url"]
    assert all(each.rooms == [f"agent:{boss.id}"] for each in told.tellings if each.event == "export:changed")


def test_a_file_holds_so_many_rows_and_says_that_there_were_more(
    ana: Colleague, boss: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        ana.ends(chat_of(ana))
    monkeypatch.setattr(exporting, "MOST_ROWS", 2)
    number = written(asked(boss))
    assert len(table(number)) == 2
    assert (stored(number)["capped"], stored(number)["rows_done"]) == (True, 2)
    monkeypatch.setattr(exporting, "MOST_ROWS", 3)
    assert not stored(written(asked(boss)))["capped"]


def test_cancelled_half_way_nothing_is_left(ana: Colleague, boss: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        ana.ends(chat_of(ana))
    number = asked(boss)
    monkeypatch.setattr(exports, "STEP_S", 0)
    whole = read.content

    def halfway(*args: Any, **more: Any) -> Iterator[dict[str, Any]]:
        for place, each in enumerate(whole(*args, **more)):
            if place == 1:
                exports.cancel(boss.viewer, number)
            yield each

    monkeypatch.setattr(read, "content", halfway)
    exports.write(number)
    row = stored(number)
    assert (row["state"], row["storage_key"], row["size"]) == ("cancelled", None, None)
    assert rows("select * from media_trash") == []
    assert list(storage().receiving().iterdir()) == []
    with pytest.raises(Conflict) as finished:
        exports.cancel(boss.viewer, number)
    assert finished.value.code == "finished"
    with pytest.raises(NotFound):
        exports.fetched(boss.viewer, number)


def test_cancelled_before_it_began_it_is_never_written(boss: Colleague) -> None:
    number = asked(boss)
    exports.cancel(boss.viewer, number)
    exports.write(number)
    assert stored(number)["state"] == "cancelled"


def test_a_worker_that_died_is_made_up_for_and_three_times_is_enough(told: Told, boss: Colleague) -> None:
    number = asked(boss)
    dead = exports._claim(number)
    assert dead is not None
    exports.write(number)
    assert stored(number)["state"] == "working", "somebody has it in hand"
    run("update export set lease_until = clock_timestamp()")
    exports.sweep()
    assert stored(number)["state"] == "done"
    with pytest.raises(exports.Cancelled):
        exports._progress(dead, 1, None)
    unlucky = asked(boss)
    for _ in range(exports.ATTEMPTS):
        assert exports._claim(unlucky) is not None
        run("update export set lease_until = clock_timestamp() where id = %s", (unlucky,))
    exports.sweep()
    assert (stored(unlucky)["state"], bool(stored(unlucky)["fault"])) == ("failed", True)
    assert told.payloads("export:changed", f"agent:{boss.id}")[-1]["state"] == "failed"


def test_what_goes_wrong_is_said(boss: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    number = asked(boss)

    def full(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(exports, "_store", full)
    with pytest.raises(OSError, match="no space"):
        exports.write(number)
    assert (stored(number)["state"], stored(number)["fault"]) == ("failed", "The file could not be written.")


def test_whoever_left_the_house_gets_no_file(boss: Colleague) -> None:
    number = asked(boss)
    Agent.update(disabled_at="2026-01-01T00:00:00Z").where(Agent.id == boss.id).execute()
    exports.write(number)
    assert stored(number)["state"] == "failed"


def test_a_lost_nudge_costs_seconds(told: Told, boss: Colleague) -> None:
    number = asked(boss)
    told.clear()
    exports.sweep()
    assert stored(number)["state"] == "done"


def test_a_day_later_the_file_is_gone_and_a_month_later_what_was_said_of_it(boss: Colleague) -> None:
    number = written(asked(boss))
    key = stored(number)["storage_key"]
    exports.sweep()
    assert stored(number)["state"] == "done"
    run("update export set finished_at = finished_at - interval '25 hours'")
    exports.sweep()
    assert (stored(number)["state"], stored(number)["storage_key"]) == ("expired", None)
    uploads.sweep()
    with pytest.raises(NotFound):
        storage().read(key, 0, 1)
    run("update export set created_at = created_at - interval '31 days'")
    exports.sweep()
    assert one("select 1 as yes from export") is None


def test_a_link_is_signed_for_one_file_and_runs_out(boss: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    number = written(asked(boss))
    row = stored(number)
    url = read.out(row)["url"]
    query = dict(part.split("=") for part in url.split("?")[1].split("&"))
    expires, signature = int(query["expires"]), query["signature"]
    assert links.export_holds(number, row["token"], expires, signature)
    assert not links.export_holds(number + 1, row["token"], expires, signature)
    assert not links.export_holds(number, "other", expires, signature)
    assert not links.export_holds(number, row["token"], expires + 1, signature)
    assert not links.export_holds(number, row["token"], expires, "é")
    monkeypatch.setattr(links.time, "time", lambda: expires + 1)
    assert not links.export_holds(number, row["token"], expires, signature)


def test_one_asks_for_a_few_at_a_time(boss: Colleague) -> None:
    for _ in range(exports.AT_ONCE):
        asked(boss)
    with pytest.raises(Invalid) as refused:
        asked(boss)
    assert refused.value.code == "too_many_exports"
