"""Routing rules: the whole list saved at once, or not at all; and the decision when a chat enters the queue."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.actions import audit, news
from models.db import atomically, one, rows, run
from models.errors import Conflict, Invalid
from models.queries import routing as read
from models.queries.access import Permission, Viewer
from models.rules import routing as rules
from models.rules.routing import OF_IDS, Rule

SaidRule = Mapping[str, Any]

_SAVE = """
insert into routing_rule (id, ord, name, enabled, conditions, team_id, priority)
select coalesce(r.id, nextval(pg_get_serial_sequence('routing_rule', 'id'))), r.ord, r.name, r.enabled, r.conditions,
       r.team_id, r.priority
from jsonb_to_recordset(%s) as r(id bigint, ord smallint, name text, enabled boolean, conditions jsonb,
                                 team_id bigint, priority smallint)
on conflict (id) do update set ord = excluded.ord, name = excluded.name, enabled = excluded.enabled,
    conditions = excluded.conditions, team_id = excluded.team_id, priority = excluded.priority
"""


@atomically
def replace_rules(viewer: Viewer, said: Sequence[SaidRule], version: int) -> None:
    """Put this list in the place of the one that had this version; rules keep their ids.

    Raises `Conflict` as `stale`, with the version now, when somebody else has saved since; and `Invalid`
    with the place of everything that is wrong under `fields`. Then nothing is saved.
    """
    viewer.require(Permission.DESK_EDIT)
    desk = one("select routing_version from desk where id = 1 for no key update")
    assert desk is not None
    if desk["routing_version"] != version:
        raise Conflict("Somebody else has changed the rules meanwhile.", code="stale", version=desk["routing_version"])
    before = read.stored()
    _check(said, {each.id for each in before})
    run("delete from routing_rule where id <> all(%s)", ([each["id"] for each in said if each["id"] is not None],))
    run(_SAVE, (json.dumps([{**each, "ord": place} for place, each in enumerate(said)]),))
    run("update desk set routing_version = routing_version + 1 where id = 1")
    audit.note(
        viewer,
        "changed",
        "routing",
        None,
        "",
        before={"rules": _facts(before)},
        after={"rules": _facts(read.stored())},
    )
    news.catalogue("routing")


def _facts(listed: Sequence[Rule]) -> list[dict[str, Any]]:
    return [
        {
            "name": rule.name,
            "enabled": rule.enabled,
            "conditions": list(rule.conditions),
            "team_id": rule.team_id,
            "priority": rule.priority,
        }
        for rule in listed
    ]


def _check(said: Sequence[SaidRule], known: set[int | None]) -> None:
    """Refuse a list of which any part is wrong, naming all of the parts."""
    if sum(len(condition["values"]) for rule in said for condition in rule["conditions"]) > rules.MOST_VALUES:
        raise Invalid(
            f"All rules together hold at most {rules.MOST_VALUES:,} values.",
            code="too_many_values",
            fields={"rules": [f"At most {rules.MOST_VALUES:,} values in all."]},
        )
    there = _there(said)
    seen: set[int] = set()
    wrong: dict[str, dict[str, Any]] = {}
    codes: list[str] = []
    for place, rule in enumerate(said):
        for code, path, sentence in _objections(rule, known - seen, there):
            codes.append(code)
            _put(wrong, [str(place), *path], sentence)
        seen |= {rule["id"]} - {None}
    if wrong:
        raise Invalid(
            "The rules are not saved: something in them is not right.", code=codes[0], fields={"rules": wrong}
        )


def _objections(
    rule: SaidRule, known: set[int | None], there: Mapping[str, set[int]]
) -> Iterator[tuple[str, list[str], str]]:
    """What is wrong with one rule: a code, where, and a sentence."""
    if rule["id"] is not None and rule["id"] not in known:
        yield "unknown_rule", ["id"], "There is no such rule, or it is in the list twice."
    if rule["team_id"] is not None and rule["team_id"] not in there["asked_team"]:
        yield "unknown_team", ["team_id"], "There is no such team any more."
    for place, condition in enumerate(rule["conditions"]):
        mistakes = rules.mistakes(condition)
        for name, sentence in mistakes.items():
            yield "invalid", ["conditions", str(place), name], sentence
        if condition["field"] in OF_IDS and not mistakes:
            gone = [value for value in condition["values"] if int(value) not in there[condition["field"]]]
            if gone:
                noun = "team" if condition["field"] == "asked_team" else condition["field"]
                sentence = f"There is no such {noun} any more: {', '.join(gone)}."
                yield f"unknown_{noun}", ["conditions", str(place), "values"], sentence


def _there(said: Sequence[SaidRule]) -> dict[str, set[int]]:
    """The ids that a rule may name. The teams it sends to are held until the list is saved."""
    wanted = [rule["team_id"] for rule in said if rule["team_id"] is not None]
    run("select 1 from team where id = any(%s) order by id for share", (wanted,))
    found = rows(
        "select 'asked_team' as what, id from team where archived_at is null"
        " union all select 'channel', id from channel union all select 'service', id from service"
    )
    return {what: {each["id"] for each in found if each["what"] == what} for what in OF_IDS}


def _put(into: dict[str, Any], path: Sequence[str], sentence: str) -> None:
    *way, last = path
    for step in way:
        into = into.setdefault(step, {})
    into.setdefault(last, []).append(sentence)
