"""Keep tags in order, and put them on many chats at once."""

from __future__ import annotations

from collections.abc import Sequence

from models.actions import audit, chats, news
from models.db import atomically, one, rows, run
from models.errors import Conflict, DeskError, Invalid, NotFound
from models.queries.access import Permission, Viewer
from models.tables.chats import ChatTag
from models.tables.desk import Tag

Refusal = dict[str, int | str]


@atomically
def add(viewer: Viewer, name: str, hue: int) -> int:
    """A new tag. Returns its id; names differ by more than case."""
    viewer.require(Permission.DESK_EDIT)
    _require_free(name)
    tag_id = int(Tag.create(name=name, hue=hue).id)
    audit.note(viewer, "added", "tag", tag_id, name, after={"name": name, "hue": hue})
    news.catalogue("tags")
    return tag_id


@atomically
def change(viewer: Viewer, tag_id: int, **changes: str | int) -> None:
    """Rename or recolour."""
    viewer.require(Permission.DESK_EDIT)
    tag = _locked(tag_id)
    before = {"name": tag.name, "hue": tag.hue}
    if "name" in changes:
        _require_free(str(changes["name"]), tag_id)
    if changes:
        Tag.update(**changes).where(Tag.id == tag_id).execute()
    audit.note(viewer, "changed", "tag", tag_id, tag.name, before, {**before, **changes})
    _tell(tag_id)


@atomically
def merge(viewer: Viewer, tag_id: int, into_id: int) -> None:
    """Every chat with this tag has the other one from now on; this one is gone."""
    viewer.require(Permission.DESK_EDIT)
    if tag_id == into_id:
        raise Invalid("Choose another tag to merge into.", code="same_tag", fields={"into_id": ["The same tag."]})
    first, second = (_locked(each) for each in sorted((tag_id, into_id)))
    gone, stays = (first, second) if first.id == tag_id else (second, first)
    run(
        "insert into chat_tag (chat_id, tag_id, agent_id, created_at)"
        " select chat_id, %s, agent_id, created_at from chat_tag where tag_id = %s on conflict do nothing",
        (into_id, tag_id),
    )
    _remove(tag_id)
    audit.note(viewer, "merged", "tag", tag_id, gone.name, after={"into": stays.name})
    _tell(into_id)


@atomically
def remove(viewer: Viewer, tag_id: int) -> None:
    """Take a tag off every chat and out of the list."""
    viewer.require(Permission.DESK_EDIT)
    tag = _locked(tag_id)
    worn = _open_chats(tag_id)
    uses = one("select count(*)::int as n from chat_tag where tag_id = %s", (tag_id,))
    _remove(tag_id)
    audit.note(viewer, "removed", "tag", tag_id, tag.name, before={"hue": tag.hue, "uses": uses["n"] if uses else 0})
    for chat_id in worn:
        news.chat(chat_id)
    news.catalogue("tags")


def bulk(
    viewer: Viewer, chat_ids: Sequence[int], add: Sequence[int], remove: Sequence[int]
) -> tuple[int, list[Refusal]]:
    """Put tags on chats and take others off, each chat by itself: one that refuses does not stop the rest.

    Returns how many were done, and which refused with what code.
    """
    viewer.require(Permission.CHAT_ANSWER)
    if unknown := {*add, *remove} - {tag.id for tag in Tag.select(Tag.id).where(Tag.id.in_([*add, *remove, 0]))}:
        raise Invalid("There is no such tag.", fields={"add": [f"Unknown: {sorted(unknown)}"]})
    done = 0
    refused: list[Refusal] = []
    for chat_id in dict.fromkeys(chat_ids):
        try:
            _retag(viewer, chat_id, set(add), set(remove))
            done += 1
        except DeskError as refusal:
            refused.append({"chat_id": chat_id, "code": refusal.code})
    return done, refused


@atomically
def _retag(viewer: Viewer, chat_id: int, add: set[int], remove: set[int]) -> None:
    chats.locked_for(viewer, chat_id)
    present = {each.tag_id for each in ChatTag.select(ChatTag.tag).where(ChatTag.chat == chat_id)}
    chats.set_tags(viewer, chat_id, sorted((present | add) - remove))


def _locked(tag_id: int) -> Tag:
    found: Tag | None = Tag.select().where(Tag.id == tag_id).for_update().first()
    if found is None:
        raise NotFound()
    return found


def _require_free(name: str, but: int = 0) -> None:
    if one("select 1 as yes from tag where lower(name) = lower(%s) and id <> %s", (name, but)):
        raise Conflict(f"There is a tag called {name} already.", code="name_taken")


def _remove(tag_id: int) -> None:
    run("delete from chat_tag where tag_id = %s", (tag_id,))
    run("delete from tag where id = %s", (tag_id,))


def _open_chats(tag_id: int) -> list[int]:
    found = rows(
        "select c.id from chat_tag t join chat c on c.id = t.chat_id where t.tag_id = %s and c.state <> 'ended'",
        (tag_id,),
    )
    return [each["id"] for each in found]


def _tell(tag_id: int) -> None:
    """Open chats carry the name and colour of their tags; ended ones are read anew when somebody opens them."""
    for chat_id in _open_chats(tag_id):
        news.chat(chat_id)
    news.catalogue("tags")
