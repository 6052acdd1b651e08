"""One chat as it happens: a clock that only moves on, two counters, and the rows they leave behind.

It keeps the same log as `actions.chat_log` does for a living chat: every change of the
chat's row is one event whose `change` names the columns it set.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from models.actions.chat_log import SYSTEM, Author
from models.queries.shapes import LAST_BODY, moment
from models.rules import bot_says, escalating, wording
from models.rules.escalating import DEFAULT_STEPS, OfferState
from models.rules.lifecycle import State
from models.seeds.bulk import Row
from models.seeds.cast import Person
from models.seeds.knowledge import Source

_BOT_IS_DONE: Row = {"bot_message_id": None, "bot_lease_until": None, "idle_due_at": None}


@dataclass
class Story:
    """A chat that is being told. Rows name each other by reference until the writer gives them numbers."""

    customer: Person
    bot: Author
    team_id: int | None
    at: datetime
    dice: Random
    messages: list[Row] = field(default_factory=list)
    assignments: list[Row] = field(default_factory=list)
    tags: list[Row] = field(default_factory=list)
    failures: list[Row] = field(default_factory=list)
    offers: list[Row] = field(default_factory=list)
    answers: list[Row] = field(default_factory=list)  # "of" which offer: the writer puts in its number
    owner: Person | None = None

    def __post_init__(self) -> None:
        self.chat: Row = {
            "customer_id": self.customer.id,
            "team_id": self.team_id,
            "previous_chat_id": None,
            "state": State.BOT,
            "owner_id": None,
            "ended_owner_id": None,
            "preferred_agent_id": None,
            "preferred_until": None,
            "priority": 0,
            "version": 1,
            "pub_seq": 0,
            "all_seq": 0,
            "created_at": self.at,
            "entered_state_at": self.at,
            **dict.fromkeys(("queued_at", "first_replied_at", "ended_at", "end_cause", "end_reason", "end_note")),
            "first_body": "",
            "last_body": "",
            **dict.fromkeys(("last_author_kind", "last_author_id", "last_at", "last_customer_at", "last_agent_at")),
            "customer_read_seq": 0,
            "customer_delivered_seq": 0,
            "agent_read_seq": 0,
            "escalations": 0,
            "bot_attempts": 0,
            "bot_misses": 0,
            **dict.fromkeys(("rating", "rating_comment", "rated_at")),
        }

    def pause(self, least_s: float, most_s: float) -> datetime:
        """Let some time pass, as people and programs do."""
        self.at += timedelta(seconds=self.dice.uniform(least_s, most_s))
        return self.at

    # --- what is said ---------------------------------------------------------------------------

    def customer_says(self, text: str) -> None:
        if self.messages:
            self.pause(12, 75)
        self._write(Author("customer", self.customer.id, self.customer.name, self.customer.hue), "text", text)
        self.chat["first_body"] = self.chat["first_body"] or text
        self.chat["last_customer_at"] = self.at
        self._customer_reads()

    def bot_answers(self, source: Source) -> None:
        named = {"kind": source.kind, "id": source.id, "title": source.title}
        data = {"sources": [named], "quick_replies": [bot_says.TALK_TO_A_PERSON]}
        self._bot_says(source.answer, data)

    def bot_makes_conversation(self, text: str) -> None:
        self._bot_says(text, {"sources": [], "quick_replies": [bot_says.TALK_TO_A_PERSON]})

    def bot_fails(self) -> None:
        """The bot has no answer: kept as a failed response, and the chat enters the queue."""
        question = next(each for each in reversed(self.messages) if each["author_kind"] == "customer")
        self.failures.append({"message": question, "trigger": "low_confidence", "created_at": self.at})
        self._bot_says(bot_says.HANDING_OVER, {"failed": True})
        self.enters_queue("low_confidence")

    def asks_for_person(self) -> None:
        self._bot_says(bot_says.PERSON_COMING, {})
        self.enters_queue("asked_for_person")

    def agent_says(self, text: str) -> None:
        assert self.owner is not None
        self.pause(18, 95) if self.chat["first_replied_at"] else self.pause(8, 35)
        self._write(_agent(self.owner), "text", text)
        self.chat["first_replied_at"] = self.chat["first_replied_at"] or self.at
        self.chat["last_agent_at"] = self.at
        self._agent_reads()

    def agent_notes(self, text: str) -> None:
        assert self.owner is not None
        self.pause(10, 40)
        self._write(_agent(self.owner), "note", text, public=False)

    # --- what happens ---------------------------------------------------------------------------

    def enters_queue(self, how: str) -> None:
        self.pause(0.05, 0.2)
        misses = {"bot_misses": self.chat["bot_misses"] + 1} if how == "low_confidence" else {}
        self._change(
            "queued",
            SYSTEM,
            wording.LOOKING,
            {"how": how},
            state=State.QUEUED,
            queued_at=self.at,
            **_BOT_IS_DONE,
            **misses,
        )

    def wants_person(self) -> None:
        """The customer presses the button that brings in a person."""
        self.pause(4, 20)
        self.enters_queue("asked_for_person")

    def returns_to(self, agent: Person | None) -> None:
        """Somebody comes back right after the end: straight to the queue, and to the same agent if there is room."""
        if agent is not None:
            self.chat["preferred_agent_id"], self.chat["preferred_until"] = agent.id, self.at + timedelta(minutes=1)
        self.pause(0.05, 0.2)
        self._change("queued", SYSTEM, wording.LOOKING, state=State.QUEUED, queued_at=self.at, **_BOT_IS_DONE)

    def waits(self) -> None:
        """Most are taken within a minute, a few wait much longer."""
        wait_s = 4 + min(720.0, self.dice.lognormvariate(3.7, 0.9))
        self.pause(wait_s, wait_s)

    def is_given_to(self, agent: Person, how: str) -> None:
        """An agent picks the chat, is given it, or gets it from a colleague."""
        before, by = self.owner, None
        if how == "reassign":
            self.pause(3, 12)
            by = before
        elif how in ("pick", "escalation"):
            by = agent
        self._close_interval()
        self.assignments.append(
            {"agent_id": agent.id, "from_at": self.at, "to_at": None, "how": how, "by_agent_id": by.id if by else None}
        )
        self.owner = agent
        data: Row = {"agent": _brief(agent), "how": how}
        if by is not None:
            data["by"] = _brief(by)
        if self.chat["state"] == State.QUEUED:
            data["waited_s"] = int((self.at - self.chat["queued_at"]).total_seconds())
        self._change(
            "assigned",
            _agent(by) if by else SYSTEM,
            wording.joined(agent.name)
            if how != "escalation"
            else escalating.say("accepted", None, agent=wording.first_name(agent.name)),
            data,
            state=State.ACTIVE,
            owner=agent.id,
            idle_warned_at=None,
            place_told=None,
            **_BOT_IS_DONE,
        )
        self._agent_reads()

    def is_offered(self, team_id: int, team: str, note: str) -> None:
        """The owner escalates the chat to a team, and keeps it for now."""
        owner = self.owner
        assert owner is not None
        self.agent_notes(note)
        self.pause(2, 8)
        expected = self.at + timedelta(hours=1)
        self.offers.append(
            {
                "origin_id": owner.id,
                "target_team_id": team_id,
                "note": note,
                "expected_at": expected,
                "state": OfferState.PENDING,
                "made_at": self.at,
                "due_at": self.at + timedelta(minutes=2),
                "steps": DEFAULT_STEPS,
                "place": 0,
                **dict.fromkeys(("decided_at", "decided_by_id", "reason")),
                "reason_note": "",
                "target_supervisors": False,
            }
        )
        said = escalating.say(
            "escalated",
            None,
            agent=wording.first_name(owner.name),
            target=team,
            expected=escalating.by_when(expected, self.at, None),
        )
        data = self._of_offer({"target": team, "expected_at": moment(expected)})
        self._change("escalated", _agent(owner), said, data, state=State.ESCALATED, escalations=len(self.offers))

    def offer_is_taken(self, by: Person) -> None:
        self.pause(15, 80)
        self._settle(OfferState.ACCEPTED, by.id)
        self.is_given_to(by, "escalation")

    def offer_is_rejected(self, by: Person, reason: str, note: str) -> None:
        self.pause(15, 80)
        self._settle(OfferState.REJECTED, by.id, reason, note)
        self.answers.append(
            {"of": self.offers[-1], "agent_id": by.id, "declined_at": self.at, "reason": reason, "note": note}
        )
        self._back("escalation_rejected", _agent(by), {"agent": _brief(by), "reason": reason, "note": note})

    def nobody_takes_the_offer(self) -> None:
        self.pause(121, 124)
        self._settle(OfferState.TIMED_OUT, None)
        self._back("escalation_timed_out", SYSTEM, {})

    def _back(self, event: str, author: Author, data: Row) -> None:
        assert self.owner is not None
        said = escalating.say("back", None, agent=wording.first_name(self.owner.name))
        self._change(event, author, said, self._of_offer(data), state=State.ACTIVE)

    def _settle(self, state: OfferState, by: int | None, reason: str | None = None, note: str = "") -> None:
        self.offers[-1] |= {
            "state": state,
            "decided_at": self.at,
            "decided_by_id": by,
            "reason": reason,
            "reason_note": note,
        }

    def _of_offer(self, data: Row) -> Row:
        """What an event says of the newest offer; the writer puts in its number."""
        origin = _brief(self.owner) if self.owner is not None else None
        return {"agent": origin, **data, "offer": len(self.offers) - 1}

    def is_tagged(self, tags: list[tuple[int, str]]) -> None:
        if not tags or self.owner is None:
            return
        self.pause(5, 15)
        self.tags += [{"tag_id": number, "agent_id": self.owner.id, "created_at": self.at} for number, _ in tags]
        names = ", ".join(sorted(name for _, name in tags))
        self._change("tagged", _agent(self.owner), names, public=False)

    def falls_silent(self, seconds: float) -> None:
        """Nobody says anything; the desk asks once whether the customer is still there."""
        self.pause(seconds / 2, seconds / 2)
        self._write(SYSTEM, "event", wording.STILL_THERE, {"event": "idle_warning"})
        self.pause(seconds / 2, seconds / 2)

    def ends(self, author: Author, body: str, cause: str, reason: str | None = None, note: str | None = None) -> None:
        owner, self.owner = self.owner, None
        self._close_interval()
        self._change(
            "ended",
            author,
            body,
            {"reason": reason or cause},
            state=State.ENDED,
            owner=None,
            ended_owner=owner.id if owner else None,
            ended_at=self.at,
            end_cause=cause,
            end_reason=reason,
            end_note=note,
            **_BOT_IS_DONE,
        )
        self._customer_reads()
        self._agent_reads()

    def is_rated(self, stars: int, comment: str | None) -> None:
        self.pause(6, 50)
        author = Author("customer", self.customer.id, self.customer.name, self.customer.hue)
        body = f"{stars}/5" + (f" · {comment}" if comment else "")
        self._change("rated", author, body, public=False, rating=stars, rating_comment=comment, rated_at=self.at)

    # --- the log --------------------------------------------------------------------------------

    def _bot_says(self, text: str, data: Row) -> None:
        self.pause(0.6, 2.4)
        self._write(self.bot, "text", text, data)
        self._customer_reads()

    def _change(
        self, event: str, author: Author, body: str, data: Row | None = None, *, public: bool = True, **columns: Any
    ) -> None:
        """Set columns of the chat, by the names that tables give them, as one event."""
        if columns.get("state", self.chat["state"]) != self.chat["state"]:
            columns["entered_state_at"] = self.at
        self.chat["version"] += 1
        for name, value in columns.items():
            column = f"{name}_id" if name in ("owner", "ended_owner") else name
            if column in self.chat:
                self.chat[column] = value
        said = {name: moment(value) if isinstance(value, datetime) else value for name, value in columns.items()}
        self._write(author, "event", body, {"event": event, **(data or {})}, public=public, change=said)

    def _write(
        self,
        author: Author,
        kind: str,
        body: str,
        data: Row | None = None,
        *,
        public: bool = True,
        change: Row | None = None,
    ) -> None:
        self.chat["all_seq"] += 1
        self.chat["pub_seq"] += public
        self.messages.append(
            {
                "kind": kind,
                "author_kind": author.kind,
                "author_id": author.id,
                "author_name": author.name,
                "author_hue": author.hue,
                "body": body,
                "data": data or {},
                "change": change,
                "all_seq": self.chat["all_seq"],
                "pub_seq": self.chat["pub_seq"] if public else None,
                "created_at": self.at,
            }
        )
        if public and kind == "text":
            self.chat |= {
                "last_body": body[:LAST_BODY],
                "last_author_kind": author.kind,
                "last_author_id": author.id,
                "last_at": self.at,
            }

    def _close_interval(self) -> None:
        if self.assignments and self.assignments[-1]["to_at"] is None:
            self.assignments[-1]["to_at"] = self.at

    def _customer_reads(self) -> None:
        self.chat["customer_read_seq"] = self.chat["customer_delivered_seq"] = self.chat["pub_seq"]

    def _agent_reads(self) -> None:
        self.chat["agent_read_seq"] = self.chat["pub_seq"]


def _agent(person: Person) -> Author:
    return Author("agent", person.id, person.name, person.hue)


def _brief(person: Person) -> Row:
    return _agent(person).brief
