"""How long things are kept. A rule says what and for how long; a worker removes what is older, a few at a time.

Nothing is removed before a dry run of the very same rule has stood for a day: whoever mistypes a number has that
long to see what it would cost. A chat that somebody still owes a word about stays.
"""

from __future__ import annotations

import time
from typing import Any

import peewee
import structlog

from models.actions import audit
from models.db import atomically, one, rows, run
from models.errors import Conflict, NotFound
from models.queries import retention as read
from models.queries.access import Permission, Viewer
from models.tables.keeping import RetentionRule

log = structlog.get_logger()

AT_A_TIME = 200  # chats or messages in one transaction: locks are short
WORKS_S = 60  # of one sweep; what is left is met by the next
STANDS_FOR = "24 hours"

Row = dict[str, Any]


def add(viewer: Viewer, **rule: Any) -> int:
    """A new rule, at rest. Raises `Conflict` (`rule_exists`)."""
    try:
        return _add(viewer, rule)
    except peewee.IntegrityError:
        raise Conflict("There is a rule for this already.", code="rule_exists") from None


@atomically
def _add(viewer: Viewer, rule: Row) -> int:
    viewer.require(Permission.AGENT_MANAGE)
    made = RetentionRule.create(**rule)
    number: int = made.id
    audit.note(viewer, "added", "retention", number, read.called(rule["what"]), after=rule)
    _try(number)
    return number


@atomically
def change(viewer: Viewer, rule_id: int, **changes: Any) -> None:
    """Switch a rule on or off, or give it another age; with another age its dry run begins anew."""
    viewer.require(Permission.AGENT_MANAGE)
    rule = _locked(rule_id)
    before = {key: rule[key] for key in changes}
    if changes:
        RetentionRule.update(**changes, updated_at=peewee.fn.clock_timestamp()).where(
            RetentionRule.id == rule_id
        ).execute()
    if before != changes:
        _try(rule_id)
    audit.note(viewer, "changed", "retention", rule_id, read.called(rule["what"]), before, changes)


@atomically
def remove(viewer: Viewer, rule_id: int) -> None:
    viewer.require(Permission.AGENT_MANAGE)
    rule = _locked(rule_id)
    RetentionRule.delete().where(RetentionRule.id == rule_id).execute()
    audit.note(
        viewer, "removed", "retention", rule_id, read.called(rule["what"]), before={"after_days": rule["after_days"]}
    )


@atomically
def try_out(viewer: Viewer, rule_id: int) -> None:
    """Count anew what the rule would remove now. When it may begin stays as it was."""
    viewer.require(Permission.AGENT_MANAGE)
    rule = _locked(rule_id)
    run("update retention_rule set tried_count = %s where id = %s", (read.due(rule), rule_id))


def _try(rule_id: int) -> None:
    """The dry run of a rule that is new or has changed: from now on it has to stand for a day."""
    rule = _locked(rule_id)
    run(
        "update retention_rule set tried_at = clock_timestamp(), tried_count = %s where id = %s",
        (read.due(rule), rule_id),
    )


def _locked(rule_id: int) -> Row:
    found = one("select * from retention_rule where id = %s for update", (rule_id,))
    if found is None:
        raise NotFound()
    return found


# --- the worker ------------------------------------------------------------------------------------------------


def sweep() -> int:
    """Remove what the rules that stand say, for as long as one sweep works. Returns how many."""
    deadline, removed = time.monotonic() + WORKS_S, 0
    standing = rows(
        "select id from retention_rule where enabled and tried_at <= clock_timestamp() - %s::interval order by id",
        (STANDS_FOR,),
    )
    for each in standing:
        while time.monotonic() < deadline and (gone := _remove_some(each["id"])):
            removed += gone
    return removed


@atomically
def _remove_some(rule_id: int) -> int:
    found = rows("select * from retention_rule where id = %s and enabled for update", (rule_id,))
    if not found:
        return 0
    (rule,) = found
    ids = read.some_due(rule, AT_A_TIME)
    if rule["what"] == "files":
        _remove_files(ids)
    elif rule["what"] == "broadcasts":
        run("delete from broadcast where id = any(%s)", (ids,))
    else:
        _remove_chats(ids)
    run(
        "update retention_rule set ran_at = clock_timestamp(), removed = removed + %s where id = %s",
        (len(ids), rule_id),
    )
    if ids:
        log.info("retention_removed", rule=rule_id, what=rule["what"], many=len(ids))
    return len(ids)


def _remove_chats(ids: list[int]) -> None:
    """Chats with everything in them, and the sessions that are empty then. Files go to the trash by their rows."""
    run("update chat set previous_chat_id = null where previous_chat_id = any(%s)", (ids,))
    sessions = [each["session_id"] for each in rows("delete from chat where id = any(%s) returning session_id", (ids,))]
    run(
        "delete from session s where s.id = any(%s) and not exists (select from chat c where c.session_id = s.id)",
        (sessions,),
    )


def _remove_files(messages: list[int]) -> None:
    """Files of old messages. The message goes on saying what they were called."""
    run("delete from attachment where message_id = any(%s)", (messages,))
    run(
        "update message set data = (data - 'attachments') || jsonb_build_object('removed_files',"
        " coalesce(jsonb_path_query_array(data, '$.attachments[*].name'), '[]')) where id = any(%s)",
        (messages,),
    )
