"""Services as people look after them: added, changed, archived and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.actions import audit, knowledge, news
from models.actions.chat_log import Row
from models.db import atomically, one, rows, run
from models.errors import Conflict, Invalid, NotFound
from models.jobs import Job, enqueue
from models.queries.access import Permission, Viewer
from models.rules.knowledge import MOST_PHRASINGS, distinct, key_of


@atomically
def add(viewer: Viewer, **content: Any) -> int:
    """Add a service, `content` as `ServiceBody` has it. Raises as `change` does."""
    viewer.require(Permission.KNOWLEDGE_EDIT)
    run("select pg_advisory_xact_lock(hashtext('service'))")  # two with one name, or one key, at the same moment
    check(content)
    key = key_of(content["name"], [each["key"] for each in rows("select key from service")])
    service_id = knowledge.save_service(key=key, by=viewer, **content)
    audit.note(viewer, "added", "service", service_id, content["name"])
    news.catalogue("services")
    return service_id


@atomically
def change(viewer: Viewer, service_id: int, version: int, **content: Any) -> None:
    """Put this in the place of the version given.

    Raises `Conflict` as `stale`, with the version now, when somebody has saved since, and as `name_taken`; `Invalid` as
    `unknown_team`, `team_missing` or `answer_missing`.
    """
    viewer.require(Permission.KNOWLEDGE_EDIT)
    run("select pg_advisory_xact_lock(hashtext('service'))")
    before = locked("service", service_id)
    if before["version"] != version:
        raise stale(before)
    if before["archived_at"] is not None:
        raise Conflict("This service is archived. Bring it back first.", code="archived")
    check(content, service_id)
    knowledge.save_service(key=before["key"], by=viewer, **content)
    named = ("name", "description", "answer", "team_id", "handover", "enabled", "quick_replies")
    audit.note(
        viewer,
        "changed",
        "service",
        service_id,
        content["name"],
        before={key: before[key] for key in named},
        after={key: content[key] for key in named},
    )
    news.catalogue("services")


@atomically
def add_phrasings(viewer: Viewer, service_id: int, texts: Sequence[str]) -> int:
    """Teach a service more ways to ask for it; those it has already are passed over. Returns how many were new."""
    viewer.require(Permission.KNOWLEDGE_EDIT)
    service = locked("service", service_id)
    if service["archived_at"] is not None:
        raise Conflict("This service is archived. Bring it back first.", code="archived")
    has = [
        each["text"]
        for each in rows(
            "select text from service_phrase where service_id = %s and origin = 'example' order by id", (service_id,)
        )
    ]
    together = distinct([*has, *texts])
    if len(together) > MOST_PHRASINGS:
        sentence = f"At most {MOST_PHRASINGS} phrasings; this would make {len(together)}."
        raise Invalid(sentence, code="too_many_phrasings", fields={"phrasings": [sentence]})
    kept = ("key", "name", "description", "answer", "team_id", "enabled", "quick_replies", "handover")
    knowledge.save_service(phrasings=together, by=viewer, **{key: service[key] for key in kept})
    audit.note(viewer, "taught", "service", service_id, service["name"], after={"phrasings": together[len(has) :]})
    news.catalogue("services")
    return len(together) - len(has)


@atomically
def archive(viewer: Viewer, service_id: int) -> None:
    """Take a service out of use. What it answered stays in the chats; again is once."""
    viewer.require(Permission.KNOWLEDGE_EDIT)
    service = locked("service", service_id)
    if service["archived_at"] is None:
        _set(service_id, "was_live = enabled, enabled = false, archived_at = clock_timestamp()", viewer)
        audit.note(viewer, "archived", "service", service_id, service["name"])


@atomically
def bring_back(viewer: Viewer, service_id: int) -> None:
    """Undo the archiving: as it was, in use or not. Raises `Conflict` as `name_taken`."""
    viewer.require(Permission.KNOWLEDGE_EDIT)
    service = locked("service", service_id)
    if service["archived_at"] is not None:
        _name_is_free(service["name"], service_id)
        _set(service_id, "enabled = was_live, archived_at = null", viewer)
        audit.note(viewer, "brought_back", "service", service_id, service["name"])


def _set(service_id: int, columns: str, viewer: Viewer) -> None:
    run(
        f"update service set {columns}, version = version + 1, updated_at = clock_timestamp(), changed_by_id = %s where id = %s",
        (viewer.id, service_id),
    )
    enqueue(Job.EMBED_KNOWLEDGE)
    news.catalogue("services")


def locked(noun: str, owner_id: int) -> Row:
    """The row of a service or an article, locked. Raises `NotFound`."""
    found = one(f"select * from {noun} where id = %s for update", (owner_id,))
    if found is None:
        raise NotFound()
    return found


def stale(row: Row) -> Conflict:
    """Somebody has saved since the editor was opened."""
    return Conflict("Somebody else has changed this meanwhile.", code="stale", version=row["version"])


def check(content: Row, service_id: int = 0) -> None:
    """What a schema cannot see: the name is free, the team there, and something is said or somebody is."""
    _name_is_free(content["name"], service_id)
    team_id = content["team_id"]
    if team_id is not None and not rows(
        "select 1 from team where id = %s and archived_at is null for key share", (team_id,)
    ):
        raise _wrong("There is no such team any more.", "unknown_team", "team_id")
    if content["handover"] != "never" and team_id is None:
        raise _wrong("Choose the team that takes over.", "team_missing", "team_id")
    if not content["answer"] and content["handover"] != "instead":
        raise _wrong("Write the answer, or let its team answer instead.", "answer_missing", "answer")


def _name_is_free(name: str, service_id: int) -> None:
    """A customer who taps a name must get that service and no other."""
    if one(
        "select 1 as yes from service where lower(name) = lower(%s) and id <> %s and archived_at is null",
        (name, service_id),
    ):
        raise Conflict(f"There is a service called {name} already.", code="name_taken")


def _wrong(sentence: str, code: str, field: str) -> Invalid:
    return Invalid(sentence, code=code, fields={field: [sentence]})
