"""Canned messages from a file: looked at row by row, then taken whole or not at all."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from models.actions import audit, canned
from models.actions.importing import report, team_of, teams
from models.db import atomically, rows, run
from models.errors import DeskError
from models.queries.access import Permission, Viewer
from models.rules.canned_files import CANNED
from models.rules.sheets import Problem, Record
from models.schemas.catalogue import CannedBody

Row = dict[str, Any]


@atomically
def take(viewer: Viewer, *, format: str, text: str, dry_run: bool = True) -> Row:  # noqa: A002 - its name on the wire
    """Add what is new and change what differs, by shortcut within a scope. Returns an `ImportReport`.

    With a single problem, or as a dry run, nothing is changed. Files and counts of use stay as they are.
    """
    viewer.require(Permission.CHAT_ANSWER)
    found, problems = CANNED.read(text, format)
    taken, refused = _checked(viewer, found)
    problems += refused
    before = {_key(row): row for row in _present(viewer, [each["shortcut"] for each in taken])}
    fresh = [row for row in taken if _key(row) not in before]
    other = [row for row in taken if _key(row) in before and not _same(row, before[_key(row)])]
    applies = not dry_run and not problems
    if applies:
        _write([*fresh, *other])
        _tell(viewer, fresh, other)
    unchanged = len(taken) - len(fresh) - len(other)
    return report(problems, added=len(fresh), changed=len(other), unchanged=unchanged, applied=applies)


def _checked(viewer: Viewer, found: list[tuple[int, Record]]) -> tuple[list[Row], list[Problem]]:
    """The rows that could be written, as columns, and what is wrong with the others."""
    known = teams()
    taken: dict[Any, Row] = {}
    problems = []
    for number, record in found:
        shortcut = str(record["shortcut"])[:32]
        try:
            row = _columns(viewer, record, known)
        except ValidationError as fault:
            said = [f"{name}: {text}" for name, texts in sorted(fault.messages_dict.items()) for text in texts]
            problems.append(Problem(number, shortcut, " ".join(said)))
        except DeskError as refusal:
            problems.append(Problem(number, shortcut, refusal.sentence))
        else:
            if _key(row) in taken:
                problems.append(Problem(number, shortcut, "The same shortcut stands further up."))
            taken.setdefault(_key(row), row)
    return list(taken.values()), problems


def _columns(viewer: Viewer, record: Record, known: dict[str, int]) -> Row:
    """Through the same checks as a canned message that is typed. Without a scope it is its team's, or the desk's."""
    team_id = team_of(record, known)
    scope = record.get("scope") or ("desk" if team_id is None else "team")
    said = {**{key: record[key] for key in CANNED.needed}, "scope": scope, "team_id": team_id}
    loaded = CannedBody().load(said)
    loaded.pop("attachment_ids")
    return canned.checked(viewer, **loaded)


def _key(row: Row) -> tuple[str, int | None, int | None]:
    return row["shortcut"], row["team_id"], row["agent_id"]


def _same(row: Row, before: Row) -> bool:
    return (row["title"], row["body"]) == (before["title"], before["body"])


def _present(viewer: Viewer, shortcuts: list[str]) -> list[Row]:
    return rows(
        "select shortcut, title, body, team_id, agent_id from canned_message"
        " where shortcut = any(%s) and (agent_id is null or agent_id = %s) order by id for update",
        (shortcuts, viewer.id),
    )


def _write(taken: list[Row]) -> None:
    taken = sorted(taken, key=lambda row: (row["shortcut"], row["team_id"] or 0, row["agent_id"] or 0))
    names = ("shortcut", "title", "body", "team_id", "agent_id")
    run(
        "insert into canned_message (shortcut, title, body, team_id, agent_id)"
        " select * from unnest(%(shortcut)s::text[], %(title)s::text[], %(body)s::text[], %(team_id)s::bigint[],"
        " %(agent_id)s::bigint[])"
        " on conflict on constraint canned_message_shortcut"
        " do update set title = excluded.title, body = excluded.body, updated_at = clock_timestamp()",
        {name: [row[name] for row in taken] for name in names},
    )


def _tell(viewer: Viewer, fresh: list[Row], other: list[Row]) -> None:
    """One audit entry for the whole file, of what others can see of it; and whoever shows them reads them again."""
    shared = {
        word: sorted(row["shortcut"] for row in taken if row["agent_id"] is None)
        for word, taken in (("added", fresh), ("changed", other))
    }
    if any(shared.values()):
        audit.note(viewer, "imported", "canned", None, after={key: each for key, each in shared.items() if each})
        canned.tell(viewer, None)
    elif fresh or other:
        canned.tell(viewer, viewer.id)
