"""What is told, and to whom. Every room is computed here, from who may see the thing itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models import live
from models.live import CONSOLE, VISITOR, Event, Room
from models.queries import agents, chats, clusters, customers, failures, queue, replays, shapes

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Audience:
    """Agents and teams who hear of a chat beside those whom its row names."""

    agents: tuple[int | None, ...] = ()
    teams: tuple[int | None, ...] = ()

    def __add__(self, other: Audience) -> Audience:
        return Audience(self.agents + other.agents, self.teams + other.teams)


NOBODY_ELSE = Audience()


def chat(chat_id: int, also: Audience = NOBODY_ELSE) -> None:
    """Tell every screen that may show this chat what it is now: one read, two pushes."""
    row = chats.row(chat_id)
    also += _offered_to(row["escalation"])
    people = [agent_id for agent_id in (row["owner_id"], row["ended_owner_id"], *also.agents) if agent_id is not None]
    rooms = [
        Room.EVERY_QUEUE,
        Room.watching(chat_id),
        *(Room.queue(team_id) for team_id in (row["team_id"], *also.teams)),
        *(Room.agent(agent_id) for agent_id in people),
    ]
    live.push(CONSOLE, Event.CHAT_CHANGED, rooms, shapes.chat(row))
    live.push(VISITOR, Event.CHAT_CHANGED, [Room.customer(row["customer_id"])], shapes.visitor_chat(row))


def _offered_to(offer: Row | None) -> Audience:
    """Whom a pending offer names; supervisors hear of everything anyway."""
    if offer is None:
        return NOBODY_ELSE
    agents, teams = (tuple([offer[kind]["id"]] if offer[kind] else []) for kind in ("agent", "team"))
    return Audience(agents, teams)


def entry(row: Row, *, owners: tuple[int | None, ...], customer_id: int, team_id: int | None, state: str) -> None:
    """Push one entry: to its readers on the console, and to the customer when it is public."""
    rooms = console_rooms(row["chat_id"], owners, team_id, state)
    live.push(CONSOLE, Event.MESSAGE_NEW, rooms, shapes.message(row))
    if row["pub_seq"] is not None:
        live.push(VISITOR, Event.MESSAGE_NEW, [Room.customer(customer_id)], shapes.visitor_message(row))


def console_rooms(chat_id: int, owners: tuple[int | None, ...], team_id: int | None, state: str) -> list[str]:
    """Who on the console hears each word: the owner, who has it open, and while it waits its queue."""
    rooms = [Room.watching(chat_id), *(Room.agent(owner) for owner in owners if owner is not None)]
    if state == "queued":
        rooms += [Room.queue(team_id), Room.EVERY_QUEUE]
    return rooms


def counts(team_id: int | None) -> None:
    """How many wait for this team now."""
    live.push(CONSOLE, Event.QUEUE_COUNTS, [Room.queue(team_id), Room.EVERY_QUEUE], queue.counts(team_id))


def place(customer_id: int, where: Row) -> None:
    """Tell one customer their place in line."""
    live.push(VISITOR, Event.QUEUE_PLACE, [Room.customer(customer_id)], where)


def agent(agent_id: int) -> None:
    """What colleagues see of an agent has changed: status, load or limit."""
    live.push(CONSOLE, Event.PRESENCE_CHANGED, [Room.DESK], agents.out(agent_id))


def seat(row: Row) -> None:
    """The same of an agent whose row (of `queries.agents.AGENTS`) is locked and at hand."""
    live.push(CONSOLE, Event.PRESENCE_CHANGED, [Room.DESK], shapes.agent(row))


def alert(
    kind: str,
    chat_id: int,
    agent_ids: tuple[int, ...],
    *,
    seconds: int = 0,
    supervisors: bool = False,
    name: str | None = None,
    text: str | None = None,
) -> None:
    """Call somebody's attention to a chat. `name` and `text`: who gave cause for it, and in which words."""
    payload = {
        "kind": kind,
        "chat_id": chat_id,
        "customer": customers.name_in(chat_id),
        "seconds": seconds,
        "name": name,
        "text": text,
    }
    rooms = [*(Room.agent(each) for each in agent_ids), *([Room.EVERY_QUEUE] if supervisors else [])]
    live.push(CONSOLE, Event.ALERT, rooms, payload)


def viewers(chat_id: int) -> None:
    """Tell those who have a conversation open who else has."""
    told = {"chat_id": chat_id, "viewers": chats.viewers(chat_id)}
    live.push(CONSOLE, Event.CHAT_VIEWERS, [Room.watching(chat_id)], told)


def delivery(delivery_id: int) -> None:
    """How far a message is on its way to a customer who is not on the website."""
    found = chats.delivery(delivery_id)
    if found is not None:
        rooms = console_rooms(found["chat_id"], (found.pop("owner_id"),), None, "active")
        live.push(CONSOLE, Event.MESSAGE_DELIVERY, rooms, found)


def receipt(
    chat_id: int, side: str, delivered_seq: int, read_seq: int, *, owner_id: int | None, customer_id: int
) -> None:
    """How far one side has read. The customer hears of the agent's reading, and the console of both."""
    payload = {"chat_id": chat_id, "side": side, "delivered_seq": delivered_seq, "read_seq": read_seq}
    live.push(CONSOLE, Event.CHAT_RECEIPT, console_rooms(chat_id, (owner_id,), None, "active"), payload)
    if side == "agent":
        live.push(VISITOR, Event.CHAT_RECEIPT, [Room.customer(customer_id)], payload)


def catalogue(what: str, *, only_agent: int | None = None) -> None:
    """One of the desk's lists was edited: whoever shows it reads it again. With `only_agent`, it was their own part."""
    room = Room.DESK if only_agent is None else Room.agent(only_agent)
    live.push(CONSOLE, Event.CATALOGUE_CHANGED, [room], {"what": what})


def customer(customer_id: int) -> None:
    """Facts of a customer changed: tell whoever has one of their newest chats open, owns one, or sees it wait."""
    facts = customers.detail(customer_id)
    rooms: list[str] = []
    for row in customers.newest_chats(customer_id):
        rooms += [Room.watching(row["id"]), *([Room.agent(row["owner_id"])] if row["owner_id"] else [])]
    live.push(CONSOLE, Event.CUSTOMER_CHANGED, rooms, facts)


def promise(facts: Row, owners: tuple[int, ...]) -> None:
    """A promise is new, was moved or is settled: tell whose it is, and supervisors."""
    rooms = [Room.EVERY_QUEUE, *(Room.agent(owner) for owner in owners)]
    live.push(CONSOLE, Event.PROMISE_CHANGED, rooms, facts)


def export(agent_id: int, facts: Row) -> None:
    """How far a file is: told to whoever asked for it."""
    live.push(CONSOLE, Event.EXPORT_CHANGED, [Room.agent(agent_id)], facts)


def failure(failure_id: int) -> None:
    """A failure is new on the review screens, or something was decided about it."""
    live.push(CONSOLE, Event.FAILURE_CHANGED, [Room.REVIEW], failures.one_of(failure_id))


def cluster(cluster_id: int) -> None:
    """A cluster is new, has another failure, or somebody decided about it."""
    live.push(CONSOLE, Event.CLUSTER_CHANGED, [Room.REVIEW], clusters.one_of(cluster_id))


def replay(replay_id: int) -> None:
    """How far a replay is."""
    live.push(CONSOLE, Event.REPLAY_CHANGED, [Room.REVIEW], replays.one_of(replay_id))


def desk(settings: Row) -> None:
    live.push(CONSOLE, Event.DESK_CHANGED, [Room.DESK], settings)
