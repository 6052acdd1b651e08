"""Who has a conversation open. The socket's lease names the chat on its screen, whichever front holds the socket.

Colleagues who have it open are told when somebody comes or goes, and not when a second tab of the same person does.
"""

from __future__ import annotations

from models.actions import news, offers
from models.db import atomically, one, rows, run
from models.rules.presence import LEASE_S


@atomically
def opens(sid: str, chat_id: int) -> None:
    """This socket's screen shows the chat now, and no longer the one before. The caller has checked that it may."""
    _show(sid, chat_id)


@atomically
def leaves(sid: str, chat_id: int | None = None) -> None:
    """This socket's screen shows no chat any more; with a `chat_id`, if it is that one that it shows."""
    shown = one("select chat_id from socket_lease where sid = %s", (sid,))
    if shown is not None and shown["chat_id"] is not None and chat_id in (None, shown["chat_id"]):
        _show(sid, None)


def _show(sid: str, chat_id: int | None) -> None:
    lease = one("select agent_id, chat_id from socket_lease where sid = %s for update", (sid,))
    if lease is None or lease["chat_id"] == chat_id:
        return
    run("update socket_lease set chat_id = %s where sid = %s", (chat_id, sid))
    if chat_id is not None:
        offers.looks(lease["agent_id"], chat_id)
    for each in (lease["chat_id"], chat_id):
        if each is not None and not _shown_elsewhere(each, lease["agent_id"], sid):
            news.viewers(each)


def _shown_elsewhere(chat_id: int, agent_id: int, sid: str = "") -> bool:
    """Whether another living screen of the same agent shows the chat."""
    found = one(
        "select 1 as yes from socket_lease where chat_id = %s and agent_id = %s and sid <> %s"
        " and seen_at > clock_timestamp() - make_interval(secs => %s) limit 1",
        (chat_id, agent_id, sid, LEASE_S),
    )
    return found is not None


@atomically
def forget_gone() -> None:
    """The sweep: screens that fell silent with a chat open. Their leases go, so each is told once."""
    gone = rows(
        "delete from socket_lease where chat_id is not null"
        " and seen_at < clock_timestamp() - make_interval(secs => %s) returning agent_id, chat_id",
        (LEASE_S,),
    )
    for chat_id, agent_id in sorted({(each["chat_id"], each["agent_id"]) for each in gone}):
        if not _shown_elsewhere(chat_id, agent_id):
            news.viewers(chat_id)
