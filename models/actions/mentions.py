"""Colleagues named in notes: who is meant, whether they can come and look, and that they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.actions import news
from models.actions.chat_log import Author, Row
from models.db import atomically, rows, run
from models.errors import Invalid
from models.queries import access
from models.queries.access import Viewer
from models.tables.chats import Chat


@dataclass(frozen=True, slots=True)
class Named:
    """Who a note names. `shown` is what the note carries; `called` maps each agent to the team they are named by."""

    shown: list[Row]
    called: dict[int, int | None]


def resolve(chat: Chat, writer: Author, refs: Sequence[Row]) -> Named:
    """Everybody meant by these references, each once, the writer left out.

    Raises `Invalid`: `unknown_mention` for whom the desk does not have (any more), and `cannot_see` with the
    names of those who could not open the chat; of a team, when one of its members could not.
    """
    wanted = list(dict.fromkeys((ref["kind"], ref["id"]) for ref in refs))
    meant = _agents([number for kind, number in wanted if kind == "agent"]) | _members(
        [number for kind, number in wanted if kind == "team"]
    )
    if any(each not in meant for each in wanted):
        raise Invalid("Somebody you mention is not at this desk any more.", code="unknown_mention")
    shown = [{"kind": kind, "id": number, "name": meant[kind, number]["name"]} for kind, number in wanted]
    people = {agent for each in wanted for agent in meant[each]["agents"]} - {writer.id}
    sees = access.who_sees(chat.id, sorted(people))
    blind = [meant[each]["name"] for each in wanted if not set(meant[each]["agents"]) - {writer.id} <= sees]
    if blind:
        raise Invalid(f"{', '.join(blind)} cannot see this chat.", code="cannot_see", fields={"mentions": blind})
    called: dict[int, int | None] = {}
    for kind, number in sorted(wanted):  # who is named in person is named in person, whatever their teams
        for agent in meant[kind, number]["agents"]:
            called.setdefault(agent, number if kind == "team" else None)
    called.pop(writer.id or 0, None)
    return Named(shown, called)


def _agents(ids: list[int]) -> dict[tuple[str, int], Row]:
    found = rows("select id, name, array[id] as agents from agent where id = any(%s) and disabled_at is null", (ids,))
    return {("agent", each["id"]): each for each in found}


def _members(ids: list[int]) -> dict[tuple[str, int], Row]:
    found = rows(
        "select t.id, t.name, array(select a.id from team_member m join agent a on a.id = m.agent_id"
        " where m.team_id = t.id and a.disabled_at is null order by a.id) as agents"
        " from team t where t.id = any(%s) and t.archived_at is null",
        (ids,),
    )
    return {("team", each["id"]): each for each in found}


def record(chat: Chat, entry: Row, named: Named) -> None:
    """Keep who was named in a stored note, and call them."""
    if not named.called:
        return
    run(
        "insert into mention (message_id, chat_id, agent_id, team_id)"
        " select %s, %s, agent_id, team_id from unnest(%s::bigint[], %s::bigint[]) as v(agent_id, team_id)",
        (entry["id"], chat.id, list(named.called), list(named.called.values())),
    )
    news.alert("mentioned", chat.id, tuple(named.called))


@atomically
def see(viewer: Viewer, ids: Sequence[int]) -> None:
    """These mentions of the agent's own were looked at; none named: all of them."""
    run(
        "update mention set seen_at = clock_timestamp() where agent_id = %s and seen_at is null"
        " and (%s or id = any(%s))",
        (viewer.id, not ids, list(ids)),
    )
