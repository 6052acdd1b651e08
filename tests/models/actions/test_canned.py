"""Canned messages: whose they are, who changes them, and that a file is taken whole or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models.actions import canned, canned_import
from models.db import one, rows, run
from models.errors import Conflict, Invalid, NotFound, Refused
from models.live import Room
from models.queries import canned as read
from models.rules.canned import VARIABLES
from models.rules.canned_files import CANNED
from models.schemas.catalogue import CannedList
from models.schemas.sheets import ImportReport
from models.tables.messages import Attachment
from tests.support.people import Colleague, chat_of, make_agent, make_team
from tests.support.told import Told

TEXT: dict[str, Any] = {"shortcut": "hello", "title": "Hello", "body": "Hello {{customer.name}}", "scope": "desk"}


@pytest.fixture
def orders() -> int:
    return make_team("Orders")


@pytest.fixture
def ana(orders: int) -> Colleague:
    return make_agent("Ana Ruiz", teams=(orders,))


@pytest.fixture
def boss() -> Colleague:
    return make_agent("The Boss", role="supervisor")


@pytest.fixture
def admin() -> Colleague:
    return make_agent("The Admin", role="admin")


def shortcuts(who: Colleague) -> list[str]:
    found = read.usable(who.viewer)
    assert CannedList().validate(found) == {}
    return [each["shortcut"] for each in found["items"]]


def audited() -> list[tuple[str, Any, Any]]:
    found = rows("select what, before, after from audit_entry where target = 'canned' order by id")
    return [(each["what"], each["before"], each["after"]) for each in found]


def upload(who: Colleague, name: str = "map.png") -> int:
    return int(
        Attachment.create(
            token=name, by_agent=who.id, name=name, kind="image", content_type="image/png", size=9, storage_key=name
        ).id
    )


# --- Scopes -----------------------------------------------------------------------------------------


def test_each_scope_is_used_by_those_it_is_for(orders: int, ana: Colleague, boss: Colleague, admin: Colleague) -> None:
    billing = make_team("Billing")
    far = make_agent("Far Off", teams=(billing,))
    canned.add(boss.viewer, **TEXT)
    canned.add(boss.viewer, **TEXT | {"shortcut": "team", "scope": "team", "team_id": orders})
    canned.add(ana.viewer, **TEXT | {"shortcut": "own", "scope": "personal"})
    assert shortcuts(ana) == ["hello", "own", "team"]
    assert shortcuts(far) == ["hello"]
    for other in (boss, admin):
        assert shortcuts(other) == ["hello", "team"]
    assert {each["shortcut"]: each["editable"] for each in read.usable(ana.viewer)["items"]} == {
        "hello": False, "own": True, "team": False,
    }  # fmt: skip
    assert all(each["editable"] for each in read.usable(boss.viewer)["items"])
    assert read.usable(ana.viewer)["variables"] == list(VARIABLES)


def test_shared_ones_are_the_supervisors_and_ones_own_nobody_elses(
    orders: int, ana: Colleague, admin: Colleague
) -> None:
    shared = canned.add(admin.viewer, **TEXT)
    own = canned.add(ana.viewer, **TEXT | {"scope": "personal"})
    for attempt in (
        lambda: canned.add(ana.viewer, **TEXT | {"shortcut": "x"}),
        lambda: canned.add(ana.viewer, **TEXT | {"shortcut": "x", "scope": "team", "team_id": orders}),
        lambda: canned.change(ana.viewer, shared, **TEXT | {"scope": "personal"}),
        lambda: canned.change(ana.viewer, own, **TEXT),
        lambda: canned.remove(ana.viewer, shared),
        lambda: canned.add(make_agent("Reads", role="analyst").viewer, **TEXT | {"scope": "personal"}),
    ):
        with pytest.raises(Refused):
            attempt()
    for attempt in (
        lambda: canned.change(admin.viewer, own, **TEXT | {"shortcut": "mine-now"}),
        lambda: canned.remove(admin.viewer, own),
        lambda: canned.remove(admin.viewer, 987_654_321),
        lambda: read.one_of(admin.viewer, own),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert rows("select shortcut, agent_id from canned_message order by id") == [
        {"shortcut": "hello", "agent_id": None},
        {"shortcut": "hello", "agent_id": ana.id},
    ]


# --- Add, change, remove ----------------------------------------------------------------------------


def test_a_change_changes_everything_and_is_audited(orders: int, boss: Colleague, told: Told) -> None:
    number = canned.add(boss.viewer, **TEXT)
    told.clear()
    canned.change(boss.viewer, number, **TEXT | {"title": "Good day", "scope": "team", "team_id": orders})
    found = read.one_of(boss.viewer, number)
    assert (found["title"], found["scope"], found["team"]["name"]) == ("Good day", "team", "Orders")
    assert told.payloads("catalogue:changed", Room.DESK) == [{"what": "canned"}]
    canned.remove(boss.viewer, number)
    assert [what for what, _, _ in audited()] == ["added", "changed", "removed"]
    assert audited()[1][1:] == ({"title": "Hello", "team": None}, {"title": "Good day", "team": "Orders"})
    assert read.usable(boss.viewer)["items"] == []


def test_of_ones_own_nobody_hears_and_no_audit_speaks(ana: Colleague, told: Told) -> None:
    told.clear()
    number = canned.add(ana.viewer, **TEXT | {"scope": "personal"})
    canned.change(ana.viewer, number, **TEXT | {"scope": "personal", "body": "Mine"})
    canned.remove(ana.viewer, number)
    assert told.payloads("catalogue:changed", Room.DESK) == []
    assert len(told.payloads("catalogue:changed", Room.agent(ana.id))) == 3
    assert audited() == []


def test_one_that_becomes_everybodys_is_new_to_them(boss: Colleague, told: Told) -> None:
    number = canned.add(boss.viewer, **TEXT | {"scope": "personal"})
    told.clear()
    canned.change(boss.viewer, number, **TEXT)
    assert [what for what, _, _ in audited()] == ["added"]
    assert told.payloads("catalogue:changed", Room.DESK) == [{"what": "canned"}]
    told.clear()
    canned.change(boss.viewer, number, **TEXT | {"scope": "personal"})
    assert [what for what, _, _ in audited()] == ["added", "removed"]
    assert told.payloads("catalogue:changed", Room.DESK) == [{"what": "canned"}]


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"body": "Hello {{customer.nme}}"}, "unknown_variable", "body"),
        ({"body": "{{7*7}}"}, "unknown_variable", "body"),
        ({"shortcut": "Hello"}, "invalid", "shortcut"),
        ({"shortcut": "/hello"}, "invalid", "shortcut"),
        ({"scope": "team"}, "invalid", "team_id"),
        ({"scope": "team", "team_id": 987_654_321}, "invalid", "team_id"),
        ({"scope": "desk", "team_id": 1}, "invalid", "team_id"),
        ({"attachment_ids": [987_654_321]}, "unknown_file", None),
    ],
)
def test_what_will_not_do_is_refused_and_nothing_is_kept(
    boss: Colleague, wrong: dict[str, Any], code: str, field: str | None
) -> None:
    number = canned.add(boss.viewer, **TEXT | {"shortcut": "good"})
    for attempt in (
        lambda: canned.add(boss.viewer, **TEXT | wrong),
        lambda: canned.change(boss.viewer, number, **TEXT | wrong),
    ):
        with pytest.raises(Invalid) as refused:
            attempt()
        assert refused.value.code == code
        assert field is None or field in refused.value.detail["fields"]
    assert shortcuts(boss) == ["good"]
    assert len(audited()) == 1


def test_the_refusal_of_a_variable_names_it_and_those_there_are(boss: Colleague) -> None:
    with pytest.raises(Invalid, match=r"“order\.id” is not a variable.*customer\.first_name"):
        canned.add(boss.viewer, **TEXT | {"body": "Order {{ order.id }}"})


def test_an_archived_team_gets_none(boss: Colleague) -> None:
    closed = make_team("Closed", archived_at="2020-01-01T00:00:00Z")
    with pytest.raises(Invalid):
        canned.add(boss.viewer, **TEXT | {"scope": "team", "team_id": closed})


def test_a_shortcut_is_one_of_its_scope(orders: int, ana: Colleague, boss: Colleague) -> None:
    team = TEXT | {"scope": "team", "team_id": orders}
    own = TEXT | {"scope": "personal"}
    numbers = [canned.add(who.viewer, **text) for who, text in ((boss, TEXT), (boss, team), (boss, own), (ana, own))]
    for who, text in ((boss, TEXT), (boss, team), (boss, own), (ana, own)):
        with pytest.raises(Conflict) as refused:
            canned.add(who.viewer, **text)
        assert refused.value.code == "shortcut_taken"
    other = canned.add(boss.viewer, **TEXT | {"shortcut": "other"})
    with pytest.raises(Conflict):
        canned.change(boss.viewer, other, **TEXT)
    canned.change(boss.viewer, numbers[0], **TEXT | {"title": "The same shortcut again"})
    # one's own comes before the team's, and that before the desk's
    assert [each["scope"] for each in read.usable(ana.viewer)["items"]] == ["personal", "team", "desk", "desk"]


# --- Files ------------------------------------------------------------------------------------------


def test_files_go_with_it_and_with_every_message_made_from_it(ana: Colleague, boss: Colleague) -> None:
    first, second = upload(boss, "one.png"), upload(boss, "two.png")
    number = canned.add(boss.viewer, **TEXT, attachment_ids=[first, second])
    shown = next(each for each in read.usable(ana.viewer)["items"] if each["id"] == number)
    assert [each["name"] for each in shown["attachments"]] == ["one.png", "two.png"]
    chat_id = chat_of(ana)
    for _ in range(2):
        said = ana.says(chat_id, "", canned_id=number, attachment_ids=[first])
        assert [each["name"] for each in said.row["data"]["attachments"]] == ["one.png"]
    canned.change(boss.viewer, number, **TEXT, attachment_ids=[second])
    assert [each["name"] for each in read.one_of(ana.viewer, number)["attachments"]] == ["two.png"]
    assert one("select count(*)::int as n from attachment where message_id is not null") == {"n": 2}
    with pytest.raises(Invalid) as refused:
        ana.says(chat_id, "", attachment_ids=[second])
    assert refused.value.code == "unknown_file"


# --- Files of canned messages -----------------------------------------------------------------------


def take(who: Colleague, records: list[dict[str, Any]] | str, kind: str = "json", *, dry_run: bool = False) -> Any:
    text = records if isinstance(records, str) else json.dumps(records)
    report = canned_import.take(who.viewer, format=kind, text=text, dry_run=dry_run)
    assert ImportReport().validate(report) == {}
    return report


def counted(report: Any) -> tuple[int, int, int, bool]:
    return report["added"], report["changed"], report["unchanged"], report["applied"]


FILE = [
    {"shortcut": "hello", "title": "Hello", "body": "Hello {{customer.name}}"},
    {"shortcut": "hello", "title": "Hello", "body": "Hello from Orders", "team": "orders"},
    {"shortcut": "own", "title": "Own", "body": "=1+1", "scope": "personal"},
]


def test_a_dry_run_says_what_would_happen_and_changes_nothing(orders: int, boss: Colleague, told: Told) -> None:
    told.clear()
    assert counted(take(boss, FILE, dry_run=True)) == (3, 0, 0, False)
    assert (read.usable(boss.viewer)["items"], told.tellings, audited()) == ([], [], [])


def test_a_file_is_taken_and_taken_again_changes_nothing(orders: int, boss: Colleague, told: Told) -> None:
    assert counted(take(boss, FILE)) == (3, 0, 0, True)
    found = read.usable(boss.viewer)["items"]
    assert [(each["shortcut"], each["scope"]) for each in found] == [
        ("hello", "team"), ("hello", "desk"), ("own", "personal"),
    ]  # fmt: skip
    assert audited() == [("imported", None, {"added": ["hello", "hello"]})]
    told.clear()
    assert counted(take(boss, FILE)) == (0, 0, 3, True)
    assert told.tellings == []
    run("update canned_message set uses = 7")
    assert counted(take(boss, [FILE[0] | {"title": "Good day"}, *FILE[1:]])) == (0, 1, 2, True)
    assert rows("select title, uses from canned_message where team_id is null and agent_id is null") == [
        {"title": "Good day", "uses": 7}
    ]
    assert told.payloads("catalogue:changed", Room.DESK) == [{"what": "canned"}]


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_what_one_desk_exports_another_takes(orders: int, boss: Colleague, admin: Colleague, kind: str) -> None:
    take(boss, FILE)
    take(admin, [FILE[2] | {"body": "Not for the boss"}])
    text = CANNED.written(read.records(boss.viewer), kind)
    assert "Not for the boss" not in text
    before = rows("select shortcut, title, body, team_id, agent_id from canned_message where agent_id is distinct from %s"
                  " order by 1, 4, 5", (admin.id,))  # fmt: skip
    assert counted(take(boss, text, kind)) == (0, 0, 3, True)
    run("delete from canned_message where agent_id is distinct from %s", (admin.id,))
    assert counted(take(boss, text, kind)) == (3, 0, 0, True)
    assert before == rows(
        "select shortcut, title, body, team_id, agent_id from canned_message where agent_id is distinct from %s"
        " order by 1, 4, 5", (admin.id,))  # fmt: skip


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"shortcut": "Bad One"}, "shortcut"),
        ({"title": ""}, "title: This is empty."),
        ({"body": "x" * 4001}, "body: At most 4,000"),
        ({"body": 7}, "body: Not a valid string."),
        ({"body": "{{order.id}}"}, "“order.id” is not a variable"),
        ({"team": "Nobody"}, "no team called “Nobody”"),
        ({"team": ["Orders"]}, "no team called"),
        ({"scope": "world"}, "scope"),
        ({"scope": "team"}, "Choose the team"),
        ({"scope": "personal", "team": "Orders"}, "Choose the team"),
    ],
)
def test_one_bad_row_keeps_the_whole_file_out_and_says_which(
    orders: int, boss: Colleague, record: dict[str, Any], said: str
) -> None:
    bad = {"shortcut": "bad", "title": "Bad", "body": "Bad"} | record
    report = take(boss, [FILE[0], bad])
    (problem,) = report["problems"]
    assert (problem["row"], said in problem["message"]) == (2, True), problem
    assert counted(report) == (1, 0, 0, False)
    assert read.usable(boss.viewer)["items"] == []


def test_a_shortcut_twice_in_a_scope_is_a_problem_of_the_second(orders: int, boss: Colleague) -> None:
    report = take(boss, [FILE[0], FILE[1], FILE[0] | {"body": "Other"}, FILE[1]])
    assert [(each["row"], each["name"]) for each in report["problems"]] == [(3, "hello"), (4, "hello")]
    assert read.usable(boss.viewer)["items"] == []


def test_an_agent_takes_a_file_for_themselves_alone(orders: int, ana: Colleague) -> None:
    report = take(ana, FILE)
    assert [each["row"] for each in report["problems"]] == [1, 2]
    assert counted(take(ana, FILE[2:])) == (1, 0, 0, True)
    assert audited() == []
    with pytest.raises(Refused):
        take(make_agent("Reads", role="analyst"), FILE[2:])


@pytest.mark.parametrize(("kind", "text"), [("json", "nonsense"), ("csv", 'a,"b'), ("csv", "x"), ("json", "null")])
def test_a_broken_file_is_a_report_and_no_fault(boss: Colleague, kind: str, text: str) -> None:
    report = take(boss, text, kind)
    assert (counted(report), [each["row"] for each in report["problems"]]) == ((0, 0, 0, False), [0])
