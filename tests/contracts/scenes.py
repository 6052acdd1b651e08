"""Short stories worth replaying. Each gives its audience where the recording begins, and goes on from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from models.actions import bot, presence, timekeeping
from models.live import Room
from models.queries import visitors
from models.rules.answering import Answer, Miss
from models.tables.desk import Tag
from tests.support.people import Colleague, Customer, let_fall_due, make_agent, make_customer, make_team, set_desk

Snapshot = dict[str, Any]


@dataclass(frozen=True)
class Console:
    """An agent's screen: what their rooms are told, and these chats open before them."""

    agent: Colleague
    opened: tuple[int, ...]
    view: Literal["console"] = "console"

    @property
    def rooms(self) -> list[str]:
        return [*self.agent.viewer.rooms, *(Room.watching(chat_id) for chat_id in self.opened)]

    def snapshot(self) -> Snapshot:
        seen = [self.agent.sees(chat_id) for chat_id in self.opened]
        return {
            "chats": [each["chat"] for each in seen],
            "messages": {str(each["chat"]["id"]): each["messages"]["messages"] for each in seen},
        }


@dataclass(frozen=True)
class Widget:
    """A customer's page: their newest chat, and what it is told."""

    customer: Customer
    view: Literal["visitor"] = "visitor"

    @property
    def rooms(self) -> list[str]:
        return [Room.customer(self.customer.id)]

    def snapshot(self) -> Snapshot:
        state = visitors.state(self.customer.visitor)
        if state["chat"] is None:
            return {"chats": [], "messages": {}}
        return {"chats": [state["chat"]], "messages": {str(state["chat"]["id"]): state["messages"]}}


Scene = Callable[[], Iterator[Console | Widget]]


def _people() -> tuple[Colleague, Colleague, Customer]:
    return make_agent("Ana Ruiz"), make_agent("Ben Hale"), make_customer("Rosa Lind")


def a_chat_from_the_queue_to_its_end() -> Iterator[Console]:
    ana, _, rosa = _people()
    chat_id = rosa.waits("My order is late")
    yield Console(ana, (chat_id,))
    rosa.says("Number 12345")
    ana.takes(chat_id)
    ana.reads(chat_id, 4)
    ana.says(chat_id, "Let me look")
    rosa.reads(6, only_delivered=True)
    rosa.reads(6)
    rosa.says("Thank you")
    ana.says(chat_id, "It comes on Tuesday")
    ana.ends(chat_id, "other", "The carrier was late")
    rosa.rates(5, "Quick")


def words_and_nothing_else() -> Iterator[Console]:
    """No event tells the chat anew: what follows from a message, the screen works out by itself."""
    ana, _, rosa = _people()
    chat_id = rosa.waits("My order is late")
    ana.takes(chat_id)
    yield Console(ana, (chat_id,))
    rosa.says("Hello?")
    ana.says(chat_id, "Hello Rosa. Which order is it?")
    rosa.says("Number 12345")
    ana.notes(chat_id, "The one from Monday")


def the_customers_side_of_words_and_nothing_else() -> Iterator[Widget]:
    ana, _, rosa = _people()
    rosa.waits("My order is late")
    ana.takes(rosa.chat)
    yield Widget(rosa)
    rosa.says("Hello?")
    ana.says(rosa.chat, "Hello Rosa. Which order is it?")
    rosa.says("Number 12345")


def a_chat_handed_on_with_notes() -> Iterator[Console]:
    ana, ben, rosa = _people()
    chat_id = rosa.waits("My order is late")
    ana.takes(chat_id)
    yield Console(ana, (chat_id,))
    ana.notes(chat_id, "Third time this month")
    ana.says(chat_id, "My colleague knows the carrier")
    ana.hands(chat_id, ben, "Please be kind")
    rosa.says("Hello?")
    ben.notes(chat_id, "Will call them")
    ben.says(chat_id, "I am calling them now")
    ana.tags(chat_id, Tag.create(name="late", hue=25).id)


def a_chat_whose_owner_is_gone() -> Iterator[Console]:
    ana, ben, rosa = _people()
    chat_id = rosa.waits("My order is late")
    ana.takes(chat_id)
    ana.says(chat_id, "One moment")
    yield Console(ben, (chat_id,))
    ana.screens_go_dark()
    presence.sweep()
    let_fall_due(chat_id, "owner_gone")
    timekeeping.fire_due()
    rosa.says("Are you there?")
    ben.takes(chat_id)
    ben.says(chat_id, "I am")


def the_customers_side_of_a_chat_handed_on_with_notes() -> Iterator[Widget]:
    ana, ben, rosa = _people()
    rosa.waits("My order is late")
    yield Widget(rosa)
    ana.takes(rosa.chat)
    ana.notes(rosa.chat, "Third time this month")
    ana.says(rosa.chat, "My colleague knows the carrier")
    rosa.reads(5)
    ana.hands(rosa.chat, ben, "Please be kind")
    rosa.says("Hello?")
    ben.notes(rosa.chat, "Will call them")
    ben.reads(rosa.chat, 7)
    ben.says(rosa.chat, "I am calling them now")
    ben.ends(rosa.chat)
    rosa.rates(4)


def the_customers_side_of_the_bot_and_the_queue() -> Iterator[Widget]:
    rosa = make_customer("Rosa Lind")
    yield Widget(rosa)
    turn = bot.claim(rosa.says("When do you deliver?").row["id"])
    assert turn is not None
    bot.replies(turn, Answer("Monday to Friday.", [("article", 1, "Delivery")]))
    turn = bot.claim(rosa.says("My parcel is purple").row["id"])
    assert turn is not None
    bot.fails(turn, Miss(turn.text, "low_confidence"))
    rosa.says("Anybody?")
    let_fall_due(rosa.chat, "queue_max")
    timekeeping.fire_due()


def the_customer_writes_again_after_the_end() -> Iterator[Widget]:
    ana, _, rosa = _people()
    rosa.waits("My order is late")
    ana.takes(rosa.chat)
    ana.says(rosa.chat, "It comes on Tuesday")
    yield Widget(rosa)
    ana.ends(rosa.chat)
    rosa.says("It did not come")
    ana.takes(rosa.chat)
    ana.says(rosa.chat, "Then I will send another")


def words_taken_back() -> Iterator[Console]:
    """Edited while unread, quoted, deleted; a note too. Whoever looks on sees every copy follow."""
    ana, ben, rosa = _people()
    chat_id = rosa.waits("My order is late")
    ana.takes(chat_id)
    yield Console(ben, (chat_id,))
    slip = ana.says(chat_id, "It comes on Munday")
    ana.edits(slip, "It comes on Munday or Tuesday")
    ana.says(chat_id, "In the morning", quote_id=slip.row["id"])
    ana.edits(slip, "It comes on Monday")
    rosa.reads(8)
    wrong = ana.says(chat_id, "The code is 1234")
    ana.edits(wrong, "The code is 4321")
    note = ana.notes(chat_id, "She has asked twice", quote_id=wrong.row["id"])
    ana.edits(note, "She has asked three times")
    ana.deletes(wrong)
    rosa.says("Thank you", quote_id=slip.row["id"])
    ana.deletes(slip)
    ana.ends(chat_id)


def the_customers_side_of_words_taken_back() -> Iterator[Widget]:
    ana, _, rosa = _people()
    chat_id = rosa.waits("My order is late")
    ana.takes(chat_id)
    yield Widget(rosa)
    slip = ana.says(chat_id, "It comes on Munday")
    ana.edits(slip, "It comes on Monday")
    rosa.says("Monday?", quote_id=slip.row["id"])
    note = ana.notes(chat_id, "Please be kind")
    ana.edits(note, "Will call her")
    ana.deletes(slip)
    ana.deletes(note)
    ana.says(chat_id, "On Tuesday")


def a_chat_passed_on() -> Iterator[Console]:
    """Rejected by the one, declined and then accepted in a team; its first owner looks on all the time."""
    ana, rosa, ben, cleo, billing = _passed_on()
    chat_id = rosa.chat
    yield Console(ana, (chat_id,))
    ana.escalates(chat_id, ben, "Tried the refund twice")
    ben.notes(chat_id, "Which card was it?")
    ben.rejects(chat_id, "missing_facts", "Which card was it?")
    ana.escalates(chat_id, billing, "The blue card")
    ben.rejects(chat_id, "no_time", "Lunch first")
    cleo.accepts(chat_id)
    cleo.says(chat_id, "Let me see")


def the_customers_side_of_a_chat_passed_on() -> Iterator[Widget]:
    ana, rosa, ben, cleo, billing = _passed_on()
    chat_id = rosa.chat
    yield Widget(rosa)
    ana.escalates(chat_id, ben, "He shouts")
    ben.rejects(chat_id, "other", "He shouts at me, too")
    ana.escalates(chat_id, billing, "Somebody patient")
    let_fall_due(chat_id, "offer")
    timekeeping.fire_due()
    cleo.accepts(chat_id)
    cleo.ends(chat_id)


def _passed_on() -> tuple[Colleague, Customer, Colleague, Colleague, int]:
    billing = make_team("Billing")
    set_desk(escalation_texts={"escalated": "{agent} passes your chat on to {target}."})  # no clock in a recording
    ana, rosa = make_agent("Ana Ruiz"), make_customer("Rosa Lind")
    ben, cleo = make_agent("Ben Hale", teams=(billing,)), make_agent("Cleo Park", teams=(billing,))
    ana.takes(rosa.waits("My order is late"))
    return ana, rosa, ben, cleo, billing


SCENES: tuple[Scene, ...] = (
    a_chat_from_the_queue_to_its_end,
    words_and_nothing_else,
    the_customers_side_of_words_and_nothing_else,
    a_chat_handed_on_with_notes,
    a_chat_whose_owner_is_gone,
    the_customers_side_of_a_chat_handed_on_with_notes,
    the_customers_side_of_the_bot_and_the_queue,
    the_customer_writes_again_after_the_end,
    words_taken_back,
    the_customers_side_of_words_taken_back,
    a_chat_passed_on,
    the_customers_side_of_a_chat_passed_on,
)
