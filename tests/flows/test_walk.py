"""A walk through the life of chats that nobody planned, beside a model of it (`walk_model.py`).

Every step asks the desk for something, allowed or not. The model says beforehand what must
come of it: the refusal's code, or the new state and owner. Both must agree after every step.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models.actions import assignment, bot, desk, offer_course, presence, timekeeping
from models.db import rows, run
from models.errors import DeskError
from models.rules.answering import Answer, Miss
from tests.flows.walk_model import Chat, DeskModel, Seat, full
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    chat_row,
    let_fall_due,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
    open_desk,
    set_desk,
)
from tests.support.wiping import Wiper


def passes(chat_id: int, seconds: float) -> None:
    """So much time goes by in one chat. What is over elsewhere recedes with it, or two chats that an agent had one
    after the other would come to lie beside each other."""
    run(
        "update assignment set from_at = from_at - make_interval(secs => %(s)s), to_at = to_at - make_interval(secs => %(s)s)"
        " where chat_id <> %(chat)s and to_at is not null",
        {"s": seconds, "chat": chat_id},
    )
    run(
        "update escalation set made_at = made_at - make_interval(secs => %(s)s), due_at = due_at - make_interval(secs => %(s)s),"
        " decided_at = decided_at - make_interval(secs => %(s)s) where decided_at is not null",
        {"s": seconds},
    )
    let_time_pass(chat_id, seconds)


AGENTS = st.integers(0, 2)
CHATS = st.integers(0, 40)
CUSTOMERS = st.integers(0, 2)
REASONS = st.sampled_from(["resolved", "no_response", "follow_up", "time_waster", "other"])


class Walk(DeskModel, RuleBasedStateMachine):
    wiper: Wiper

    @initialize(auto_assign=st.booleans())
    def open(self, auto_assign: bool) -> None:
        self.wiper.wipe()
        open_desk()
        set_desk(auto_assign=auto_assign)
        self.auto_assign = auto_assign
        self.seats = [Seat(1), Seat(2), Seat(2, supervises=True)]
        self.team = make_team("Everybody")
        self.agents = [
            make_agent("Ana Ruiz", limit=1, teams=(self.team,)),
            make_agent("Ben Hale", limit=2, teams=(self.team,)),
            make_agent("Sam Boss", limit=2, teams=(self.team,), role="supervisor"),
        ]
        self.customers = [make_customer() for _ in range(3)]
        self.chats, self.left_by = {}, {}

    def asks(self, action: Callable[[], object], *, refused: str | None) -> bool:
        """Ask the desk. True when it agreed, which it must exactly when the model expects no refusal."""
        said = None
        try:
            action()
        except DeskError as refusal:
            said = refusal.code
        assert said == refused
        return said is None

    # --- customers ---

    @rule(customer=CUSTOMERS)
    def customer_writes(self, customer: int) -> None:
        said = self.customers[customer].says("Where is my parcel?")
        chat = self.open_chat(customer)
        if chat is None:
            assert said.chat_id not in self.chats
            self.chats[said.chat_id] = chat = Chat(customer)
            known = self.left_by.get(customer)
            if known is not None and self.has_room(known):
                self.becomes(chat, "queued")
        assert self.chats[said.chat_id] is chat
        chat.silence = None
        chat.bot_owes = chat.state == "bot"

    @precondition(lambda self: self.chats)
    @rule(customer=CUSTOMERS)
    def customer_asks_for_a_person(self, customer: int) -> None:
        if not self.customers[customer].chats:
            return
        chat = self.open_chat(customer)
        if self.asks(self.customers[customer].asks_for_person, refused=None if chat else "state_conflict"):
            assert chat is not None
            if chat.state == "bot":
                self.becomes(chat, "queued")

    @rule(customer=CUSTOMERS)
    def customer_ends_the_chat(self, customer: int) -> None:
        if self.customers[customer].chats:
            self.customers[customer].ends()
            if chat := self.open_chat(customer):
                self.becomes(chat, "ended")

    @precondition(lambda self: self.chats)
    @rule(customer=CUSTOMERS)
    def customer_leaves_an_address(self, customer: int) -> None:
        if not self.customers[customer].chats:
            return
        chat = self.open_chat(customer)
        refused = None if chat and chat.state in ("queued", "active", "escalated") else "state_conflict"
        if self.asks(lambda: self.customers[customer].leaves_email("me@example.com"), refused=refused):
            assert chat is not None
            chat.by_email = True

    # --- the bot ---

    @rule(knows=st.booleans())
    def bot_answers_whoever_waits_for_it(self, knows: bool) -> None:
        for message_id in bot.due():
            turn = bot.claim(message_id)
            assert turn is not None
            chat = self.chats[turn.chat_id]
            assert (chat.state, chat.bot_owes) == ("bot", True)
            if knows:
                assert bot.replies(turn, Answer("On its way."))
                chat.bot_owes = False
            else:
                assert bot.fails(turn, Miss(turn.text, "low_confidence"))
                self.becomes(chat, "queued")
        assert not any(chat.bot_owes for chat in self.chats.values())

    # --- agents ---

    @precondition(lambda self: self.chats)
    @rule(agent=AGENTS, number=CHATS)
    def agent_picks(self, agent: int, number: int) -> None:
        chat_id, chat = self.some_chat(number)
        already = chat.owner == agent
        refused = {
            "active": None if already else "already_taken",
            "escalated": "already_taken",
            "queued": self.objection(agent),
        }
        expected = refused.get(chat.state, "state_conflict")
        if self.asks(lambda: self.agents[agent].takes(chat_id), refused=expected) and not already:
            self.becomes(chat, "active", agent)

    @precondition(lambda self: self.chats)
    @rule(agent=AGENTS, number=CHATS)
    def supervisor_takes_over(self, agent: int, number: int) -> None:
        chat_id, chat = self.some_chat(number)
        already = chat.owner == agent
        refused = {
            "active": None if already else self.objection(agent),
            "escalated": "already_taken" if already else self.objection(agent),
            "bot": self.objection(agent),
        }
        expected = refused.get(chat.state, "state_conflict") if self.seats[agent].supervises else "forbidden"
        if self.asks(lambda: self.agents[agent].takes_over(chat_id), refused=expected) and not already:
            self.becomes(chat, "active", agent)

    @precondition(lambda self: self.chats)
    @rule(agent=AGENTS, number=CHATS)
    def agent_writes(self, agent: int, number: int) -> None:
        chat_id, chat = self.some_chat(number)
        own = chat.owner == agent
        refused = "state_conflict" if chat.state in ("bot", "queued") else None if own else "not_owner"
        if self.asks(lambda: self.agents[agent].says(chat_id), refused=refused) and chat.state == "active":
            chat.silence = "ticking"

    @precondition(lambda self: self.chats)
    @rule(agent=AGENTS, to=AGENTS, number=CHATS, override=st.booleans())
    def agent_hands_on(self, agent: int, to: int, number: int, override: bool) -> None:
        chat_id, chat = self.some_chat(number)
        refused = self.not_theirs(agent, chat)
        if refused is None and to == chat.owner:
            refused = "same_agent"
        if refused is None and (hindrance := self.objection(to)):
            refused = {"not_online": "target_offline", "at_capacity": "target_at_capacity"}[hindrance]
        if override:
            refused = "forbidden" if not self.seats[agent].supervises else None if full(refused) else refused
        if self.asks(lambda: self.agents[agent].hands(chat_id, self.agents[to], override=override), refused=refused):
            self.becomes(chat, "active", to)

    @precondition(lambda self: self.chats)
    @rule(agent=AGENTS, number=CHATS, priority=st.integers(0, 2))
    def supervisor_moves(self, agent: int, number: int, priority: int) -> None:
        chat_id, chat = self.some_chat(number)
        refused = "state_conflict" if chat.state == "ended" else None
        if not self.seats[agent].supervises:
            refused = "forbidden"
        if self.asks(lambda: self.agents[agent].moves(chat_id, priority=priority), refused=refused):
            assert chat_row(chat_id)["priority"] == priority

    @precondition(lambda self: self.chats)
    @rule(agent=AGENTS, number=CHATS)
    def agent_follows_up(self, agent: int, number: int) -> None:
        """The one chat that an agent begins: after an end, unless the customer is in a chat already."""
        chat_id, chat = self.some_chat(number)
        refused = "state_conflict" if chat.state != "ended" else None
        if refused is None and self.open_chat(chat.customer):
            refused = "already_open"
        if self.asks(lambda: self.agents[agent].follows_up(chat_id), refused=refused or self.objection(agent)):
            begun = Chat(chat.customer, "active", agent, bot_owes=False, silence="ticking")
            self.chats[self.customers[chat.customer].chat] = begun

    @precondition(lambda self: self.chats)
    @rule(agent=AGENTS, number=CHATS)
    def agent_returns(self, agent: int, number: int) -> None:
        chat_id, chat = self.some_chat(number)
        if self.asks(lambda: self.agents[agent].returns(chat_id), refused=self.not_theirs(agent, chat)):
            self.becomes(chat, "queued")

    @precondition(lambda self: self.chats)
    @rule(agent=AGENTS, number=CHATS, reason=REASONS)
    def agent_ends(self, agent: int, number: int, reason: str) -> None:
        chat_id, chat = self.some_chat(number)
        refused = self.not_theirs(agent, chat, "active", "escalated")
        if self.seats[agent].supervises and chat.state in ("bot", "queued"):
            refused = None  # by order, whoever's it is
        by_order = chat.owner is None
        if self.asks(lambda: self.agents[agent].ends(chat_id, reason, "as agreed"), refused=refused):
            self.becomes(chat, "ended")
            if reason == "time_waster" or by_order:
                self.left_by[chat.customer] = None

    def not_theirs(self, agent: int, chat: Chat, *states: str) -> str | None:
        if chat.state not in (states or ("active",)):
            return "state_conflict"
        return None if chat.owner == agent or self.seats[agent].supervises else "not_owner"

    # --- escalations ---

    @precondition(lambda self: self.chats)
    @rule(agent=AGENTS, to=st.integers(0, 3), number=CHATS)
    def agent_escalates(self, agent: int, to: int, number: int) -> None:
        chat_id, chat = self.some_chat(number)
        refused = self.not_theirs(agent, chat)
        if refused is None and to < 3:
            if to in (chat.owner, agent):
                refused = "same_agent"
            elif hindrance := self.objection(to):
                refused = {"not_online": "target_offline", "at_capacity": "target_at_capacity"}[hindrance]
        elif refused is None and not self.takers(chat):
            refused = "no_agents"
        target = self.agents[to] if to < 3 else self.team
        if self.asks(lambda: self.agents[agent].escalates(chat_id, target), refused=refused):
            self.becomes(chat, "escalated", chat.owner)
            chat.offered_to, chat.accepted_by = to if to < 3 else None, None

    def takers(self, chat: Chat) -> list[int]:
        """Of the team, who could take it now and has not declined."""
        return [each for each in range(3) if each != chat.owner and each not in chat.declined and self.has_room(each)]

    def not_offered(self, agent: int, chat: Chat) -> str | None:
        if chat.state != "escalated":
            return "offer_closed"
        if agent == chat.owner:
            return "own_escalation"
        return None if chat.offered_to in (None, agent) else "not_target"

    @precondition(lambda self: self.chats)
    @rule(agent=AGENTS, number=CHATS)
    def agent_accepts(self, agent: int, number: int) -> None:
        chat_id, chat = self.some_chat(number)
        refused = self.not_offered(agent, chat)
        again = chat.state == "active" and chat.owner == agent and chat.accepted_by == agent
        if chat.state != "escalated" and chat.accepted_by is not None:
            refused = None if again else "already_taken"
        elif refused is None:
            kept = chat.offered_to == agent
            refused = self.objection(agent) if not kept else None if self.seats[agent].available else "not_online"
        if self.asks(lambda: self.agents[agent].accepts(chat_id), refused=refused) and not again:
            self.becomes(chat, "active", agent)
            chat.accepted_by = agent

    @precondition(lambda self: self.chats)
    @rule(agent=AGENTS, number=CHATS)
    def agent_rejects(self, agent: int, number: int) -> None:
        chat_id, chat = self.some_chat(number)
        if self.asks(lambda: self.agents[agent].rejects(chat_id), refused=self.not_offered(agent, chat)):
            chat.declined.add(agent)
            if chat.offered_to is not None or not self.takers(chat):
                self.falls_through(chat)

    @precondition(lambda self: self.chats)
    @rule(agent=AGENTS, number=CHATS)
    def agent_cancels(self, agent: int, number: int) -> None:
        chat_id, chat = self.some_chat(number)
        refused = self.not_theirs(agent, chat, "escalated")
        refused = "offer_closed" if refused == "state_conflict" else refused
        if self.asks(lambda: self.agents[agent].cancels(chat_id), refused=refused):
            self.becomes(chat, "active", chat.owner)

    @precondition(lambda self: self.chats)
    @rule(number=CHATS)
    def nobody_takes_what_is_offered(self, number: int) -> None:
        chat_id, chat = self.some_chat(number)
        if chat.state == "escalated":
            run(
                "update escalation set due_at = clock_timestamp(), place = 1 where chat_id = %s and state = 'pending'",
                (chat_id,),
            )
            let_fall_due(chat_id, "offer")
            timekeeping.fire_due()
            self.falls_through(chat)

    @rule(agent=AGENTS, status=st.sampled_from(["online", "away", "offline"]))
    def agent_chooses(self, agent: int, status: str) -> None:
        self.agents[agent].chooses(status)
        self.seats[agent].chosen = status
        offer_course.sweep_absent()
        self.drops_out(agent)

    @rule(agent=AGENTS)
    def agent_opens_a_screen(self, agent: int) -> None:
        self.agents[agent].opens_screen()
        self.seats[agent].there = True

    @rule(on=st.booleans(), policy=st.sampled_from(["least_loaded", "round_robin"]))
    def supervisor_decides_how_chats_are_given(self, on: bool, policy: str) -> None:
        desk.change_settings(self.agents[2].viewer, auto_assign=on, assign_policy=policy)
        self.auto_assign = on

    # --- time ---

    @rule(agent=AGENTS)
    def agent_is_gone_for_long(self, agent: int) -> None:
        self.agents[agent].screens_go_dark()
        self.seats[agent].there = False
        presence.sweep()
        self.drops_out(agent)
        for chat_id, chat in self.chats.items():
            if chat.owner == agent:
                let_fall_due(chat_id, "owner_gone")
                if chat.state == "escalated":
                    chat.owner_left = True
                else:
                    self.becomes(chat, "queued")
        timekeeping.fire_due()

    @precondition(lambda self: self.chats)
    @rule(number=CHATS)
    def nothing_happens_for_long(self, number: int) -> None:
        chat_id, chat = self.some_chat(number)
        if chat.owner is not None and (not self.seats[chat.owner].there or self.seats[chat.owner].chosen == "offline"):
            return  # that is another story: `agent_is_gone_for_long`
        match chat.state, chat.silence:
            case "bot", _:
                if chat.bot_owes:
                    let_fall_due(chat_id, "bot_silent")
                    self.becomes(chat, "queued")
                else:
                    passes(chat_id, 901)
                    self.becomes(chat, "ended")
            case "queued", _ if not chat.by_email:
                let_fall_due(chat_id, "queue_max")
                self.becomes(chat, "ended")
            case "active", "ticking":
                passes(chat_id, 301)
                chat.silence = "asked"
            case "active", "asked":
                passes(chat_id, 301)
                self.becomes(chat, "ended")
        timekeeping.fire_due()

    @rule()
    def desk_gives_out_who_waits(self) -> None:
        waiting = [chat_id for chat_id, chat in self.chats.items() if chat.state == "queued"]
        assignment.sweep()
        for chat_id in waiting:
            row = chat_row(chat_id)
            if row["state"] == "active":
                (owner,) = [place for place, each in enumerate(self.agents) if each.id == row["owner_id"]]
                assert self.auto_assign
                assert self.has_room(owner)
                self.becomes(self.chats[chat_id], "active", owner)
        still_waiting = any(chat.state == "queued" for chat in self.chats.values())
        assert not (self.auto_assign and still_waiting and any(map(self.has_room, range(3))))

    # --- a shortcut to where chance seldom leads ---

    @rule(customer=CUSTOMERS, agent=AGENTS, reason=REASONS)
    def visit_is_answered_by_one_agent(self, customer: int, agent: int, reason: str) -> None:
        self.customer_writes(customer)
        self.customer_asks_for_a_person(customer)
        number = sorted(self.chats).index(self.customers[customer].chat)
        self.agent_picks(agent, number)
        self.agent_writes(agent, number)
        self.agent_ends(agent, number, reason)

    @rule(customer=CUSTOMERS, agent=AGENTS, to=st.integers(0, 3))
    def visit_is_passed_on(self, customer: int, agent: int, to: int) -> None:
        self.customer_writes(customer)
        self.customer_asks_for_a_person(customer)
        number = sorted(self.chats).index(self.customers[customer].chat)
        self.agent_picks(agent, number)
        self.agent_escalates(agent, to, number)

    # --- what must hold after every step ---

    @invariant()
    def model_and_desk_agree(self) -> None:
        if not hasattr(self, "chats"):
            return
        number_of = {each.id: place for place, each in enumerate(self.agents)}
        stored = rows("select id, state, owner_id from chat order by id")
        assert [(each["id"], each["state"], number_of.get(each["owner_id"])) for each in stored] == [
            (chat_id, chat.state, chat.owner) for chat_id, chat in sorted(self.chats.items())
        ]

    def teardown(self) -> None:
        if hasattr(self, "chats"):
            assert_all_hold()


@pytest.mark.timeout(400)  # a walk that fails is first made short
def test_model_and_desk_agree_wherever_the_walk_leads(wiper: Wiper) -> None:
    class Here(Walk):
        pass

    Here.wiper = wiper
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
