"""Keep canned messages in order: the desk's and the teams' by supervisors, one's own by everybody for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import peewee

from models.actions import attachments, audit, news
from models.db import atomically, one, rows, run
from models.errors import Conflict, Invalid, NotFound
from models.queries.access import Permission, Viewer
from models.rules import canned as rules

Facts = dict[str, Any]


@atomically
def add(viewer: Viewer, *, attachment_ids: Sequence[int] = (), **text: Any) -> int:
    """A new canned message. Returns its id.

    `text` is as in `CannedBody`. Raises `Invalid` (`unknown_variable`, `unknown_file`), `Refused` for a shared
    one without the permission, and `Conflict` (`shortcut_taken`).
    """
    columns = checked(viewer, **text)
    try:
        (made,) = rows(
            "insert into canned_message (shortcut, title, body, team_id, agent_id)"
            " values (%(shortcut)s, %(title)s, %(body)s, %(team_id)s, %(agent_id)s) returning id",
            columns,
        )
    except peewee.IntegrityError:
        raise _taken(columns) from None
    attachments.set_of_canned(viewer, made["id"], attachment_ids)
    _note(viewer, made["id"], None, _facts(made["id"]))
    tell(viewer, columns["agent_id"])
    return int(made["id"])


@atomically
def change(viewer: Viewer, canned_id: int, *, attachment_ids: Sequence[int] = (), **text: Any) -> None:
    """Everything about a canned message, its scope and its files included. Raises as `add` does, and `NotFound`."""
    before = _locked(viewer, canned_id)
    columns = checked(viewer, **text)
    try:
        run(
            "update canned_message set shortcut = %(shortcut)s, title = %(title)s, body = %(body)s,"
            " team_id = %(team_id)s, agent_id = %(agent_id)s, updated_at = clock_timestamp() where id = %(id)s",
            {**columns, "id": canned_id},
        )
    except peewee.IntegrityError:
        raise _taken(columns) from None
    attachments.set_of_canned(viewer, canned_id, attachment_ids)
    _note(viewer, canned_id, before, _facts(canned_id))
    tell(viewer, columns["agent_id"] if before["agent_id"] is not None else None)


@atomically
def remove(viewer: Viewer, canned_id: int) -> None:
    """Gone, with its files; messages that were made from it keep theirs."""
    before = _locked(viewer, canned_id)
    run("delete from canned_message where id = %s", (canned_id,))
    _note(viewer, canned_id, before, None)
    tell(viewer, before["agent_id"])


def checked(viewer: Viewer, *, shortcut: str, title: str, body: str, scope: str, team_id: int | None = None) -> Facts:
    """The columns of a canned message this agent may write, or a refusal that says what is wrong."""
    viewer.require(Permission.CHAT_ANSWER if scope == "personal" else Permission.DESK_EDIT)
    if not rules.SHORTCUT.fullmatch(shortcut):
        said = "Small letters, digits, - and _; the first a letter or a digit."
        raise Invalid(f"A shortcut is made of {said[0].lower()}{said[1:]}", fields={"shortcut": [said]})
    if unknown := rules.unknown(body):
        raise Invalid(rules.unknown_sentence(unknown), code="unknown_variable", fields={"body": unknown})
    if (team_id is None) == (scope == "team"):
        raise Invalid("Choose the team it is for.", fields={"team_id": ["For the scope “team”, and for no other."]})
    if team_id is not None and not one("select 1 as yes from team where id = %s and archived_at is null", (team_id,)):
        raise Invalid("There is no such team.", fields={"team_id": ["There is no such team."]})
    agent_id = viewer.id if scope == "personal" else None
    return {"shortcut": shortcut, "title": title, "body": body, "team_id": team_id, "agent_id": agent_id}


def tell(viewer: Viewer, owner_id: int | None) -> None:
    """Whoever shows canned messages reads them again; of one's own nobody else hears."""
    news.catalogue("canned", only_agent=viewer.id if owner_id == viewer.id else None)


def _locked(viewer: Viewer, canned_id: int) -> Facts:
    """What it is now, locked. Somebody else's own is not there, whoever asks."""
    found = one("select agent_id from canned_message where id = %s for update", (canned_id,))
    if found is None or found["agent_id"] not in (None, viewer.id):
        raise NotFound()
    viewer.require(Permission.CHAT_ANSWER if found["agent_id"] is not None else Permission.DESK_EDIT)
    return _facts(canned_id)


def _facts(canned_id: int) -> Facts:
    (found,) = rows(
        "select c.shortcut, c.title, c.body, c.agent_id, t.name as team,"
        " array(select a.name from attachment a where a.canned_id = c.id order by a.id) as files"
        " from canned_message c left join team t on t.id = c.team_id where c.id = %s",
        (canned_id,),
    )
    return found


def _note(viewer: Viewer, canned_id: int, before: Facts | None, after: Facts | None) -> None:
    """Into the audit, as others see it: a personal one is not there for them."""
    before, after = (_shared(side) for side in (before, after))
    what = "added" if before is None else "removed" if after is None else "changed"
    name = (after or before or {}).get("shortcut")
    if name is not None:
        audit.note(viewer, what, "canned", canned_id, name, before, after)


def _shared(facts: Facts | None) -> Facts | None:
    if facts is None or facts["agent_id"] is not None:
        return None
    return {key: value for key, value in facts.items() if key != "agent_id"}


def _taken(columns: Facts) -> Conflict:
    return Conflict(f"/{columns['shortcut']} is taken by another canned message of this scope.", code="shortcut_taken")
