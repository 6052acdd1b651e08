"""The life of chats as a model that fits on a page: who has which, and what may happen to it. `test_walk.py` walks it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Chat:
    """A chat as the model sees it."""

    customer: int
    state: str = "bot"
    owner: int | None = None
    bot_owes: bool = True
    silence: str | None = None  # after an agent's word: "ticking", then "asked"
    by_email: bool = False  # the customer left an address, and is not waited for
    offered_to: int | None = None  # while escalated: to an agent, or to the team that everybody is in
    declined: set[int] = field(default_factory=set)
    owner_left: bool = False  # the desk's patience with an owner whose line dropped ran out while it was escalated
    accepted_by: int | None = None  # of the last offer; None when it ended otherwise, or there was none


@dataclass
class Seat:
    """An agent as the model sees them."""

    limit: int
    supervises: bool = False
    chosen: str = "online"
    there: bool = True

    @property
    def available(self) -> bool:
        return self.chosen == "online" and self.there


def full(refused: str | None) -> bool:
    """Whether nothing speaks against it but the limit, which a supervisor may pass."""
    return refused in (None, "target_at_capacity")


class DeskModel:
    """Three agents, their chats, and the arithmetic of both. Agents and customers go by their places."""

    seats: list[Seat]
    chats: dict[int, Chat]
    left_by: dict[int, int | None]  # customer → who had their last chat, if they may come back to them

    def load(self, agent: int) -> int:
        return sum((chat.owner == agent) + (chat.offered_to == agent) for chat in self.chats.values())

    def objection(self, agent: int) -> str | None:
        seat = self.seats[agent]
        if not seat.available:
            return "not_online"
        return "at_capacity" if self.load(agent) >= seat.limit else None

    def has_room(self, agent: int) -> bool:
        return self.objection(agent) is None

    def some_chat(self, number: int) -> tuple[int, Chat]:
        ids = sorted(self.chats)
        chat_id = ids[number % len(ids)]
        return chat_id, self.chats[chat_id]

    def open_chat(self, customer: int) -> Chat | None:
        return next((each for each in self.chats.values() if each.customer == customer and each.state != "ended"), None)

    def becomes(self, chat: Chat, state: str, owner: int | None = None) -> None:
        if state == "ended":
            self.left_by[chat.customer] = chat.owner
        chat.state, chat.owner, chat.bot_owes, chat.silence = state, owner, False, None
        chat.offered_to, chat.declined, chat.owner_left = None, set(), False

    def falls_through(self, chat: Chat) -> None:
        assert chat.owner is not None
        owner = self.seats[chat.owner]
        if owner.chosen == "offline" or (chat.owner_left and not owner.there):
            self.becomes(chat, "queued")
        else:
            self.becomes(chat, "active", chat.owner)

    def drops_out(self, agent: int) -> None:
        """Whoever was asked by name and is not online any more has timed out."""
        for chat in self.chats.values():
            if chat.offered_to == agent and not self.seats[agent].available:
                self.falls_through(chat)
