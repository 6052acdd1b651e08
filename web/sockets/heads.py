"""How far the chats of every socket are, from Postgres: whoever is behind asks for the rest."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from models.db import connection
from models.queries import chats as read
from models.queries.access import Viewer, Visitor
from web.sockets.holders import Holder, Holders

Heads = list[dict[str, Any]]


def of_every(holders: Holders) -> list[tuple[Holder, Heads]]:
    """The heads to tell each socket of this process: two statements, however many sockets there are."""
    agents = [(holder, holder.who) for holder in holders.agents() if isinstance(holder.who, Viewer)]
    visitors = [(holder, holder.who) for holder in holders.visitors() if isinstance(holder.who, Visitor)]
    with connection():
        of_agents = read.heads_for_agents(
            sorted({who.id for _, who in agents}),
            sorted({chat_id for holder, _ in agents for chat_id in holder.watched}),
        )
        of_customers = read.heads_for_customers(sorted({who.customer_id for _, who in visitors}))
    return [*_for_agents(agents, of_agents), *_for_visitors(visitors, of_customers)]


def _for_agents(agents: list[tuple[Holder, Viewer]], rows: list[dict[str, Any]]) -> list[tuple[Holder, Heads]]:
    """One's own chats, and those one has open."""
    heads, owned = {}, defaultdict(set)
    for row in rows:
        heads[row["id"]] = _head(row, row["all_seq"])
        owned[row["owner_id"]].add(row["id"])
    return [
        (holder, [heads[chat_id] for chat_id in sorted((owned[who.id] | holder.watched) & heads.keys())])
        for holder, who in agents
    ]


def _for_visitors(visitors: list[tuple[Holder, Visitor]], rows: list[dict[str, Any]]) -> list[tuple[Holder, Heads]]:
    """The customer's newest chat; those who have none are told nothing."""
    heads = {row["customer_id"]: [_head(row, row["pub_seq"])] for row in rows}
    return [(holder, heads[who.customer_id]) for holder, who in visitors if who.customer_id in heads]


def _head(row: dict[str, Any], seq: int) -> dict[str, Any]:
    return {"chat_id": row["id"], "seq": seq, "version": row["version"]}
